import { SHORT_DIGEST_BYTES } from '../codec/limits.ts'

/** The key of a digest that came in a message: the same that `digestKeyOf` gives for the item. */
export function digestToKey (digest: Uint8Array): string {
  // up to 512 in a message: spread, they would take four times as long
  return String.fromCharCode.apply(null, digest as unknown as number[])
}

/** The digest that a key was made of. */
export function keyToDigest (key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0))
}

/** Characters of the key of a short digest. */
const SHORT = SHORT_DIGEST_BYTES

/** The key of a short digest: the beginning of the key of the digest. A short key stays as it is. */
export function shortKeyOf (key: string): string {
  return key.length === SHORT ? key : key.slice(0, SHORT)
}

/** The keys of the short digests in a message, which are one after the other. */
export function shortDigestsToKeys (digests: Uint8Array): string[] {
  const keys: string[] = []

  for (let at = 0; at < digests.byteLength; at += SHORT) {
    keys.push(digestToKey(digests.subarray(at, at + SHORT)))
  }

  return keys
}

/** Digests, or short ones, as short digests one after the other. */
export function keysToShortDigests (keys: readonly string[]): Uint8Array {
  const digests = new Uint8Array(SHORT * keys.length)
  let at = 0

  for (const key of keys) {
    for (let character = 0; character < SHORT; character++) {
      digests[at++] = key.charCodeAt(character)
    }
  }

  return digests
}
