import { sha256 } from '../../codec/sha256.ts'

/** A digest is four words of 64 bits, and a last one of SipHash has its length. */
const DIGEST_BYTES = 32
const WORDS = DIGEST_BYTES / 4

/** SipHash-2-4: two rounds for each word of 64 bits, and four at the end. */
const WORD_ROUNDS = 2 * (WORDS / 2 + 1)
const ROUNDS: number = WORD_ROUNDS + 4

/**
 * SipHash-2-4 of digests of 32 bytes, under one key of 16 bytes. It gives the lowest 48 bits of the hash, as two numbers: a node takes
 * the hashes of all transactions that it has, so nothing is made for each.
 *
 * 64 bits are two halves of 32 here. A bigint for each would take fifty times as long.
 */
export class SipHash {
  /** Bits 0 to 31 of the last hash. */
  low = 0
  /** Bits 32 to 47 of it. */
  high = 0
  readonly #key: Int32Array
  /** The words of the digest, and its length. */
  readonly #words = new Int32Array(WORDS + 2)

  constructor (key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 16)
    this.#key = Int32Array.from({ length: 4 }, (_, index) => view.getInt32(4 * index, true))
    this.#words[WORDS + 1] = DIGEST_BYTES << 24
  }

  /** Takes the hash of a digest. */
  digest (digest: Uint8Array): void {
    for (let word = 0, at = 0; word < WORDS; word++, at += 4) {
      this.#words[word] = digest[at]! | digest[at + 1]! << 8 | digest[at + 2]! << 16 | digest[at + 3]! << 24
    }

    this.#run()
  }

  /** Takes the hash of the digest that a key was made of: one character is one byte. */
  digestKey (key: string): void {
    for (let word = 0, at = 0; word < WORDS; word++, at += 4) {
      this.#words[word] = key.charCodeAt(at) | key.charCodeAt(at + 1) << 8 | key.charCodeAt(at + 2) << 16 | key.charCodeAt(at + 3) << 24
    }

    this.#run()
  }

  // the names are those of the paper, each word with its low and its high half
  #run (): void {
    const words = this.#words
    const [k0l, k0h, k1l, k1h] = this.#key as unknown as [number, number, number, number]
    let v0l = k0l ^ 0x70736575; let v0h = k0h ^ 0x736f6d65
    let v1l = k1l ^ 0x6e646f6d; let v1h = k1h ^ 0x646f7261
    let v2l = k0l ^ 0x6e657261; let v2h = k0h ^ 0x6c796765
    let v3l = k1l ^ 0x79746573; let v3h = k1h ^ 0x74656462
    let next = 0

    for (let round = 0; round < ROUNDS; round++) {
      const isWord = round < WORD_ROUNDS
      const isFirst = (round & 1) === 0

      if (isWord && isFirst) {
        v3l ^= words[next]!; v3h ^= words[next + 1]!
      }

      // v0 += v1, v1 = v1 <<< 13 ^ v0, v0 <<<= 32
      let low = v0l + v1l | 0
      let high = v0h + v1h + (low >>> 0 < v1l >>> 0 ? 1 : 0) | 0
      let turned = v1l << 13 | v1h >>> 19
      v1h = (v1h << 13 | v1l >>> 19) ^ high; v1l = turned ^ low
      v0l = high; v0h = low
      // v2 += v3, v3 = v3 <<< 16 ^ v2
      v2l = v2l + v3l | 0
      v2h = v2h + v3h + (v2l >>> 0 < v3l >>> 0 ? 1 : 0) | 0
      turned = v3l << 16 | v3h >>> 16
      v3h = (v3h << 16 | v3l >>> 16) ^ v2h; v3l = turned ^ v2l
      // v0 += v3, v3 = v3 <<< 21 ^ v0
      v0l = v0l + v3l | 0
      v0h = v0h + v3h + (v0l >>> 0 < v3l >>> 0 ? 1 : 0) | 0
      turned = v3l << 21 | v3h >>> 11
      v3h = (v3h << 21 | v3l >>> 11) ^ v0h; v3l = turned ^ v0l
      // v2 += v1, v1 = v1 <<< 17 ^ v2, v2 <<<= 32
      low = v2l + v1l | 0
      high = v2h + v1h + (low >>> 0 < v1l >>> 0 ? 1 : 0) | 0
      turned = v1l << 17 | v1h >>> 15
      v1h = (v1h << 17 | v1l >>> 15) ^ high; v1l = turned ^ low
      v2l = high; v2h = low

      if (isWord && !isFirst) {
        v0l ^= words[next]!; v0h ^= words[next + 1]!
        next += 2

        if (next > WORDS) {
          v2l ^= 0xff
        }
      }
    }

    this.low = (v0l ^ v1l ^ v2l ^ v3l) >>> 0
    this.high = (v0h ^ v1h ^ v2h ^ v3h) & 0xffff
  }
}

/** What the short ids of a block of this digest are made with: SipHash under the first 16 bytes of SHA-256(digest, nonce). */
export function shortIdHash (digest: Uint8Array, nonce: bigint): SipHash {
  const keyed = new Uint8Array(digest.byteLength + 8)
  keyed.set(digest)
  new DataView(keyed.buffer).setBigUint64(digest.byteLength, nonce, true)

  return new SipHash(sha256(keyed))
}
