/** A uint64 as protobufjs has it: a plain number where it was absent, else two unsigned halves. */
export type WireUint64 = number | { low: number, high: number, unsigned: boolean }

const MAX_SAFE_HIGH = 0x1fffff
const MAX_SAFE_INTEGER = BigInt(Number.MAX_SAFE_INTEGER)

/** The value as a number. Throws where a number could not hold it exactly. */
export function uint64ToNumber (value: WireUint64, field: string): number {
  if (typeof value === 'number') {
    return value
  }

  const high = value.high >>> 0

  if (high > MAX_SAFE_HIGH) {
    throw new RangeError(`Expected \`${field}\` to be at most 2^53 - 1`)
  }

  return high * 0x100000000 + (value.low >>> 0)
}

/** The value as a bigint. */
export function uint64ToBigint (value: WireUint64): bigint {
  if (typeof value === 'number') {
    return BigInt(value)
  }

  const high = value.high >>> 0

  // most values are small, and numbers are quicker
  if (high <= MAX_SAFE_HIGH) {
    return BigInt(high * 0x100000000 + (value.low >>> 0))
  }

  return (BigInt(high) << 32n) | BigInt(value.low >>> 0)
}

/** A bigint from 0 to 2^64 - 1 as protobufjs takes it. */
export function bigintToUint64 (value: bigint): Exclude<WireUint64, number> {
  if (value <= MAX_SAFE_INTEGER) {
    const number = Number(value)

    return { low: number | 0, high: Math.floor(number / 0x100000000) | 0, unsigned: true }
  }

  return { low: Number(value & 0xffffffffn) | 0, high: Number(value >> 32n) | 0, unsigned: true }
}
