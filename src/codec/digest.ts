import { sha256 } from './sha256.ts'

/**
 * What a block or transaction is known by: SHA-256 of its encoded bytes, exactly as they were received.
 * Another encoding of the same content is another item.
 */
export function digestOf (item: Uint8Array): Uint8Array {
  return sha256(item)
}

/** A digest as a key of maps and sets. */
export function digestKey (digest: Uint8Array): string {
  return String.fromCharCode(...digest)
}
