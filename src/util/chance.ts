/**
 * Chance as the network sees it. Every draw comes from here, so that a simulation draws the same again. Keys do not come from here.
 */
export interface Chance {
  /** A number from 0 to less than 1. No secret: a peer may guess the next one. */
  readonly random: () => number
  /** Fills `words` with random bits, which no peer can guess. Returns `words`. */
  readonly fill: <Words extends Uint8Array | Uint32Array | BigUint64Array>(words: Words) => Words
}

/** The machine's chance. */
export const systemChance: Chance = {
  random: () => Math.random(),
  fill: (words) => crypto.getRandomValues(words as Uint8Array<ArrayBuffer>) as typeof words
}

/** Numbers below this have 32 bits. */
const WORD: number = 2 ** 32

/**
 * Chance that draws the same for the same seed, in every process and on every machine. It is no secret: whoever knows the seed knows all
 * draws. So it is for simulations and tests alone.
 */
export function seededChance (seed: string | number): Chance {
  const next = xoshiro128(seedWords(String(seed)))

  return {
    random: () => next() / WORD,
    fill: (words) => {
      const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

      for (let at = 0; at < bytes.length; at++) {
        bytes[at] = next() >>> 24
      }

      return words
    }
  }
}

/** Four words that depend on each character of a seed: FNV-1a with another beginning for each, and the last steps of MurmurHash3. */
function seedWords (seed: string): Uint32Array {
  return Uint32Array.from([0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35], (start) => {
    let hash = start

    for (let at = 0; at < seed.length; at++) {
      hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193)
    }

    hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b)
    hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35)

    return hash ^ hash >>> 16
  })
}

/** The generator xoshiro128** of Blackman and Vigna: words of 32 bits. */
function xoshiro128 (state: Uint32Array): () => number {
  let [a = 0, b = 0, c = 0, d = 0] = state

  return () => {
    const product = Math.imul(b, 5)
    const result = Math.imul(product << 7 | product >>> 25, 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = d << 11 | d >>> 21

    return result
  }
}
