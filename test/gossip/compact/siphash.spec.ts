import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { SipHash, shortIdHash } from '../../../src/gossip/compact/siphash.ts'
import { digestToKey } from '../../../src/gossip/digest-key.ts'

const MASK = 2n ** 64n - 1n
const KEY = Uint8Array.from({ length: 16 }, (_, index) => index)

/** The hashes of the first 64 messages 00, 00 01, 00 01 02 and so on under the key above, as the authors of SipHash publish them. */
const PUBLISHED: [length: number, hash: bigint][] = [
  [0, 0x726fdb47dd0e0e31n], [1, 0x74f839c593dc67fdn], [2, 0x0d6c8009d9a94f5an], [3, 0x85676696d7fb7e2dn], [7, 0xab0200f58b01d137n],
  [8, 0x93f5f5799a932462n], [15, 0xa129ca6149be45e5n], [16, 0x3f2acc7f57c29bdbn], [31, 0x32d892fad841c342n],
  [32, 0x7127512f72f27ccen], [63, 0x958a324ceb064572n]
]

function littleEndian (bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum << 8n | BigInt(byte), 0n)
}

const turn = (value: bigint, bits: bigint): bigint => (value << bits | value >> (64n - bits)) & MASK

/** SipHash-2-4 as its paper has it, for messages of any length. */
function sipHash (key: Uint8Array, message: Uint8Array): bigint {
  const k0 = littleEndian(key.subarray(0, 8))
  const k1 = littleEndian(key.subarray(8, 16))
  let [v0, v1, v2, v3] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn, k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n]
  const round = (): void => {
    v0 = v0 + v1 & MASK; v1 = turn(v1, 13n) ^ v0; v0 = turn(v0, 32n)
    v2 = v2 + v3 & MASK; v3 = turn(v3, 16n) ^ v2
    v0 = v0 + v3 & MASK; v3 = turn(v3, 21n) ^ v0
    v2 = v2 + v1 & MASK; v1 = turn(v1, 17n) ^ v2; v2 = turn(v2, 32n)
  }
  const padded = new Uint8Array(8 * (Math.floor(message.length / 8) + 1))
  padded.set(message)
  padded[padded.length - 1] = message.length

  for (let at = 0; at < padded.length; at += 8) {
    const word = littleEndian(padded.subarray(at, at + 8))
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  v2 ^= 0xffn
  for (let index = 0; index < 4; index++) { round() }

  return v0 ^ v1 ^ v2 ^ v3
}

/** The lowest 48 bits that ours gives. */
function ours (hash: SipHash, digest: Uint8Array): bigint {
  hash.digest(digest)

  return BigInt(hash.low) | BigInt(hash.high) << 32n
}

const LOW = 2n ** 48n - 1n

describe('gossip/compact/siphash', () => {
  for (const [length, hash] of PUBLISHED) {
    it(`is compared with a hash that gives what is published for ${length} bytes`, () => {
      assert.equal(sipHash(KEY, Uint8Array.from({ length }, (_, index) => index)), hash)
    })
  }

  it('gives what is published for 32 bytes', () => {
    assert.equal(ours(new SipHash(KEY), Uint8Array.from({ length: 32 }, (_, index) => index)), 0x7127512f72f27ccen & LOW)
  })

  const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })

  it('gives what the paper says for any digest and any key, one after the other', () => {
    fc.assert(fc.property(bytes(16), fc.array(bytes(32), { minLength: 1, maxLength: 5 }), (key, digests) => {
      const hash = new SipHash(key)

      for (const digest of digests) {
        assert.equal(ours(hash, digest), sipHash(key, digest) & LOW)
      }
    }), { numRuns: 2000 })
  })

  it('gives the same for the key of a digest', () => {
    fc.assert(fc.property(bytes(32), (digest) => {
      const hash = new SipHash(KEY)
      const expected = ours(hash, digest)
      hash.digestKey(digestToKey(digest))
      assert.equal(BigInt(hash.low) | BigInt(hash.high) << 32n, expected)
    }))
  })

  it('is keyed with the first 16 bytes of SHA-256 of the digest and the nonce, the lowest byte first', () => {
    const digest = new Uint8Array(32).fill(7)
    const key = createHash('sha256').update(digest).update(Buffer.from('0807060504030201', 'hex')).digest()

    assert.equal(ours(shortIdHash(digest, 0x0102030405060708n), digest), sipHash(key.subarray(0, 16), digest) & LOW)
  })
})
