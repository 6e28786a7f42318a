/** The polynomial of CRC-32C, its bits reversed. */
const POLYNOMIAL = 0x82f63b78

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte

  for (let bit = 0; bit < 8; bit++) {
    crc = (crc & 1) === 0 ? crc >>> 1 : crc >>> 1 ^ POLYNOMIAL
  }

  return crc
})

/** The CRC-32C of the bytes from `start` to `end`, `end` not included. */
export function crc32c (bytes: Uint8Array, start: number, end: number): number {
  let crc = -1

  for (let i = start; i < end; i++) {
    crc = TABLE[(crc ^ bytes[i]!) & 0xff]! ^ crc >>> 8
  }

  return ~crc >>> 0
}
