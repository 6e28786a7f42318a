import assert from 'node:assert/strict'
import fc from 'fast-check'
import { writeEnvelope } from '../../../src/codec/envelope.ts'
import { encodeFrame } from '../../../src/codec/frame.ts'
import { encodeBroadcast, encodeItemFrame, MAX_AROUND_BYTES } from '../../../src/codec/items/item-frame.ts'
import { encodeBlock, encodeTransaction, writeItem } from '../../../src/codec/items/items.ts'
import { ITEM_OVERHEAD_BYTES } from '../../../src/codec/limits.ts'
import { encodeMessage } from '../../../src/codec/message.ts'
import { MIN_PIECE_BYTES } from '../../../src/codec/items/response-frame.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/** In one piece: a large item is not copied into the frame. */
const plain = (bytes: Uint8Array | Uint8ArrayList): Uint8Array => new Uint8Array(bytes.subarray())

/** Whether a change of the item would show in its frame. */
function isShared (item: Uint8Array): boolean {
  const frame = encodeItemFrame('newBlock', item, 100_000)
  item[0]!++

  return plain(frame).at(-item.byteLength) === item[0]
}

describe('codec/items/item-frame: encodeItemFrame', () => {
  const types = ['newBlock', 'newTransaction'] as const

  it('is the frame of the message around the item, whatever the size', () => {
    fc.assert(fc.property(fc.constantFrom(...types), fc.integer({ min: 1, max: 70_000 }), (type, bytes) => {
      const item = new Uint8Array(bytes).fill(7)

      assert.deepEqual(
        plain(encodeItemFrame(type, item, 100_000)),
        new Uint8Array(encodeFrame(writeEnvelope(type, writeItem(item)), 100_000))
      )
    }), { numRuns: 200 })
  })

  for (const [bytes, prefixBytes] of [[1000, 2], [MIN_PIECE_BYTES, 3]] as const) {
    it(`refuses an item over the limit, and not one at it, of ${bytes} bytes`, () => {
      const item = new Uint8Array(bytes)
      const messageBytes = writeEnvelope('newBlock', writeItem(item)).byteLength
      const maxBytes = bytes + ITEM_OVERHEAD_BYTES

      assert.equal(encodeItemFrame('newBlock', item, maxBytes).byteLength, messageBytes + prefixBytes)
      assert.throws(() => encodeItemFrame('newBlock', item, maxBytes - 1), { name: 'EncodeError' })
    })
  }

  it(`has an item of ${MIN_PIECE_BYTES} bytes in it as it is, and a copy of a smaller one`, () => {
    assert.equal(isShared(new Uint8Array(MIN_PIECE_BYTES)), true)
    assert.equal(isShared(new Uint8Array(MIN_PIECE_BYTES - 1)), false)
  })

  it('keeps the memory of an item that it has in it from being given away', () => {
    const item = new Uint8Array(MIN_PIECE_BYTES)
    encodeItemFrame('newBlock', item, 100_000)
    assert.throws(() => structuredClone(item, { transfer: [item.buffer] }), { name: 'DataCloneError' })
    assert.equal(item.byteLength, MIN_PIECE_BYTES)
  })

  it(`copies an item with more than ${MAX_AROUND_BYTES} bytes around it in memory, which would be kept with it`, () => {
    const memory = (around: number): Uint8Array => new Uint8Array(MIN_PIECE_BYTES + around).subarray(around)

    assert.equal(isShared(memory(MAX_AROUND_BYTES)), true)
    assert.equal(isShared(memory(MAX_AROUND_BYTES + 1)), false)
  })
})

describe('codec/items/item-frame: encodeBroadcast', () => {
  it('gives the item and the frame of its message', () => {
    const block = sampleBlock()
    const transaction = sampleTransaction({ value: 2n ** 64n - 1n, nonce: 0n, gasPrice: 2n ** 53n, gasLimit: 2n ** 53n - 1n })

    for (const [message, item] of [
      [{ type: 'newBlock', block }, encodeBlock(block)], [{ type: 'newTransaction', transaction }, encodeTransaction(transaction)]
    ] as const) {
      const encoded = encodeBroadcast(message, 100_000)
      assert.deepEqual(new Uint8Array(encoded.item), new Uint8Array(item))
      assert.deepEqual(plain(encoded.frame), new Uint8Array(encodeFrame(encodeMessage(message))))
    }
  })

  for (const [message, got] of [[null, 'null'], [undefined, 'undefined'], [5, '5'], [{ type: 'ping' }, '"ping"']] as const) {
    it(`refuses ${JSON.stringify(message)}, and says what it is`, () => {
      assert.throws(() => encodeBroadcast(message as never, 1000), {
        name: 'EncodeError', message: `Expected a message of the type newBlock or newTransaction, got ${got}`
      })
    })
  }

  it('refuses a value that does not fit the wire, and an item that is too large', () => {
    const transaction = sampleTransaction({ data: new Uint8Array(1000) })
    const maxBytes = encodeTransaction(transaction).byteLength + ITEM_OVERHEAD_BYTES

    assert.doesNotThrow(() => encodeBroadcast({ type: 'newTransaction', transaction }, maxBytes))
    assert.throws(() => encodeBroadcast({ type: 'newTransaction', transaction }, maxBytes - 1), { name: 'EncodeError' })
    assert.throws(() => encodeBroadcast({ type: 'newTransaction', transaction: sampleTransaction({ id: new Uint8Array(31) }) }, 1000), {
      name: 'EncodeError'
    })
  })
})
