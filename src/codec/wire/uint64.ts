const MAX_SAFE_INTEGER = BigInt(Number.MAX_SAFE_INTEGER)

/** A bigint from 0 to 2^64 - 1 as protobufjs takes it. */
export function bigintToUint64 (value: bigint): { low: number, high: number, unsigned: boolean } {
  if (value <= MAX_SAFE_INTEGER) {
    const number = Number(value)

    return { low: number | 0, high: Math.floor(number / 0x100000000) | 0, unsigned: true }
  }

  return { low: Number(value & 0xffffffffn) | 0, high: Number(value >> 32n) | 0, unsigned: true }
}
