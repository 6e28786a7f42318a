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
    const [k0l = 0, k0h = 0, k1l = 0, k1h = 0] = this.#key
    let v0l = k0l ^ 0x70736575; let v0h = k0h ^ 0x736f6d65
    let v1l = k1l ^ 0x6e646f6d; let v1h = k1h ^ 0x646f7261
    let v2l = k0l ^ 0x6e657261; let v2h = k0h ^ 0x6c796765
    let v3l = k1l ^ 0x79746573; let v3h = k1h ^ 0x74656462
    let wordl = 0
    let wordh = 0

    for (let round = 0; round < ROUNDS; round++) {
      // each word is in two rounds, and the last four have none
      if (round < WORD_ROUNDS && (round & 1) === 0) {
        v0l ^= wordl; v0h ^= wordh
        wordl = words[round]!; wordh = words[round + 1]!
        v3l ^= wordl; v3h ^= wordh
      } else if (round === WORD_ROUNDS) {
        v0l ^= wordl; v0h ^= wordh
        v2l ^= 0xff
      }

      // v0 += v1, v1 = v1 <<< 13 ^ v0, v0 <<<= 32
      const sum0l = v0l + v1l | 0
      const sum0h = v0h + v1h + (sum0l >>> 0 < v1l >>> 0 ? 1 : 0) | 0
      const turned1l = (v1l << 13 | v1h >>> 19) ^ sum0l
      v1h = (v1h << 13 | v1l >>> 19) ^ sum0h; v1l = turned1l
      // v2 += v3, v3 = v3 <<< 16 ^ v2
      v2l = v2l + v3l | 0
      v2h = v2h + v3h + (v2l >>> 0 < v3l >>> 0 ? 1 : 0) | 0
      const turned3l = (v3l << 16 | v3h >>> 16) ^ v2l
      v3h = (v3h << 16 | v3l >>> 16) ^ v2h; v3l = turned3l
      // v0 += v3, v3 = v3 <<< 21 ^ v0: its halves have changed places
      v0l = sum0h + v3l | 0
      v0h = sum0l + v3h + (v0l >>> 0 < v3l >>> 0 ? 1 : 0) | 0
      const again3l = (v3l << 21 | v3h >>> 11) ^ v0l
      v3h = (v3h << 21 | v3l >>> 11) ^ v0h; v3l = again3l
      // v2 += v1, v1 = v1 <<< 17 ^ v2, v2 <<<= 32
      const sum2l = v2l + v1l | 0
      const sum2h = v2h + v1h + (sum2l >>> 0 < v1l >>> 0 ? 1 : 0) | 0
      const again1l = (v1l << 17 | v1h >>> 15) ^ sum2l
      v1h = (v1h << 17 | v1l >>> 15) ^ sum2h; v1l = again1l
      v2l = sum2h; v2h = sum2l
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
