import { sha256 } from '../codec/sha256.ts'

// The tester has a SipHash of its own, by the paper: it shows what a node takes for one.

const MASK = 2n ** 64n - 1n

/** Bytes of a short id. */
const SHORT_ID_BYTES = 6

/** The short ids of transactions in the compact form of a block of this digest, one after the other. */
export function shortIdsOf (block: Uint8Array, nonce: bigint, digests: readonly Uint8Array[]): Uint8Array {
  const keyed = new Uint8Array(block.byteLength + 8)
  keyed.set(block)
  new DataView(keyed.buffer).setBigUint64(block.byteLength, nonce, true)
  const key = sha256(keyed)
  const ids = new Uint8Array(SHORT_ID_BYTES * digests.length)

  digests.forEach((digest, index) => {
    const hash = sipHash(key, digest)

    for (let byte = 0; byte < SHORT_ID_BYTES; byte++) {
      ids[SHORT_ID_BYTES * index + byte] = Number(hash >> BigInt(8 * byte) & 0xffn)
    }
  })

  return ids
}

/** SipHash-2-4 of 32 bytes, under the first 16 bytes of a key. */
export function sipHash (key: Uint8Array, digest: Uint8Array): bigint {
  const [k0, k1] = [wordOf(key, 0), wordOf(key, 1)]
  let [v0, v1, v2, v3] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn, k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n]

  const rounds = (count: number): void => {
    for (let round = 0; round < count; round++) {
      v0 = v0 + v1 & MASK; v1 = turn(v1, 13n) ^ v0; v0 = turn(v0, 32n)
      v2 = v2 + v3 & MASK; v3 = turn(v3, 16n) ^ v2
      v0 = v0 + v3 & MASK; v3 = turn(v3, 21n) ^ v0
      v2 = v2 + v1 & MASK; v1 = turn(v1, 17n) ^ v2; v2 = turn(v2, 32n)
    }
  }

  for (const word of [0, 1, 2, 3].map((index) => wordOf(digest, index)).concat(BigInt(digest.byteLength) << 56n)) {
    v3 ^= word
    rounds(2)
    v0 ^= word
  }

  v2 ^= 0xffn
  rounds(4)

  return v0 ^ v1 ^ v2 ^ v3
}

function wordOf (bytes: Uint8Array, index: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8 * index, true)
}

function turn (value: bigint, bits: bigint): bigint {
  return (value << bits | value >> (64n - bits)) & MASK
}
