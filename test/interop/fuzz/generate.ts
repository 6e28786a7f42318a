import { varint } from '../../fuzz/mutate.ts'
import { BLOCK, BODIES, BODY_FIELDS, ENVELOPE, FORK_ID, NODE_INFO, PEER_ADDRESS, PREFILLED, TRANSACTION } from '../../../src/codec/wire/schema.ts'
import type { Random } from '../../fuzz/random.ts'
import type { FieldRule, MessageSchema } from '../../../src/codec/wire/schema.ts'
import type { MessageType } from '../../../src/types/message.ts'

// Messages by the grammar of docs/protocol.md, with a few rules broken at the ends of what they allow.

type Bytes = readonly Uint8Array[]

/** What a message is made with: `breaks` is how many rules may still be broken. */
interface Maker { random: Random, breaks: number }

const TYPES = Object.keys(BODY_FIELDS) as MessageType[]

/** What is in the bytes of a field that the schema does not look into. */
const PARTS: Partial<Record<MessageType, MessageSchema>> = {
  handshake: NODE_INFO, newBlock: BLOCK, newTransaction: TRANSACTION, responseBlock: BLOCK, responseBlockRange: BLOCK,
  compactBlock: PREFILLED, responsePeers: PEER_ADDRESS
}

const ENDS: Record<string, readonly bigint[]> = {
  uint64: [0n, 1n, 127n, 128n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n],
  safe: [0n, 1n, 300n, 2n ** 32n, 2n ** 53n - 1n],
  uint32: [0n, 1n, 2n ** 31n, 2n ** 32n - 1n],
  enum: [0n, 1n, 10n, 11n, 2n ** 31n - 1n, 2n ** 64n - 2n ** 31n, 2n ** 64n - 1n],
  bool: [0n, 1n]
}

const BEYOND: Record<string, readonly bigint[]> = {
  uint64: [2n ** 64n, 2n ** 70n - 1n],
  safe: [2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n],
  uint32: [2n ** 32n, 2n ** 32n + 1n, 2n ** 64n - 1n],
  enum: [2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 2n ** 31n - 1n],
  bool: [2n, 256n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 64n - 1n]
}

/** Texts: some at the ends of UTF-8, some beyond. */
const TEXTS: readonly number[][] = [
  [0x61], [0], [0xc3, 0xa4], [0xef, 0xbb, 0xbf], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98, 0x80], [0xf4, 0x8f, 0xbf, 0xbf]
]
const NO_TEXTS: readonly number[][] = [
  [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xff], [0xe2, 0x82], [0xf0, 0x9f, 0x98]
]

/** Once in so many messages one is as large as an item or a frame may be. */
const LARGE_ONCE_IN = 4000

/** 4095 KiB, the size of an item, and what is at its sides. */
const LARGE_SIZES = [-1, 0, 1].map((more) => 4095 * 1024 + more)

/** A message of a kind, with a rule or two broken in two of three. */
export function generateMessage (random: Random): { type: MessageType, body: Uint8Array } {
  const maker = { random, breaks: random.below(3) }
  const type = random.pick(TYPES)
  const parts = [field(BODY_FIELDS[type], 2, join(bodyOf(type, maker)))]

  if (random.oneIn(2)) {
    parts.splice(random.below(2), 0, field(1, 0, number(ENVELOPE.fields[1]!, maker)))
  }

  if (shouldBreak(maker, 8)) {
    const other = random.pick(TYPES)
    parts.push(field(BODY_FIELDS[other], 2, join(bodyOf(other, maker))))
  }

  return { type, body: join(withStrangers(parts, maker)) }
}

/** A frame around a message: its length is wrong in one of forty. */
export function frameOf (body: Uint8Array, random: Random): Uint8Array {
  if (!random.oneIn(40)) {
    return join([Uint8Array.from(varint(BigInt(body.byteLength))), body])
  }

  const length = BigInt(Math.max(0, body.byteLength + random.pick([-1, 0, 1, 4096, 2 ** 32])))

  return join([Uint8Array.from(varint(length, random.pick([0, 0, 1, 2, 4, 9]))), body])
}

function bodyOf (type: MessageType, maker: Maker): Bytes {
  const schema = BODIES[type]
  const part = PARTS[type]

  return messageOf(schema, maker, (rule) => rule.kind === 'part' && part != null ? join(itemOf(part, maker)) : undefined)
}

/** A block, transaction or handshake; now and then one as large as it may be. */
function itemOf (schema: MessageSchema, maker: Maker): Bytes {
  const { random } = maker
  const fields = messageOf(schema, maker, ({ name }) => name === 'node.forkId' ? join(messageOf(FORK_ID, maker)) : undefined)
  const filler = { block: 7, transaction: 8 }[schema.name]

  if (filler == null || !random.oneIn(LARGE_ONCE_IN)) {
    return fields
  }

  // its tag, and a length of four bytes
  const room = random.pick(LARGE_SIZES) - join(fields).byteLength - 5

  return [...fields, field(filler, 2, new Uint8Array(room))]
}

/** The fields of a message. `special` makes the bytes of those that the schema does not know. */
function messageOf (schema: MessageSchema, maker: Maker, special?: (rule: FieldRule) => Uint8Array | undefined): Bytes {
  const { random } = maker
  const parts: Uint8Array[] = []

  for (const rule of schema.fields.filter((rule) => rule != null)) {
    const count = countOf(rule, maker)

    for (let i = 0; i < count; i++) {
      const value = valueOf(rule, maker, special?.(rule))
      parts.push(shouldBreak(maker, 30) ? wrongly(rule, maker) : join([tag(rule.number, rule.wireType, maker), value]))
    }
  }

  if (random.oneIn(8)) {
    parts.sort(() => random.below(3) - 1)
  }

  return withStrangers(parts, maker)
}

/** The value of a field, `given` or any other. */
function valueOf (rule: FieldRule, maker: Maker, given?: Uint8Array): Uint8Array {
  switch (rule.wireType) {
    case 0: return number(rule, maker)
    case 5: return maker.random.bytes(4)
    default: return bytesWith(given ?? bytesOf(rule, maker), maker)
  }
}

function countOf (rule: FieldRule, maker: Maker): number {
  const { random } = maker

  if (rule.isRepeated) {
    const most = rule.maxCount < 1000 ? rule.maxCount : 4

    return shouldBreak(maker, 10) ? most + 1 : random.oneIn(20) ? most : random.below(4)
  }

  if (rule.isRequired || rule.kind === 'part') {
    return shouldBreak(maker, 10) ? random.pick([0, 2]) : !rule.isRequired && random.oneIn(6) ? 0 : 1
  }

  return random.oneIn(10) ? 2 : random.oneIn(4) ? 0 : 1
}

/** The field with another wire type. */
function wrongly (rule: FieldRule, { random }: Maker): Uint8Array {
  const wireType = random.below(8)
  const value = [[5], [1, 2, 3, 4, 5, 6, 7, 8], [2, 8, 1], [], [], [1, 2, 3, 4]][wireType] ?? []

  return join([Uint8Array.from([...varint(BigInt(rule.number << 3 | wireType)), ...value])])
}

function number (rule: FieldRule, maker: Maker): Uint8Array {
  const { random } = maker
  const value = random.pick((shouldBreak(maker, 10) ? BEYOND : ENDS)[rule.kind]!)
  const bytes = varint(value)

  // longer than need be, and now and then too long
  if (random.oneIn(12) || shouldBreak(maker, 30)) {
    return Uint8Array.from(varint(value, random.below(shouldBreak(maker, 3) ? 12 : Math.max(1, 11 - bytes.length))))
  }

  return Uint8Array.from(bytes)
}

function bytesOf (rule: FieldRule, maker: Maker): Uint8Array {
  const { random } = maker

  switch (rule.kind) {
    case 'hash': return random.bytes(shouldBreak(maker, 15) ? random.pick([0, 31, 33, 64]) : 32)
    case 'text': return textOf(rule, maker)
    case 'message': return join(messageOf(rule.schema!, maker))
    case 'indexes': return indexesOf(maker)
    default: {
      const { minBytes, unitBytes } = rule
      const most = rule.maxBytes < 2 ** 20 ? rule.maxBytes : minBytes + unitBytes * random.pick([100, 800])
      const sizes = shouldBreak(maker, 10) ? [most + 1, Math.max(0, minBytes - 1)] : [minBytes, minBytes + unitBytes, most]

      return new Uint8Array(random.pick(sizes)).fill(random.below(256))
    }
  }
}

/** Packed numbers, each above the one before. */
function indexesOf (maker: Maker): Uint8Array {
  const { random } = maker
  const numbers: bigint[] = []

  for (let left = random.below(5); left > 0; left--) {
    numbers.push((numbers.at(-1) ?? -1n) + random.pick(shouldBreak(maker, 6) ? [0n, -1n, 2n ** 32n] : [1n, 2n, 300n, 2n ** 30n]))
  }

  return Uint8Array.from(numbers.flatMap((number) => varint(BigInt.asUintN(64, number), random.oneIn(8) ? random.below(4) : 0)))
}

function textOf (rule: FieldRule, maker: Maker): Uint8Array {
  const { random } = maker
  // a detail may be of any length, and is cut at 256 bytes
  const most = rule.maxBytes < 2 ** 20 ? rule.maxBytes : random.pick([10, 250, 255, 256, 257, 260, 1000])
  const wanted = shouldBreak(maker, 10) ? most + 1 : random.oneIn(4) ? most : random.below(10)
  const character = random.pick(TEXTS)
  const text = Array.from({ length: Math.floor(wanted / character.length) }, () => character).flat()
  text.unshift(...Array.from({ length: wanted - text.length }, () => 0x62))

  if (shouldBreak(maker, 10)) {
    text.splice(random.below(text.length + 1), 0, ...random.pick(NO_TEXTS))
  }

  return Uint8Array.from(text)
}

/** Fields that the schema does not know, which are ignored; and what is none. */
function withStrangers (parts: readonly Uint8Array[], maker: Maker): Bytes {
  const { random } = maker
  const all = [...parts]
  const add = (bytes: number[]): void => { all.splice(random.below(all.length + 1), 0, Uint8Array.from(bytes)) }

  if (random.oneIn(8)) {
    const [wireType, value] = random.pick([[0, varint(random.pick(ENDS['uint64']!), random.below(2))], [1, [1, 2, 3, 4, 5, 6, 7, 8]], [2, [3, 1, 2, 3]], [5, [1, 2, 3, 4]]] as const)
    add([...varint(random.pick([14n, 15n, 16n, 100n, 18_999n, 2n ** 29n - 1n]) << 3n | BigInt(wireType)), ...value])
  }

  if (shouldBreak(maker, 20)) {
    add(random.pick([
      [0x00, 0x01], // number 0
      [0xf3, 0x01, 0xf4, 0x01], // a group
      [0xf4, 0x01], // the end of one
      [0xf6, 0x01], [0xf7, 0x01], // wire types 6 and 7
      [0xf8, 0x80, 0x80, 0x80, 0x10, 0x01], // a tag of 2^32 and more
      [0xf8, 0x81, 0x00, 0x01], // a tag in more bytes than it needs
      [0xfa, 0x01, 0x83, 0x80, 0x80, 0x80, 0x80, 0x00, 1, 2, 3], // a length of six bytes
      [0xfa, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f], // a length over the end
      [0xfa, 0x01, 0xff, 0xff, 0xff, 0xff, 0x7f], // one over 2^32
      [0xf8, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], // a varint of 65 bits
      [0xf8, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0x00], // one of eleven bytes
      [0xf8, 0x01, 0x80], [0xf9, 0x01, 1, 2, 3], [0xfd, 0x01, 1] // fields that do not end
    ]))
  }

  return all
}

function tag (number: number, wireType: number, maker: Maker): Uint8Array {
  const { random } = maker

  return Uint8Array.from(varint(BigInt(number << 3 | wireType), shouldBreak(maker, 60) ? 1 + random.below(5) : 0))
}

/** Bytes with their length, which may be longer than need be. */
function bytesWith (bytes: Uint8Array, maker: Maker): Uint8Array {
  const { random } = maker
  const shortest = varint(BigInt(bytes.byteLength)).length
  const padding = random.oneIn(30) ? random.below(6 - shortest) : shouldBreak(maker, 40) ? random.below(10) : 0

  return join([Uint8Array.from(varint(BigInt(bytes.byteLength), padding)), bytes])
}

function field (number: number, wireType: number, value: Uint8Array): Uint8Array {
  const head = varint(BigInt(number << 3 | wireType))

  const length = wireType === 2 ? varint(BigInt(value.byteLength)) : []

  return join([Uint8Array.from([...head, ...length]), value])
}

/** Whether to break a rule here: once in so many places, as long as there is one to break. */
function shouldBreak (maker: Maker, times: number): boolean {
  const does = maker.breaks > 0 && maker.random.oneIn(times)
  maker.breaks -= does ? 1 : 0

  return does
}

function join (parts: Bytes): Uint8Array {
  return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts))
}
