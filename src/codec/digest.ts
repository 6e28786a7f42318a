import { sha256, sha256Key } from './sha256.ts'

/**
 * The digest of a block or transaction: SHA-256 of its encoded bytes, exactly as they came. Another encoding of the same content is another
 * item.
 */
export function digestOf (item: Uint8Array): Uint8Array {
  return sha256(item)
}

/** An item's digest as a key of maps: a string of 32 characters, one for each byte. */
export function digestKeyOf (item: Uint8Array): string {
  return sha256Key(item)
}
