import {
  MAX_DIGESTS, MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS, MAX_NETWORK_BYTES, MAX_NODE_ID_BYTES, MAX_PEER_RECORD_BYTES,
  MAX_PEER_RECORDS, MAX_USER_AGENT_BYTES, MIN_BLOCK_BYTES, MIN_PREFILLED_BYTES, MIN_TRANSACTION_BYTES,
  SHORT_DIGEST_BYTES, SHORT_ID_BYTES
} from '../limits.ts'
import { passPlain } from './plain-transaction.ts'
import { WIRE } from './reader.ts'
import { FEATURES } from '../../types/features.ts'
import type { Feature } from '../../types/features.ts'
import type { MessageType } from '../../types/message.ts'

// The fields of the messages in proto/vibecoin.proto, and the rules of docs/protocol.md for each field: all that is checked of bytes
// before anything is made of them. test/codec/wire/schema.spec.ts holds it to the .proto.

/** How a field is checked. */
export type FieldKind =
  | 'uint64' | 'safe' | 'uint32' | 'enum' | 'bool' | 'fixed32' | 'hash' | 'bytes' | 'text'
  /** Ascending numbers of 32 bits, packed in one field. */
  | 'indexes'
  /** A message that is looked into later, if at all. */
  | 'part'
  /** The same, of which there is one among several fields. */
  | 'body'
  /** A message that is looked into at once. */
  | 'message'

/** One field of a message. */
export interface FieldRule {
  readonly number: number
  /** As errors have it. */
  readonly name: string
  readonly kind: FieldKind
  readonly wireType: typeof WIRE.varint | typeof WIRE.bytes | typeof WIRE.fixed32
  readonly isRepeated: boolean
  readonly isRequired: boolean
  /** Of bytes, a text or a part. */
  readonly minBytes: number
  readonly maxBytes: number
  /** Bytes have a multiple of this. */
  readonly unitBytes: number
  /** How often it may come where it is repeated. */
  readonly maxCount: number
  /** What is in a `message`. */
  readonly schema: MessageSchema | undefined
}

/** The fields of a message. */
export interface MessageSchema {
  readonly name: string
  /** By their numbers. */
  readonly fields: readonly (FieldRule | undefined)[]
  /** A bit for the number of each field that is never absent. */
  readonly required: number
  /**
   * Passes quickly those that keep to all of it, one after the other, from the tag of the first at `start`. Returns where the tag is of
   * the first one of which it does not say so, or where something else begins.
   */
  readonly passPlain: ((bytes: Uint8Array, start: number, end: number) => number) | undefined
}

type Facts = Partial<Omit<FieldRule, 'number' | 'name' | 'kind'>>

const VARINTS: ReadonlySet<FieldKind> = new Set<FieldKind>(['uint64', 'safe', 'uint32', 'enum', 'bool'])

/** More than any frame has bytes. */
const UNBOUNDED = 2 ** 30

const HASH: [FieldKind, Facts] = ['hash', { isRequired: true }]

function wireTypeOf (kind: FieldKind): FieldRule['wireType'] {
  if (kind === 'fixed32') {
    return WIRE.fixed32
  }

  return VARINTS.has(kind) ? WIRE.varint : WIRE.bytes
}

function message (name: string, fields: Record<string, [number, FieldKind, Facts?]>, passPlain?: MessageSchema['passPlain']): MessageSchema {
  const rules: (FieldRule | undefined)[] = []
  let required = 0

  for (const [field, [number, kind, facts = {}]] of Object.entries(fields)) {
    rules[number] = {
      number,
      name: `${name}.${field}`,
      kind,
      wireType: wireTypeOf(kind),
      isRepeated: facts.isRepeated ?? false,
      isRequired: facts.isRequired ?? false,
      minBytes: facts.minBytes ?? 0,
      maxBytes: facts.maxBytes ?? UNBOUNDED,
      unitBytes: facts.unitBytes ?? 1,
      maxCount: facts.maxCount ?? UNBOUNDED,
      schema: facts.schema
    }
    required |= facts.isRequired === true ? 1 << number : 0
  }

  // no holes: what has them is looked up more slowly
  return { name, fields: Array.from(rules), required, passPlain }
}

/** A transaction. */
export const TRANSACTION: MessageSchema = message('transaction', {
  id: [1, ...HASH],
  sender: [2, ...HASH],
  recipient: [3, ...HASH],
  value: [4, 'uint64'],
  nonce: [5, 'uint64'],
  gasPrice: [6, 'uint64'],
  gasLimit: [7, 'uint64'],
  data: [8, 'bytes'],
  signature: [9, 'bytes']
}, passPlain)

/** A block. */
export const BLOCK: MessageSchema = message('block', {
  height: [1, 'safe'],
  hash: [2, ...HASH],
  prevHash: [3, ...HASH],
  timestamp: [4, 'safe'],
  stateRoot: [5, ...HASH],
  transactions: [6, 'message', { isRepeated: true, minBytes: MIN_TRANSACTION_BYTES, schema: TRANSACTION }],
  proof: [7, 'bytes']
})

/** What a node says of itself. */
export const NODE_INFO: MessageSchema = message('node', {
  protocolVersion: [1, 'uint32'],
  network: [2, 'text', { maxBytes: MAX_NETWORK_BYTES }],
  genesisHash: [3, ...HASH],
  nodeId: [4, 'text', { maxBytes: MAX_NODE_ID_BYTES }],
  userAgent: [5, 'text', { maxBytes: MAX_USER_AGENT_BYTES }],
  listenAddrs: [6, 'bytes', { isRepeated: true, maxBytes: MAX_LISTEN_ADDR_BYTES, maxCount: MAX_LISTEN_ADDRS }],
  bestHeight: [7, 'safe'],
  bestHash: [8, ...HASH],
  minProtocolVersion: [9, 'uint32'],
  features: [10, 'uint64'],
  lowestHeight: [11, 'safe'],
  forkId: [12, 'part'],
  blockOnly: [13, 'bool']
})

/** Which forks a node has passed. */
export const FORK_ID: MessageSchema = message('forkId', { hash: [1, 'fixed32'], next: [2, 'safe'] })

/** A transaction of a compact block. What is in it is looked at in the whole block. */
export const PREFILLED: MessageSchema = message('prefilled', {
  index: [1, 'uint32'],
  transaction: [2, 'part', { isRequired: true, minBytes: MIN_TRANSACTION_BYTES }]
})

/** A peer that another one tells of. */
export const PEER_ADDRESS: MessageSchema = message('peer', {
  record: [1, 'bytes', { maxBytes: MAX_PEER_RECORD_BYTES }],
  ageMinutes: [2, 'uint32']
})

/** The body of what carries one block or transaction. */
export const ITEM_BODY: MessageSchema = message('message', { item: [1, 'part'] })

/** The short digests in a `have` or `want`. */
export const SHORT_DIGESTS_FIELD = 2

/** Allows that blocks come compact, in a `want`. */
export const COMPACT_FIELD = 3

const DIGESTS: Record<string, [number, FieldKind, Facts]> = {
  digests: [1, 'hash', { isRepeated: true, maxCount: MAX_DIGESTS }],
  shortDigests: [SHORT_DIGESTS_FIELD, 'bytes', { unitBytes: SHORT_DIGEST_BYTES, maxBytes: MAX_DIGESTS * SHORT_DIGEST_BYTES }]
}

/** The bodies, by their kind. */
export const BODIES: Readonly<Record<MessageType, MessageSchema>> = {
  handshake: message('handshake', { node: [1, 'part', { isRequired: true }] }),
  newBlock: ITEM_BODY,
  newTransaction: ITEM_BODY,
  requestBlock: message('requestBlock', { height: [1, 'safe'] }),
  responseBlock: ITEM_BODY,
  requestBlockRange: message('requestBlockRange', { startHeight: [1, 'safe'], endHeight: [2, 'safe'] }),
  responseBlockRange: message('responseBlockRange', { blocks: [1, 'part', { isRepeated: true, minBytes: MIN_BLOCK_BYTES }], last: [2, 'bool'] }),
  ping: message('ping', { nonce: [1, 'uint64'], bestHeight: [2, 'safe'] }),
  pong: message('pong', { nonce: [1, 'uint64'], bestHeight: [2, 'safe'] }),
  disconnect: message('disconnect', { reason: [1, 'enum'], detail: [2, 'text'] }),
  have: message('have', DIGESTS),
  want: message('want', { ...DIGESTS, compact: [COMPACT_FIELD, 'bool'] }),
  compactBlock: message('compactBlock', {
    digest: [1, ...HASH],
    before: [2, 'bytes'],
    after: [3, 'bytes'],
    nonce: [4, 'uint64'],
    shortIds: [5, 'bytes', { unitBytes: SHORT_ID_BYTES }],
    prefilled: [6, 'part', { isRepeated: true, minBytes: MIN_PREFILLED_BYTES }]
  }),
  requestTransactions: message('requestTransactions', { digest: [1, ...HASH], indexes: [2, 'indexes'] }),
  responseTransactions: message('responseTransactions', { transactions: [1, 'part', { isRepeated: true, minBytes: MIN_TRANSACTION_BYTES }] }),
  requestPeers: message('requestPeers', { count: [1, 'uint32'] }),
  responsePeers: message('responsePeers', { peers: [1, 'part', { isRepeated: true, maxCount: MAX_PEER_RECORDS }] })
}

/** The field of each kind of body in a message. */
export const BODY_FIELDS: Readonly<Record<MessageType, number>> = {
  handshake: 2,
  newBlock: 3,
  newTransaction: 4,
  requestBlock: 5,
  responseBlock: 6,
  requestBlockRange: 7,
  responseBlockRange: 8,
  ping: 9,
  pong: 10,
  disconnect: 11,
  have: 12,
  want: 13,
  compactBlock: 14,
  requestTransactions: 15,
  responseTransactions: 16,
  requestPeers: 17,
  responsePeers: 18
}

/** The feature that a kind of body belongs to, where it does. In a session without it the body is an unknown field. */
export const BODY_FEATURES: Readonly<Partial<Record<MessageType, Feature>>> = {
  compactBlock: 'compact-blocks',
  requestTransactions: 'compact-blocks',
  responseTransactions: 'compact-blocks'
}

/** What is outermost in a frame, in a session with these features. */
export function envelopeOf (features: readonly Feature[]): MessageSchema {
  const known = Object.entries(BODY_FIELDS).filter(([type]) => {
    const feature = BODY_FEATURES[type as MessageType]

    return feature == null || features.includes(feature)
  })

  return message('message', { requestId: [1, 'uint64'], ...Object.fromEntries(known.map(([type, number]) => [type, [number, 'body']])) })
}

/** What is outermost in a frame, with all features. */
export const ENVELOPE: MessageSchema = envelopeOf(FEATURES)
