import { sha256 } from '../../codec/sha256.ts'

/** A digest is four words of 64 bits, and a last one of SipHash has its length. */
const DIGEST_BYTES = 32
const WORDS = DIGEST_BYTES / 4

/** SipHash-2-4: two rounds for each word of 64 bits, and four at the end. These are as those of two words of zeros. */
const ROUNDS = 2

/** Where the words of the end begin. */
const END_AT: number = WORDS + 2

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
  /** The words of the digest, its length, and those of the end. */
  readonly #words = new Int32Array(WORDS + 6)

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

  // the names are those of the paper, each word with its low and its high half. A carry is what the highest bits say of it: to compare
  // halves takes three times as long, since no processor can foretell what comes of it
  #run (): void {
    const words = this.#words
    const [k0l = 0, k0h = 0, k1l = 0, k1h = 0] = this.#key
    let v0l = k0l ^ 0x70736575; let v0h = k0h ^ 0x736f6d65
    let v1l = k1l ^ 0x6e646f6d; let v1h = k1h ^ 0x646f7261
    let v2l = k0l ^ 0x6e657261; let v2h = k0h ^ 0x6c796765
    let v3l = k1l ^ 0x79746573; let v3h = k1h ^ 0x74656462
    let sum = 0; let high = 0; let turned = 0

    for (let at = 0; at < words.length; at += 2) {
      const wordl = words[at]!; const wordh = words[at + 1]!
      v2l ^= at === END_AT ? 0xff : 0
      v3l ^= wordl; v3h ^= wordh

      for (let round = 0; round < ROUNDS; round++) {
        // v0 += v1, v1 = v1 <<< 13 ^ v0
        sum = v0l + v1l | 0
        v0h = v0h + v1h + ((v0l & v1l | (v0l | v1l) & ~sum) >>> 31) | 0; v0l = sum
        turned = (v1l << 13 | v1h >>> 19) ^ v0l
        v1h = (v1h << 13 | v1l >>> 19) ^ v0h; v1l = turned
        // v2 += v3, v3 = v3 <<< 16 ^ v2
        sum = v2l + v3l | 0
        v2h = v2h + v3h + ((v2l & v3l | (v2l | v3l) & ~sum) >>> 31) | 0; v2l = sum
        turned = (v3l << 16 | v3h >>> 16) ^ v2l
        v3h = (v3h << 16 | v3l >>> 16) ^ v2h; v3l = turned
        // v0 <<<= 32: its halves change places, v0 += v3, v3 = v3 <<< 21 ^ v0
        sum = v0h + v3l | 0
        high = v0l + v3h + ((v0h & v3l | (v0h | v3l) & ~sum) >>> 31) | 0
        v0l = sum; v0h = high
        turned = (v3l << 21 | v3h >>> 11) ^ v0l
        v3h = (v3h << 21 | v3l >>> 11) ^ v0h; v3l = turned
        // v2 += v1, v1 = v1 <<< 17 ^ v2, v2 <<<= 32
        sum = v2l + v1l | 0
        high = v2h + v1h + ((v2l & v1l | (v2l | v1l) & ~sum) >>> 31) | 0
        turned = (v1l << 17 | v1h >>> 15) ^ sum
        v1h = (v1h << 17 | v1l >>> 15) ^ high; v1l = turned
        v2l = high; v2h = sum
      }

      v0l ^= wordl; v0h ^= wordh
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
