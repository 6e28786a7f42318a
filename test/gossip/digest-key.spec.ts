import assert from 'node:assert/strict'
import { digestKeyOf, digestOf } from '../../src/codec/digest.ts'
import { digestToKey, keysToShortDigests, keyToDigest, shortDigestsToKeys, shortKeyOf } from '../../src/gossip/digest-key.ts'

describe('gossip/digest-key', () => {
  it('gives a digest the key of the item that it is of, and back', () => {
    for (let i = 0; i < 100; i++) {
      const item = Buffer.from(String(i))

      assert.equal(digestToKey(digestOf(item)), digestKeyOf(item))
      assert.deepEqual(Buffer.from(keyToDigest(digestKeyOf(item))), Buffer.from(digestOf(item)))
    }
  })

  it('gives short digests their keys, which are the beginnings of those of the digests, and back', () => {
    const items = Array.from({ length: 100 }, (_, i) => Buffer.from(String(i)))
    const keys = items.map(digestKeyOf)
    const short = Buffer.concat(items.map((item) => digestOf(item).subarray(0, 16)))

    assert.deepEqual(shortDigestsToKeys(short), keys.map(shortKeyOf))
    assert.deepEqual(Buffer.from(keysToShortDigests(keys)), short)
    assert.deepEqual(Buffer.from(keysToShortDigests(keys.map(shortKeyOf))), short)
    assert.deepEqual(keys.map(shortKeyOf).map(shortKeyOf), keys.map((key) => key.slice(0, 16)))
    assert.deepEqual(shortDigestsToKeys(new Uint8Array(0)), [])
  })
})
