import { hash } from 'node:crypto'

/** SHA-256 by Node.js. `sha256.browser.ts` is the same where there is no Node.js. */
export function sha256 (bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}

/** SHA-256 as a string of 32 characters, one for each byte. */
export function sha256Key (bytes: Uint8Array): string {
  return hash('sha256', bytes, 'binary')
}
