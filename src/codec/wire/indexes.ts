import { WireReader } from './reader.ts'
import { broken } from './rule.ts'

const MAX_UINT32 = 0xffffffff

/** Checks the numbers of a packed field: each has 32 bits at most, and is above the one before. Throws a DecodeError. */
export function checkIndexes (name: string, reader: WireReader): void {
  let last = -1

  while (reader.at < reader.end) {
    const value = reader.varint()

    if (value > MAX_UINT32) {
      broken('width', `Expected \`${name}\` to be at most 2^32 - 1`)
    }

    if (value <= last) {
      broken('index', `Expected \`${name}\` to ascend`)
    }

    last = value
  }
}

/** The numbers of a packed field that was checked. */
export function readIndexes (bytes: Uint8Array): number[] {
  const reader = new WireReader(bytes)
  const indexes: number[] = []

  while (reader.at < reader.end) {
    indexes.push(reader.varint())
  }

  return indexes
}
