/** No length of a field takes more bytes. */
const MAX_LENGTH_BYTES = 5

/**
 * Where the content of a field of bytes begins, in a message that has this field alone. The tag is the first byte. 0 where more follows the
 * field, the content is empty, or its length is not one.
 */
export function contentStart (bytes: Uint8Array): number {
  const end = Math.min(bytes.byteLength, 1 + MAX_LENGTH_BYTES)
  let length = 0

  for (let at = 1, unit = 1; at < end; at++, unit *= 0x80) {
    const byte = bytes[at]!
    length += (byte & 0x7f) * unit

    if (byte < 0x80) {
      return length > 0 && at + 1 + length === bytes.byteLength ? at + 1 : 0
    }
  }

  return 0
}
