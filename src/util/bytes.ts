/** Whether two pieces of memory hold the same bytes. Not for secrets: it ends at the first byte that differs. */
export function bytesEqual (a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.byteLength; i++) {
    if (a[i] !== b[i]) {
      return false
    }
  }

  return a.byteLength === b.byteLength
}

/** Bytes in hexadecimal. */
export function bytesToHex (bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Negative, zero or positive as `a` sorts before, with or after `b`. */
export function compareBytes (a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.byteLength, b.byteLength)

  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) {
      return a[i]! - b[i]!
    }
  }

  return a.byteLength - b.byteLength
}
