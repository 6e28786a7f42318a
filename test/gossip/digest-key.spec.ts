import assert from 'node:assert/strict'
import { digestKeyOf, digestOf } from '../../src/codec/digest.ts'
import { digestToKey, keyToDigest } from '../../src/gossip/digest-key.ts'

describe('gossip/digest-key', () => {
  it('gives a digest the key of the item that it is of, and back', () => {
    for (let i = 0; i < 100; i++) {
      const item = Buffer.from(String(i))

      assert.equal(digestToKey(digestOf(item)), digestKeyOf(item))
      assert.deepEqual(Buffer.from(keyToDigest(digestKeyOf(item))), Buffer.from(digestOf(item)))
    }
  })
})
