import assert from 'node:assert/strict'
import fc from 'fast-check'
import { writeEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeItemFrame } from '../../src/codec/item-frame.ts'
import { writeItem } from '../../src/codec/items.ts'

describe('encodeItemFrame', () => {
  const types = ['newBlock', 'newTransaction'] as const

  it('is the frame of the message around the item, whatever the size', () => {
    fc.assert(fc.property(fc.constantFrom(...types), fc.integer({ min: 1, max: 70_000 }), (type, bytes) => {
      const item = new Uint8Array(bytes).fill(7)

      assert.deepEqual(
        new Uint8Array(encodeItemFrame(type, item, 100_000)),
        new Uint8Array(encodeFrame(writeEnvelope(type, writeItem(item)), 100_000))
      )
    }), { numRuns: 200 })
  })

  it('refuses a message over the limit, and not one at it', () => {
    const item = new Uint8Array(1000)
    const messageBytes = writeEnvelope('newBlock', writeItem(item)).byteLength

    assert.equal(encodeItemFrame('newBlock', item, messageBytes).byteLength, messageBytes + 2)
    assert.throws(() => encodeItemFrame('newBlock', item, messageBytes - 1), { name: 'EncodeError' })
  })
})
