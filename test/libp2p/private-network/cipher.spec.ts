import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { xsalsa20 } from '@noble/ciphers/salsa.js'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { swarmKeyBytes } from '../../../src/config/swarm-key.ts'
import { DirectionCipher, KEY_STREAM_BYTES } from '../../../src/libp2p/private-network/cipher.ts'

/** What other implementations have made of private networks. */
export interface Vectors {
  connections: { by: string, swarmKey: string, writes: number[], nonce: string, plaintext: string, ciphertext: string }[]
  keyStream: { by: string, key: string, nonce: string, blocks: { first: number, bytes: string }[] }
}

const VECTORS = JSON.parse(readFileSync(new URL('private-network-vectors.json', import.meta.url), 'utf8')) as Vectors

const BLOCK_BYTES = 64
const KEY = new Uint8Array(32).fill(1)
const NONCE = new Uint8Array(24).fill(2)

function bytesOf (hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

function hexOf (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** `bytes` in pieces of these lengths, again and again. */
function * cut (bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  for (let start = 0, i = 0; start < bytes.byteLength; i++) {
    const length = lengths[i % lengths.length]!
    yield bytes.subarray(start, start + length)
    start += length
  }
}

describe('libp2p/private-network/cipher', () => {
  for (const { by, swarmKey, writes, nonce, plaintext, ciphertext } of VECTORS.connections) {
    it(`is that of ${by}, however the bytes are cut`, () => {
      for (const lengths of [writes, [1], [64], [1000], [63, 1, 65]]) {
        const cipher = new DirectionCipher({ key: swarmKeyBytes(swarmKey), nonce: bytesOf(nonce) })
        const parts = [...cut(bytesOf(plaintext), lengths)].map((part) => cipher.apply(part))
        assert.equal(hexOf(Buffer.concat(parts)), ciphertext, String(lengths))
      }
    })
  }

  for (const { first, bytes } of VECTORS.keyStream.blocks) {
    it(`is that of ${VECTORS.keyStream.by} from block ${first} on`, () => {
      const { key, nonce } = VECTORS.keyStream
      const init = { key: bytesOf(key), nonce: bytesOf(nonce) }
      assert.equal(hexOf(new DirectionCipher({ ...init, position: first * BLOCK_BYTES }).apply(new Uint8Array(2 * BLOCK_BYTES))), bytes)

      // within a block, and over its end
      const cipher = new DirectionCipher({ ...init, position: first * BLOCK_BYTES + 60 })
      assert.equal(hexOf(cipher.apply(new Uint8Array(3))) + hexOf(cipher.apply(new Uint8Array(9))), bytes.slice(120, 144))
    })
  }

  it('gives the same bytes however they are cut and held', () => {
    const chunk = fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 4 })

    fc.assert(fc.property(fc.array(chunk, { maxLength: 8 }), fc.nat({ max: 200 }), (chunks, position) => {
      const cipher = new DirectionCipher({ key: KEY, nonce: NONCE, position })
      const encrypted = chunks.map((parts) => cipher.apply(parts.length === 1 ? parts[0]! : new Uint8ArrayList(...parts)))
      const all = Buffer.concat(chunks.flat())
      const expected = xsalsa20(KEY, NONCE, new Uint8Array(Buffer.concat([new Uint8Array(position), all]))).subarray(position)
      assert.equal(hexOf(Buffer.concat(encrypted)), hexOf(expected))
    }))
  })

  it('leaves what it is given as it is, and gives memory of its own', () => {
    const given = new Uint8Array(100).fill(3)
    const [first, second] = [new DirectionCipher({ key: KEY, nonce: NONCE }), new DirectionCipher({ key: KEY, nonce: NONCE })]
    const [a, b] = [first.apply(given), second.apply(given)]
    assert.deepEqual(given, new Uint8Array(100).fill(3))
    assert.deepEqual(a, b)
    assert.equal(new Set([a.buffer, b.buffer, given.buffer]).size, 3)
  })

  it('goes to the end of the key stream and not beyond: then it throws, and has used nothing', () => {
    const cipher = new DirectionCipher({ key: KEY, nonce: NONCE, position: KEY_STREAM_BYTES - 100 })
    assert.throws(() => cipher.apply(new Uint8Array(101)), { name: 'RangeError', message: /ends after 274877906880 bytes/ })
    assert.equal(cipher.apply(new Uint8Array(100)).byteLength, 100)
    assert.equal(cipher.apply(new Uint8Array(0)).byteLength, 0)
    assert.throws(() => cipher.apply(new Uint8Array(1)), { name: 'RangeError' })
  })
})
