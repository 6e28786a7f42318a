import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/** SHA-256 without Node.js, and without waiting, which the browser's own would need. */
export function sha256 (bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes)
}

/** SHA-256 as a string of 32 characters, one for each byte. */
export function sha256Key (bytes: Uint8Array): string {
  return String.fromCharCode(...nobleSha256(bytes))
}
