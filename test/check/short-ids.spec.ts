import assert from 'node:assert/strict'
import fc from 'fast-check'
import { shortIdsOf, sipHash } from '../../src/check/short-ids.ts'
import { shortIdHash } from '../../src/gossip/compact/siphash.ts'
import { writeShortId } from '../../src/gossip/compact/short-ids.ts'

describe('check/short-ids', () => {
  it('have the hash that the authors of SipHash publish', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index)
    assert.equal(sipHash(bytes.subarray(0, 16), bytes), 0x7127512f72f27ccen)
  })

  it('are those of the node, which has another implementation', () => {
    const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const nonces = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(fc.property(digest, nonces, fc.array(digest, { maxLength: 4 }), (block, nonce, digests) => {
      const hash = shortIdHash(block, nonce)
      const expected = new Uint8Array(6 * digests.length)
      digests.forEach((one, number) => {
        hash.digest(one)
        writeShortId(expected, number, hash)
      })
      assert.deepEqual(shortIdsOf(block, nonce, digests), expected)
    }), { numRuns: 200 })
  })
})
