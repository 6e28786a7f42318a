import { MAX_INPUT_BYTES, mutateBytes, NUMBERS, varint } from './mutate.ts'
import type { Random } from './random.ts'

// A byte that is put in anywhere makes the lengths around it wrong, and a decoder looks no further. These mutations keep to the
// form of protobuf and write the lengths anew.

/** A field as it is on the wire; `value` is the bytes of what is not a varint. */
export interface Field {
  number: number
  wireType: number
  value: bigint | Uint8Array
}

/** How many times one field may come to be there. */
const MAX_REPEATS = 600

/** How deep fields are looked for in fields. */
const MAX_DEPTH = 5

const NO_BYTES = new Uint8Array(0)

/** The number of the change that is made to the value of a field. */
const IN_DEPTH = 8

function readVarint (bytes: Uint8Array, start: number): { value: bigint, end: number } | undefined {
  let value = 0n

  for (let at = start; at < bytes.byteLength && at < start + 10; at++) {
    value |= BigInt(bytes[at]! & 0x7f) << BigInt(7 * (at - start))

    if (bytes[at]! < 0x80) {
      return { value, end: at + 1 }
    }
  }

  return undefined
}

/** The fields of a message, or `undefined` where it is none. */
export function parse (bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = []
  let at = 0

  while (at < bytes.byteLength) {
    const tag = readVarint(bytes, at)
    const found = tag == null ? undefined : readValue(bytes, tag.end, Number(tag.value & 7n))

    if (tag == null || found == null) {
      return undefined
    }

    fields.push({ number: Number(tag.value >> 3n), wireType: Number(tag.value & 7n), value: found.value })
    at = found.end
  }

  return fields
}

function readValue (bytes: Uint8Array, start: number, wireType: number): { value: bigint | Uint8Array, end: number } | undefined {
  const fixed = { 1: 8, 5: 4 }[wireType]

  if (wireType === 0) {
    return readVarint(bytes, start)
  }

  const length = fixed == null ? readVarint(bytes, start) : { value: BigInt(fixed), end: start }
  const end = length == null ? Infinity : length.end + Number(length.value)

  return length == null || end > bytes.byteLength || (fixed == null && wireType !== 2)
    ? undefined
    : { value: bytes.slice(length.end, end), end }
}

/** The bytes of fields. With `random` a tag or length is longer than it need be, now and then. */
export function serialise (fields: readonly Field[], random?: Random): Uint8Array {
  const padding = (times: number, most: number): number => random?.oneIn(times) === true ? random.below(most) : 0

  const parts = fields.flatMap(({ number, wireType, value }) => {
    const tag = varint(BigInt(number) << 3n | BigInt(wireType), padding(200, 6))

    if (typeof value === 'bigint') {
      return [Uint8Array.from([...tag, ...varint(value, padding(50, 10))])]
    }

    const length = wireType === 2 ? varint(BigInt(value.byteLength), padding(50, 6)) : []

    return [Uint8Array.from([...tag, ...length]), value]
  })

  return new Uint8Array(Buffer.concat(parts))
}

function mutateValue (field: Field, { random, other, depth }: { random: Random, other: Uint8Array, depth: number }): Field {
  if (typeof field.value === 'bigint') {
    const value = random.oneIn(2) ? random.pick(NUMBERS) : BigInt.asUintN(64, field.value + BigInt(random.below(5) - 2))

    return { ...field, value }
  }

  const value = depth < MAX_DEPTH
    ? mutateFields(field.value, random, other, depth + 1)
    : mutateBytes(field.value, random, other)

  // what is of a fixed size stays so
  return field.wireType === 2 ? { ...field, value } : field
}

function isMessage ({ value }: Field, depth: number): boolean {
  return depth < MAX_DEPTH && typeof value !== 'bigint' && value.byteLength > 0 && parse(value) != null
}

/** The message with one field changed, somewhere; as {@link mutateBytes} where it has no fields, and now and then. */
export function mutateFields (input: Uint8Array, random: Random, other: Uint8Array, depth = 0): Uint8Array {
  const fields = depth === 0 && random.oneIn(3) ? undefined : parse(input)

  if (fields == null || fields.length === 0) {
    return mutateBytes(input, random, other)
  }

  const at = random.below(fields.length)
  const field = fields[at]!
  const strangers = parse(other) ?? []

  switch (isMessage(field, depth) && !random.oneIn(4) ? IN_DEPTH : random.below(IN_DEPTH + 1)) {
    case 0:
      fields.splice(at, 1)
      break
    case 1:
      fields.splice(random.below(fields.length + 1), 0, field)
      break
    case 2:
      fields.splice(at, 1)
      fields.splice(random.below(fields.length + 1), 0, field)
      break
    case 3:
      fields[at] = { ...field, number: random.oneIn(8) ? Number(random.pick(NUMBERS) & 0x1fffffffn) : random.below(16) }
      break
    case 4:
      fields.splice(at, 0, ...Array.from({ length: random.pick([2, 3, 16, 17, 512, 513, MAX_REPEATS]) }, () => field))
      break
    case 5:
      fields.splice(at, 0, random.oneIn(2)
        ? { number: random.below(16), wireType: 0, value: random.pick(NUMBERS) }
        : { number: random.below(16), wireType: 2, value: random.bytes(random.pick([0, 1, 31, 32, 33])) })
      break
    case 6:
      // a group, which is how unknown fields of old were written
      fields.splice(at, 1, { number: 100, wireType: 3, value: NO_BYTES }, field, { number: 100, wireType: 4, value: NO_BYTES })
      break
    case 7:
      fields.splice(at, 0, ...strangers.slice(0, 8))
      break
    case IN_DEPTH:
      fields[at] = mutateValue(field, { random, other, depth })
  }

  const result = serialise(fields, random)

  return result.byteLength > MAX_INPUT_BYTES ? input : result
}
