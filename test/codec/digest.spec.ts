import assert from 'node:assert/strict'
import { fromHex } from '../support/read-frames.ts'
import { digestKeyOf, digestOf } from '../../src/codec/digest.ts'
import { decodeTransaction, encodeTransaction } from '../../src/codec/items/items.ts'
import { sha256 as browserSha256, sha256Key as browserSha256Key } from '../../src/codec/sha256.browser.ts'
import { sha256, sha256Key } from '../../src/codec/sha256.ts'
import { sampleHash, sampleTransaction } from '../support/sample.ts'

// FIPS 180-2, appendix B, and the empty message
const KNOWN: [message: string, digest: string][] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1']
]

describe('codec/digest', () => {
  for (const [message, digest] of KNOWN) {
    it(`is the SHA-256 of '${message}'`, () => {
      assert.equal(Buffer.from(digestOf(Buffer.from(message))).toString('hex'), digest)
    })
  }

  it('is the same in the browser', () => {
    for (const size of [0, 1, 31, 32, 55, 56, 63, 64, 65, 119, 120, 1000, 100_000]) {
      const bytes = Uint8Array.from({ length: size }, (_, index) => index * 31 + size)

      assert.ok(Buffer.from(sha256(bytes)).equals(browserSha256(bytes)), `${size} bytes`)
      assert.equal(sha256Key(bytes), browserSha256Key(bytes), `${size} bytes`)
    }
  })

  it('is of the bytes it is given, not of the memory around them', () => {
    const around = Buffer.from('xxabcxx')

    for (const hash of [sha256, browserSha256]) {
      assert.deepEqual(Buffer.from(hash(around.subarray(2, 5))), Buffer.from(hash(Buffer.from('abc'))))
    }
  })

  it('differs between two encodings of the same transaction', () => {
    const bytes = encodeTransaction(sampleTransaction())
    const other = Uint8Array.from([...bytes, ...fromHex('a00601')])

    assert.deepEqual(decodeTransaction(other), decodeTransaction(new Uint8Array(bytes)))
    assert.notEqual(digestKeyOf(other), digestKeyOf(bytes))
  })

  it('has a key with a character for each of its bytes', () => {
    for (let index = 0; index < 100; index++) {
      const item = sampleHash(index)

      assert.equal(digestKeyOf(item), String.fromCharCode(...digestOf(item)))
      assert.equal(digestKeyOf(item).length, 32)
    }
  })
})
