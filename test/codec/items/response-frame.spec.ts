import assert from 'node:assert/strict'
import fc from 'fast-check'
import { requestId } from '../../support/arbitraries.ts'
import { writeEnvelope } from '../../../src/codec/envelope.ts'
import { encodeFrame } from '../../../src/codec/frame.ts'
import { writeItem, writeRange } from '../../../src/codec/items/items.ts'
import { ITEM_OVERHEAD_BYTES } from '../../../src/codec/limits.ts'
import { encodeBlockResponse, encodeRangeResponse, MIN_PIECE_BYTES } from '../../../src/codec/items/response-frame.ts'
import { SendQueue } from '../../../src/session/send/send-queue.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

const MAX_BYTES = 1_000_000
const RUNS = { numRuns: 300 }

/** An item of any size, and often one where its length takes another byte. */
const item = fc.oneof(fc.nat({ max: 70_000 }), fc.nat({ max: 300 }), fc.constantFrom(0, 127, 128, 16_383, 16_384))
  .map((bytes) => new Uint8Array(bytes).fill(bytes))

/** In one piece: large blocks are not copied into the frame. */
const plain = (bytes: Uint8Array | Uint8ArrayList): Uint8Array => new Uint8Array(bytes.subarray())

/** The queue drops a frame with an empty piece: it would be one that was given away. */
function assertTaken (frame: Uint8Array | Uint8ArrayList): void {
  const queue = new SendQueue()
  queue.push('response', frame)
  assert.equal(queue.take(MAX_BYTES).byteLength, frame.byteLength)
}

describe('codec/items/response-frame: encodeBlockResponse', () => {
  it('is sent, also around a large block', () => {
    for (const bytes of [MIN_PIECE_BYTES - 1, MIN_PIECE_BYTES]) {
      assertTaken(encodeBlockResponse(new Uint8Array(bytes), { requestId: 1n, maxBytes: MAX_BYTES }))
    }
  })

  it('is the frame of the message around the block, or around none', () => {
    fc.assert(fc.property(fc.option(item, { nil: undefined }), requestId, (item, requestId) => {
      assert.deepEqual(
        plain(encodeBlockResponse(item, { requestId, maxBytes: MAX_BYTES })),
        plain(encodeFrame(writeEnvelope('responseBlock', writeItem(item), requestId)))
      )
    }), RUNS)
  })

  it('has no request id where it is 0, which is none', () => {
    assert.deepEqual(encodeBlockResponse(undefined, { requestId: 0n, maxBytes: 100 }), Uint8Array.of(2, 0x32, 0))
  })

  it('refuses a block over the limit, and not one at it', () => {
    const block = new Uint8Array(1000)
    const maxBytes = 1000 + ITEM_OVERHEAD_BYTES
    const messageBytes = writeEnvelope('responseBlock', writeItem(block), 5n).byteLength

    assert.equal(encodeBlockResponse(block, { requestId: 5n, maxBytes }).byteLength, messageBytes + 2)
    assert.throws(() => encodeBlockResponse(block, { requestId: 5n, maxBytes: maxBytes - 1 }), { name: 'EncodeError' })
  })
})

describe('codec/items/response-frame: encodeRangeResponse', () => {
  it('is sent, also around large blocks with more to come', () => {
    for (const last of [false, true]) {
      const items = [new Uint8Array(MIN_PIECE_BYTES), new Uint8Array(MIN_PIECE_BYTES)]
      assertTaken(encodeRangeResponse(items, { last, requestId: 1n, maxBytes: MAX_BYTES }))
    }
  })

  it('is the frame of the message around the blocks', () => {
    fc.assert(fc.property(fc.array(item, { maxLength: 10 }), fc.boolean(), requestId, (items, last, requestId) => {
      assert.deepEqual(
        plain(encodeRangeResponse(items, { last, requestId, maxBytes: MAX_BYTES })),
        plain(encodeFrame(writeEnvelope('responseBlockRange', writeRange(items, last), requestId)))
      )
    }), RUNS)
  })

  it('refuses a message over the limit, and not one at it', () => {
    const items = [new Uint8Array(1000), new Uint8Array(1000), new Uint8Array(1000)]
    const messageBytes = writeEnvelope('responseBlockRange', writeRange(items, true), 5n).byteLength
    const init = { last: true, requestId: 5n }

    assert.equal(encodeRangeResponse(items, { ...init, maxBytes: messageBytes }).byteLength, messageBytes + 2)
    assert.throws(() => encodeRangeResponse(items, { ...init, maxBytes: messageBytes - 1 }), { name: 'EncodeError', message: /a message/ })
    assert.throws(() => encodeRangeResponse([new Uint8Array(1001)], { ...init, maxBytes: 1000 + ITEM_OVERHEAD_BYTES }), {
      name: 'EncodeError', message: /a block or transaction of at most 1000/
    })
  })

  it(`has a block of ${MIN_PIECE_BYTES} bytes in it as it is, and a copy of a smaller one`, () => {
    const init = { last: true, requestId: 5n, maxBytes: MAX_BYTES }
    const large = new Uint8Array(MIN_PIECE_BYTES).fill(1)
    const small = new Uint8Array(MIN_PIECE_BYTES - 1).fill(2)
    const frame = encodeRangeResponse([small, large], init)
    assert.ok(!(frame instanceof Uint8Array))
    assert.ok([...frame].some((piece) => piece.buffer === large.buffer))
    assert.ok([...frame].every((piece) => piece.buffer !== small.buffer))
    assert.ok(encodeRangeResponse([small], init) instanceof Uint8Array)
  })
})
