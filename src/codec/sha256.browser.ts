import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/** SHA-256 without Node.js, and without waiting, which the browser's own would need. */
export function sha256 (bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes)
}
