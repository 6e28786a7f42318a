import assert from 'node:assert/strict'
import fc from 'fast-check'
import { writeEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeBroadcast, encodeItemFrame } from '../../src/codec/item-frame.ts'
import { encodeBlock, encodeTransaction, writeItem } from '../../src/codec/items.ts'
import { encodeMessage } from '../../src/codec/message.ts'
import { sampleBlock, sampleTransaction } from '../sample.ts'

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

describe('encodeBroadcast', () => {
  it('gives the item and the frame of its message', () => {
    const block = sampleBlock()
    const transaction = sampleTransaction({ value: 2n ** 64n - 1n, nonce: 0n, gasPrice: 2n ** 53n, gasLimit: 2n ** 53n - 1n })

    for (const [message, item] of [
      [{ type: 'newBlock', block }, encodeBlock(block)], [{ type: 'newTransaction', transaction }, encodeTransaction(transaction)]
    ] as const) {
      const encoded = encodeBroadcast(message, 100_000)
      assert.deepEqual(new Uint8Array(encoded.item), new Uint8Array(item))
      assert.deepEqual(new Uint8Array(encoded.frame), new Uint8Array(encodeFrame(encodeMessage(message))))
    }
  })

  it('refuses a value that does not fit the wire, and a message that is too long', () => {
    const transaction = sampleTransaction({ data: new Uint8Array(1000) })
    const { byteLength } = encodeMessage({ type: 'newTransaction', transaction })

    assert.doesNotThrow(() => encodeBroadcast({ type: 'newTransaction', transaction }, byteLength))
    assert.throws(() => encodeBroadcast({ type: 'newTransaction', transaction }, byteLength - 1), { name: 'EncodeError' })
    assert.throws(() => encodeBroadcast({ type: 'newTransaction', transaction: sampleTransaction({ id: new Uint8Array(31) }) }, 1000), {
      name: 'EncodeError'
    })
  })
})
