import { DISCONNECT_REASONS } from '../../src/types/message.ts'
import type { Block, Transaction } from '../../src/types/block.ts'
import type { Feature } from '../../src/types/features.ts'
import type { DisconnectReason, NodeInfo, PeerAddress, WireMessage } from '../../src/types/message.ts'

// A decoder written from docs/protocol.md, sentence by sentence: slow, naive, and without any code of the codec, which is held to it.

/** What docs/protocol.md says of a message that comes in a session: `refused` is what happens to a block or transaction in it. */
export type Ruling =
  | { effect: 'violation' | 'item refused' }
  | { effect: 'ignored', requestId: bigint | undefined }
  | { effect: 'taken', message: WireMessage, requestId: bigint | undefined }

class Refusal extends Error {}

type Kind = 'uint64' | 'height' | 'uint32' | 'fixed' | 'reason' | 'bool' | 'hash' | 'shorts' | 'shortIds' | 'indexes' | 'bytes' | 'text' | 'message'
interface FieldSpec { name: string, kind: Kind, isMany?: boolean, isNeeded?: boolean, atLeast?: number, atMost?: number }
type MessageSpec = Record<string, FieldSpec>
type Value = bigint | Uint8Array | string | number[]
type Values = Record<string, Value[]>

const needed = { isNeeded: true }
const hash = (name: string): FieldSpec => ({ name, kind: 'hash', ...needed })

const TRANSACTION: MessageSpec = {
  1: hash('id'),
  2: hash('sender'),
  3: hash('recipient'),
  4: { name: 'value', kind: 'uint64' },
  5: { name: 'nonce', kind: 'uint64' },
  6: { name: 'gasPrice', kind: 'uint64' },
  7: { name: 'gasLimit', kind: 'uint64' },
  8: { name: 'data', kind: 'bytes' },
  9: { name: 'signature', kind: 'bytes' }
}
const BLOCK: MessageSpec = {
  1: { name: 'height', kind: 'height' },
  2: hash('hash'),
  3: hash('prevHash'),
  4: { name: 'timestamp', kind: 'height' },
  5: hash('stateRoot'),
  6: { name: 'transactions', kind: 'message', isMany: true },
  7: { name: 'proof', kind: 'bytes' }
}
const NODE: MessageSpec = {
  1: { name: 'protocolVersion', kind: 'uint32' },
  2: { name: 'network', kind: 'text', atMost: 64 },
  3: hash('genesisHash'),
  4: { name: 'nodeId', kind: 'text', atMost: 64 },
  5: { name: 'userAgent', kind: 'text', atMost: 256 },
  6: { name: 'listenAddrs', kind: 'bytes', isMany: true, atMost: 192 },
  7: { name: 'bestHeight', kind: 'height' },
  8: hash('bestHash'),
  9: { name: 'minProtocolVersion', kind: 'uint32' },
  10: { name: 'features', kind: 'uint64' },
  11: { name: 'lowestHeight', kind: 'height' },
  12: { name: 'forkId', kind: 'message' },
  13: { name: 'blockOnly', kind: 'bool' }
}
const FORK_ID: MessageSpec = { 1: { name: 'hash', kind: 'fixed' }, 2: { name: 'next', kind: 'height' } }
const ITEM: MessageSpec = { 1: { name: 'item', kind: 'message' } }
const PING: MessageSpec = { 1: { name: 'nonce', kind: 'uint64' }, 2: { name: 'bestHeight', kind: 'height' } }
const PEER: MessageSpec = { 1: { name: 'record', kind: 'bytes', atMost: 1024 }, 2: { name: 'ageMinutes', kind: 'uint32' } }
const HAVE: MessageSpec = { 1: { name: 'digests', kind: 'hash', isMany: true }, 2: { name: 'shortDigests', kind: 'shorts' } }
const WANT: MessageSpec = { ...HAVE, 3: { name: 'compact', kind: 'bool' } }

const PREFILLED: MessageSpec = { 1: { name: 'index', kind: 'uint32' }, 2: { name: 'transaction', kind: 'message', atLeast: 102, ...needed } }

/** With the feature of a message that belongs to one. */
const BODIES: [number: number, type: WireMessage['type'], spec: MessageSpec, feature?: Feature][] = [
  [2, 'handshake', { 1: { name: 'node', kind: 'message', ...needed } }],
  [3, 'newBlock', ITEM],
  [4, 'newTransaction', ITEM],
  [5, 'requestBlock', { 1: { name: 'height', kind: 'height' } }],
  [6, 'responseBlock', ITEM],
  [7, 'requestBlockRange', { 1: { name: 'startHeight', kind: 'height' }, 2: { name: 'endHeight', kind: 'height' } }],
  [8, 'responseBlockRange', { 1: { name: 'blocks', kind: 'message', isMany: true }, 2: { name: 'last', kind: 'bool' } }],
  [9, 'ping', PING],
  [10, 'pong', PING],
  [11, 'disconnect', { 1: { name: 'reason', kind: 'reason' }, 2: { name: 'detail', kind: 'text' } }],
  [12, 'have', HAVE],
  [13, 'want', WANT],
  [14, 'compactBlock', {
    1: hash('digest'),
    2: { name: 'before', kind: 'bytes' },
    3: { name: 'after', kind: 'bytes' },
    4: { name: 'nonce', kind: 'uint64' },
    5: { name: 'shortIds', kind: 'shortIds' },
    6: { name: 'prefilled', kind: 'message', isMany: true, atLeast: 104 }
  }, 'compact-blocks'],
  [15, 'requestTransactions', { 1: hash('digest'), 2: { name: 'indexes', kind: 'indexes' } }, 'compact-blocks'],
  [16, 'responseTransactions', { 1: { name: 'transactions', kind: 'message', isMany: true, atLeast: 102 } }, 'compact-blocks'],
  [17, 'requestPeers', { 1: { name: 'count', kind: 'uint32' } }],
  [18, 'responsePeers', { 1: { name: 'peers', kind: 'message', isMany: true } }]
]

type Bodies = typeof BODIES

function messageOf (bodies: Bodies): MessageSpec {
  return {
    1: { name: 'requestId', kind: 'uint64' },
    ...Object.fromEntries(bodies.map(([number, type]) => [number, { name: type, kind: 'message' }]))
  }
}

/** The bytes of a message, and how many were read. */
class Input {
  readonly bytes: Uint8Array
  at = 0

  constructor (bytes: Uint8Array) {
    this.bytes = bytes
  }

  get isEmpty (): boolean { return this.at === this.bytes.length }

  take (count: number): Uint8Array {
    refuseIf(count > this.bytes.length - this.at)
    this.at += count

    return Uint8Array.from(this.bytes.subarray(this.at - count, this.at))
  }

  /** In its shortest form. */
  tag (): bigint {
    const start = this.at
    const value = this.varint(5, 2n ** 32n - 1n)
    refuseIf(this.at - start > 1 && this.bytes[this.at - 1] === 0)

    return value
  }

  varint (maxBytes: number, maxValue: bigint): bigint {
    let value = 0n

    for (let index = 0; index < maxBytes; index++) {
      const byte = BigInt(this.take(1)[0]!)
      value += (byte % 128n) * 128n ** BigInt(index)

      if (byte < 128n) {
        refuseIf(value > maxValue)

        return value
      }
    }

    return refuseIf(true)
  }

  /** A length, and as many bytes. */
  field (): Uint8Array {
    return this.take(Number(this.varint(5, 2n ** 35n)))
  }
}

function refuseIf (isWrong: true): never
function refuseIf (isWrong: boolean): void
function refuseIf (isWrong: boolean): void {
  if (isWrong) {
    throw new Refusal()
  }
}

function parse (bytes: Uint8Array, spec: MessageSpec): Values {
  const input = new Input(bytes)
  const values: Values = Object.fromEntries(Object.values(spec).map(({ name }) => [name, []]))

  while (!input.isEmpty) {
    const tag = input.tag()
    const wireType = Number(tag % 8n)
    const field = spec[String(tag / 8n)]
    refuseIf(tag / 8n === 0n)
    refuseIf(![0, 1, 2, 5].includes(wireType))

    if (field == null) {
      skip(input, wireType)
    } else {
      refuseIf(wireType !== (field.kind === 'fixed' ? 5 : isNumber(field) ? 0 : 2))
      const value = isNumber(field) ? readNumber(input, field) : readBytes(input, field)
      values[field.name]!.push(value)
      refuseIf((field.kind === 'message' || field.kind === 'indexes') && field.isMany !== true && values[field.name]!.length > 1)
    }
  }

  for (const { name, isNeeded } of Object.values(spec)) {
    refuseIf(isNeeded === true && values[name]!.length === 0)
  }

  return values
}

function skip (input: Input, wireType: number): void {
  switch (wireType) {
    case 0: input.varint(10, 2n ** 64n - 1n); break
    case 1: input.take(8); break
    case 2: input.field(); break
    default: input.take(4)
  }
}

function isNumber ({ kind }: FieldSpec): boolean {
  return !['hash', 'shorts', 'shortIds', 'indexes', 'bytes', 'text', 'message'].includes(kind)
}

function readNumber (input: Input, { kind }: FieldSpec): bigint {
  if (kind === 'fixed') {
    return input.take(4).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
  }

  const value = input.varint(10, 2n ** 64n - 1n)
  refuseIf(kind === 'height' && value >= 2n ** 53n)
  refuseIf(kind === 'uint32' && value >= 2n ** 32n)
  refuseIf(kind === 'bool' && value > 1n)
  refuseIf(kind === 'reason' && BigInt.asIntN(64, value) !== BigInt.asIntN(32, value))

  return value
}

function readBytes (input: Input, { kind, atLeast = 0, atMost = Infinity }: FieldSpec): Value {
  const bytes = input.field()
  refuseIf(bytes.length > atMost || bytes.length < atLeast)
  refuseIf(kind === 'hash' && bytes.length !== 32)
  refuseIf(kind === 'shorts' && (bytes.length % 16 !== 0 || bytes.length / 16 > 512))
  refuseIf(kind === 'shortIds' && bytes.length % 6 !== 0)

  if (kind === 'indexes') {
    return readIndexes(new Input(bytes))
  }

  return kind === 'text' ? readText([...bytes]) : bytes
}

/** Packed numbers of 32 bits, each above the one before. */
function readIndexes (input: Input): number[] {
  const indexes: number[] = []

  while (!input.isEmpty) {
    const index = Number(input.varint(10, 2n ** 64n - 1n))
    refuseIf(index >= 2 ** 32 || index <= (indexes.at(-1) ?? -1))
    indexes.push(index)
  }

  return indexes
}

/** RFC 3629, section 4. */
function readText (bytes: number[]): string {
  let text = ''

  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!
    const more = [[0x80, 0], [0xc0, -1], [0xe0, 1], [0xf0, 2], [0xf8, 3], [0x100, -1]].find(([below]) => first < below!)![1]!
    const rest = bytes.slice(at + 1, at + 1 + Math.max(0, more))
    refuseIf(more < 0 || rest.length < more || rest.some((byte) => byte < 0x80 || byte >= 0xc0))
    const point = rest.reduce((sum, byte) => sum * 64 + byte - 0x80, more === 0 ? first : first % 2 ** (6 - more))
    refuseIf(point < [0, 0x80, 0x800, 0x10000][more]! || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
    text += String.fromCodePoint(point)
    at += 1 + more
  }

  return text
}

const last = <T extends Value> (values: Value[], absent: T): T => (values.at(-1) ?? absent) as T
const numberOf = (values: Value[]): number => Number(last(values, 0n))
const bytesOf = (values: Value[]): Uint8Array => last(values, new Uint8Array(0))

/** A transaction. Throws where the bytes are none. */
export function readTransaction (bytes: Uint8Array): Transaction {
  const values = parse(bytes, TRANSACTION) as Record<keyof Transaction, Value[]>

  return {
    id: bytesOf(values.id),
    sender: bytesOf(values.sender),
    recipient: bytesOf(values.recipient),
    value: last(values.value, 0n),
    nonce: last(values.nonce, 0n),
    gasPrice: last(values.gasPrice, 0n),
    gasLimit: last(values.gasLimit, 0n),
    data: bytesOf(values.data),
    signature: bytesOf(values.signature)
  }
}

/** A block. Throws where the bytes are none. */
export function readBlock (bytes: Uint8Array): Block {
  const { height, hash, prevHash, timestamp, stateRoot, transactions, proof } = parse(bytes, BLOCK) as Record<keyof Block, Value[]>

  return {
    height: numberOf(height),
    hash: bytesOf(hash),
    prevHash: bytesOf(prevHash),
    timestamp: numberOf(timestamp),
    stateRoot: bytesOf(stateRoot),
    transactions: transactions.map((bytes) => readTransaction(bytes as Uint8Array)),
    proof: bytesOf(proof)
  }
}

function readNode (bytes: Uint8Array): NodeInfo {
  const values = parse(bytes, NODE) as Record<keyof NodeInfo, Value[]>
  const forkId = values.forkId.length > 0 ? parse(bytesOf(values.forkId), FORK_ID) : undefined
  const minProtocolVersion = numberOf(values.minProtocolVersion)
  const features = last(values.features, 0n)
  const lowestHeight = numberOf(values.lowestHeight)
  refuseIf(values.listenAddrs.length > 16)

  return {
    protocolVersion: numberOf(values.protocolVersion),
    network: last(values.network, ''),
    genesisHash: bytesOf(values.genesisHash),
    nodeId: last(values.nodeId, ''),
    userAgent: last(values.userAgent, ''),
    listenAddrs: values.listenAddrs as Uint8Array[],
    bestHeight: numberOf(values.bestHeight),
    bestHash: bytesOf(values.bestHash),
    ...(minProtocolVersion > 0 && { minProtocolVersion }),
    ...(features > 0n && { features }),
    ...(lowestHeight > 0 && { lowestHeight }),
    ...(forkId != null && { forkId: { hash: numberOf(forkId['hash']!), next: numberOf(forkId['next']!) } }),
    ...(numberOf(values.blockOnly) === 1 && { blockOnly: true })
  }
}

function readPeer (bytes: Uint8Array): PeerAddress {
  const values = parse(bytes, PEER)

  return { record: bytesOf(values['record']!), ageMinutes: numberOf(values['ageMinutes']!) }
}

function reasonOf (number: bigint): DisconnectReason {
  const known = Object.entries(DISCONNECT_REASONS).find(([, value]) => BigInt(value) === number)

  return (known?.[0] ?? 'UNSPECIFIED') as DisconnectReason
}

/** As many whole characters as fit into 256 bytes. */
function cut (detail: string): string {
  const characters = Array.from(detail)

  while (Buffer.byteLength(characters.join('')) > 256) {
    characters.pop()
  }

  return characters.join('')
}

function readBody (type: WireMessage['type'], values: Values): WireMessage {
  switch (type) {
    case 'handshake': return { type, node: readNode(bytesOf(values['node']!)) }
    case 'newBlock': return { type, block: readBlock(bytesOf(values['item']!)) }
    case 'newTransaction': return { type, transaction: readTransaction(bytesOf(values['item']!)) }
    case 'requestBlock': return { type, height: numberOf(values['height']!) }
    case 'responseBlock': return values['item']!.length === 0 ? { type } : { type, block: readBlock(bytesOf(values['item']!)) }
    case 'requestBlockRange': {
      const range = { startHeight: numberOf(values['startHeight']!), endHeight: numberOf(values['endHeight']!) }
      refuseIf(range.endHeight < range.startHeight)

      return { type, ...range }
    }
    case 'responseBlockRange': {
      const range = { blocks: values['blocks']!.map((bytes) => readBlock(bytes as Uint8Array)), last: numberOf(values['last']!) === 1 }
      refuseIf(range.blocks.length === 0 && !range.last)

      return { type, ...range }
    }
    case 'ping':
    case 'pong': return { type, nonce: last(values['nonce']!, 0n), bestHeight: numberOf(values['bestHeight']!) }
    case 'disconnect': return { type, reason: reasonOf(last(values['reason']!, 0n)), detail: cut(last(values['detail']!, '')) }
    case 'compactBlock': {
      const shortIds = bytesOf(values['shortIds']!)
      const prefilled = values['prefilled']!.map((bytes) => {
        const { index, transaction } = parse(bytes as Uint8Array, PREFILLED)

        return { index: numberOf(index!), transaction: bytesOf(transaction!) }
      })
      const count = shortIds.length / 6 + prefilled.length
      refuseIf(prefilled.some(({ index }, at) => index <= (prefilled[at - 1]?.index ?? -1) || index >= count))

      return {
        type,
        digest: bytesOf(values['digest']!),
        before: bytesOf(values['before']!),
        after: bytesOf(values['after']!),
        nonce: last(values['nonce']!, 0n),
        shortIds,
        prefilled
      }
    }
    case 'requestTransactions': return { type, digest: bytesOf(values['digest']!), indexes: last(values['indexes']!, []) }
    case 'responseTransactions': return { type, transactions: values['transactions'] as Uint8Array[] }
    case 'requestPeers': return { type, count: numberOf(values['count']!) }
    case 'responsePeers': {
      refuseIf(values['peers']!.length > 64)

      return { type, peers: values['peers']!.map((bytes) => readPeer(bytes as Uint8Array)) }
    }
    default: {
      refuseIf(values['digests']!.length > 512)
      const shortDigests = bytesOf(values['shortDigests']!)
      const isCompact = type === 'want' && numberOf(values['compact']!) === 1

      return {
        type,
        digests: values['digests'] as Uint8Array[],
        ...(shortDigests.length > 0 && { shortDigests }),
        ...(isCompact && { compact: true })
      }
    }
  }
}

function read (bytes: Uint8Array, known: Bodies): Ruling {
  const values = parse(bytes, messageOf(known))
  const id = last(values['requestId']!, 0n)
  const requestId = id === 0n ? undefined : id
  const bodies = known.filter(([, type]) => values[type]!.length > 0)
  refuseIf(bodies.length > 1)

  if (bodies.length === 0) {
    return { effect: 'ignored', requestId }
  }

  const [, type, spec] = bodies[0]!
  const body = parse(bytesOf(values[type]!), spec)
  const isRelayed = type === 'newBlock' || type === 'newTransaction'
  refuseIf(isRelayed && body['item']!.length === 0)

  try {
    return { effect: 'taken', message: readBody(type, body), requestId }
  } catch (err) {
    if (err instanceof Refusal && isRelayed) {
      return { effect: 'item refused' }
    }

    throw err
  }
}

/** What has to happen with an encoded message, in a session that uses these features. */
export function ruleOn (bytes: Uint8Array, features: readonly Feature[] = []): Ruling {
  try {
    return read(bytes, BODIES.filter(([, , , feature]) => feature == null || features.includes(feature)))
  } catch (err) {
    if (err instanceof Refusal) {
      return { effect: 'violation' }
    }

    throw err
  }
}
