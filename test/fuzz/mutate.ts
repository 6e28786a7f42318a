import type { Random } from './random.ts'

/** Inputs do not become longer than this, in bytes. */
export const MAX_INPUT_BYTES: number = 8 * 1024

/** Ends of what a byte, a varint or a length may be. */
const BYTES = [0, 1, 0x7f, 0x80, 0x81, 0xff]

/** Numbers at the ends of what some type holds. */
export const NUMBERS: readonly bigint[] = [
  0n, 1n, 31n, 32n, 33n, 127n, 128n, 255n, 256n, 511n, 512n, 513n, 16_383n, 16_384n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n,
  2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n
]

/** A number as a varint, which may be longer than it need be, and may be more than 64 bits. */
export function varint (value: bigint, padding = 0): number[] {
  const bytes: number[] = []
  let rest = value

  do {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  } while (rest > 0n)

  for (let i = 0; i < padding; i++) {
    bytes.push(0x80)
  }

  bytes[bytes.length - 1]! &= 0x7f

  return bytes
}

type Mutation = (input: Uint8Array, random: Random, other: Uint8Array) => Uint8Array

function splice (input: Uint8Array, { at, removed, inserted }: { at: number, removed: number, inserted: ArrayLike<number> }): Uint8Array {
  const rest = input.subarray(Math.min(input.byteLength, at + removed))
  const result = new Uint8Array(at + inserted.length + rest.byteLength)
  result.set(input.subarray(0, at))
  result.set(inserted, at)
  result.set(rest, at + inserted.length)

  return result
}

/** The piece somewhere, in place of as much or between what is there. */
function putIn (input: Uint8Array, random: Random, piece: Uint8Array): Uint8Array {
  const removed = random.oneIn(2) ? piece.byteLength : 0

  return splice(input, { at: random.below(input.byteLength + 1), removed, inserted: piece })
}

function changeByte (input: Uint8Array, at: number, value: number): Uint8Array {
  const result = input.slice()
  result[at] = value

  return result
}

const MUTATIONS: readonly Mutation[] = [
  // a bit
  (input, random) => {
    const at = random.below(input.byteLength)
    return changeByte(input, at, input[at]! ^ 1 << random.below(8))
  },
  // a byte
  (input, random) => changeByte(input, random.below(input.byteLength), random.oneIn(2) ? random.pick(BYTES) : random.below(256)),
  // a little more or less
  (input, random) => {
    const at = random.below(input.byteLength)
    return changeByte(input, at, input[at]! + random.pick([-2, -1, 1, 2]))
  },
  // the end is missing
  (input, random) => input.slice(0, random.below(input.byteLength)),
  // a piece is missing
  (input, random) => splice(input, { at: random.below(input.byteLength), removed: 1 + random.below(8), inserted: [] }),
  // a piece too many
  (input, random) => splice(input, { at: random.below(input.byteLength + 1), removed: 0, inserted: random.bytes(1 + random.below(8)) }),
  // another number
  (input, random) => splice(input, {
    at: random.below(input.byteLength),
    removed: random.below(4),
    inserted: varint(random.pick(NUMBERS), random.oneIn(4) ? random.below(9) : 0)
  }),
  // a piece again
  (input, random) => {
    const start = random.below(input.byteLength)
    const piece = input.slice(start, start + 1 + random.below(64))
    return putIn(input, random, piece)
  },
  // a piece of another input
  (input, random, other) => {
    const start = random.below(other.byteLength + 1)
    const piece = other.slice(start, start + 1 + random.below(128))
    return putIn(input, random, piece)
  },
  // the rest of another input
  (input, random, other) => splice(input.slice(0, random.below(input.byteLength + 1)), {
    at: 0, removed: 0, inserted: other.slice(random.below(other.byteLength + 1))
  })
]

/** The input with one thing changed, wherever that is. `other` is another input to take from. */
export function mutateBytes (input: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  const result = input.byteLength === 0 ? random.bytes(1 + random.below(16)) : random.pick(MUTATIONS)(input, random, other)

  return result.byteLength > MAX_INPUT_BYTES ? result.slice(0, MAX_INPUT_BYTES) : result
}
