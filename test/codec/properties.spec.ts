import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { block, message, MESSAGE_OF, requestId, transaction } from '../support/arbitraries.ts'
import { readFrames } from '../support/read-frames.ts'
import { checkMessage } from '../../src/codec/check.ts'
import { readEnvelope, writeEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeBlock, encodeTransaction, readItem, readRange, writeItem, writeRange } from '../../src/codec/items/items.ts'
import { decodeMessage, encodeMessage } from '../../src/codec/message.ts'
import { FEATURES } from '../../src/types/features.ts'
import type { WireMessage } from '../../src/types/message.ts'

const RUNS = { numRuns: 300 }

/** As it comes from a stream: in plain memory. */
function encoded (...args: Parameters<typeof encodeMessage>): Uint8Array {
  return new Uint8Array(encodeMessage(...args))
}

/** Decodes what may be anything: to a valid message, or to none, or the property does not hold. */
function decodeAnything (bytes: Uint8Array): WireMessage | undefined {
  try {
    const { message, requestId } = decodeMessage(bytes, FEATURES)

    if (message != null) {
      checkMessage(message)
      assert.deepEqual(decodeMessage(encoded(message, requestId), FEATURES), { message, requestId })
    }

    return message
  } catch (err) {
    assert.equal((err as Error).name, 'DecodeError', String(err))

    return undefined
  }
}

/** `bytes` in chunks that end at `cuts`. */
function chunked (bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const ends = [...cuts.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength].sort((a, b) => a - b)

  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

describe('codec/properties', () => {
  for (const [type, arbitrary] of Object.entries(MESSAGE_OF)) {
    it(`decodes to what was encoded, for every ${type}`, () => {
      fc.assert(fc.property(arbitrary, requestId, (message, requestId) => {
        assert.deepEqual(decodeMessage(encoded(message, requestId), FEATURES), { message, requestId })
      }), RUNS)
    })
  }

  it('gives the same messages however their bytes are cut into chunks', async () => {
    const messages = fc.array(fc.tuple(message, requestId), { minLength: 1, maxLength: 4 })

    await fc.assert(fc.asyncProperty(messages, fc.array(fc.nat(), { maxLength: 20 }), async (messages, cuts) => {
      const bytes = Buffer.concat(messages.map(([message, requestId]) => encodeFrame(encodeMessage(message, requestId))))
      const chunks = chunked(new Uint8Array(bytes), cuts)

      const list = (start: number, end?: number): Uint8ArrayList => new Uint8ArrayList(...chunks.slice(start, end))

      for (const source of [chunks, [list(0)], [list(0, 2), list(2)]]) {
        const frames = await readFrames(source)

        const decoded = frames.map((frame) => decodeMessage(frame, FEATURES))
        assert.deepEqual(decoded, messages.map(([message, requestId]) => ({ message, requestId })))
      }
    }), RUNS)
  })

  it('gives the same messages when their bytes come one by one', async () => {
    await fc.assert(fc.asyncProperty(message, message, async (first, second) => {
      const bytes = Buffer.concat([first, second].map((message) => encodeFrame(encodeMessage(message))))
      const frames = await readFrames(Array.from(bytes, (byte) => Uint8Array.of(byte)))

      assert.deepEqual(frames.map((frame) => decodeMessage(frame, FEATURES).message), [first, second])
    }), { numRuns: 200 })
  })

  it('gives nothing but a DecodeError for a frame that is cut short', async () => {
    await fc.assert(fc.asyncProperty(message, requestId, fc.nat(), async (message, requestId, size) => {
      const frame = encodeFrame(encodeMessage(message, requestId))
      const part = frame.subarray(0, 1 + size % (frame.byteLength - 1))

      await assert.rejects(readFrames([part]), { name: 'DecodeError' })
    }), RUNS)
  })

  it('gives nothing but a DecodeError for a message that is cut short', () => {
    fc.assert(fc.property(message, requestId, fc.nat(), (message, requestId, size) => {
      const bytes = encoded(message, requestId)

      // the body is the last field: without a part of it there is no message
      assert.equal(decodeAnything(bytes.subarray(0, size % bytes.byteLength)), undefined)
    }), RUNS)
  })

  it('gives a valid message or a DecodeError when a bit is flipped', () => {
    fc.assert(fc.property(message, requestId, fc.nat(), fc.nat({ max: 7 }), (message, requestId, location, bit) => {
      const bytes = encoded(message, requestId)
      bytes[location % bytes.byteLength]! ^= 1 << bit

      decodeAnything(bytes)
    }), { numRuns: 2000 })
  })

  it('gives a valid message or a DecodeError when bytes are replaced, removed or put in', () => {
    const bytes = fc.uint8Array({ maxLength: 8 })

    fc.assert(fc.property(message, fc.nat(), fc.nat({ max: 8 }), bytes, (message, location, removed, inserted) => {
      const whole = encoded(message)
      const start = location % whole.byteLength

      decodeAnything(Uint8Array.from([...whole.subarray(0, start), ...inserted, ...whole.subarray(start + removed)]))
    }), { numRuns: 2000 })
  })

  it('gives a valid message or a DecodeError for random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => { decodeAnything(bytes) }), { numRuns: 2000 })
  })

  it('gives a valid message or a DecodeError for random bytes in the body of each type', () => {
    const types = fc.constantFrom(...Object.keys(MESSAGE_OF) as (keyof typeof MESSAGE_OF)[])

    fc.assert(fc.property(types, fc.uint8Array({ maxLength: 400 }), (type, body) => {
      decodeAnything(new Uint8Array(writeEnvelope(type, body)))
      decodeAnything(new Uint8Array(writeEnvelope(type, writeItem(body))))
    }), { numRuns: 2000 })
  })

  it('gives frames or a DecodeError for random bytes on a stream', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 }), async (chunks) => {
      try {
        const frames = await readFrames(chunks, { maxBytes: () => 100 })
        assert.deepEqual(Buffer.concat(frames.map((frame) => encodeFrame(frame))), Buffer.concat(chunks))
      } catch (err) {
        assert.equal((err as Error).name, 'DecodeError', String(err))
      }
    }), { numRuns: 1000 })
  })

  it('cuts an item out of a message and puts it into another without changing a byte', () => {
    fc.assert(fc.property(block, transaction, requestId, (block, transaction, requestId) => {
      for (const [message, item] of [
        [{ type: 'newBlock', block }, encodeBlock(block)],
        [{ type: 'responseBlock', block }, encodeBlock(block)],
        [{ type: 'newTransaction', transaction }, encodeTransaction(transaction)]
      ] as const) {
        const bytes = encoded(message, requestId)
        const { type, body } = readEnvelope(bytes)
        const cut = readItem(body)!

        assert.deepEqual(cut, new Uint8Array(item))
        assert.deepEqual(new Uint8Array(writeEnvelope(type!, writeItem(cut), requestId)), bytes)
      }
    }), RUNS)
  })

  it('cuts the blocks out of a range and puts them into another without changing a byte', () => {
    fc.assert(fc.property(MESSAGE_OF.responseBlockRange, requestId, (message, requestId) => {
      const bytes = encoded(message, requestId)
      const { items, last } = readRange(readEnvelope(bytes).body)

      assert.deepEqual(items, message.blocks.map((block) => new Uint8Array(encodeBlock(block))))
      assert.deepEqual(new Uint8Array(writeEnvelope('responseBlockRange', writeRange(items, last), requestId)), bytes)
    }), RUNS)
  })
})
