import { checkMessage } from './check.ts'
import { fromBlock, fromNodeInfo, fromTransaction, wire } from './wire/convert.ts'
import { decodeCompactBlock, decodeRequestTransactions } from './compact.ts'
import { knownBodies, readEnvelope, writeEnvelope } from './envelope.ts'
import { decodeBlock, decodeTransaction, readItem, readNewItem, readRange } from './items/items.ts'
import { MAX_DETAIL_BYTES } from './limits.ts'
import { scan } from './wire/scan.ts'
import { BODIES, COMPACT_FIELD, FORK_ID, NODE_INFO, PEER_ADDRESS, SHORT_DIGESTS_FIELD } from './wire/schema.ts'
import { bigintToUint64 } from './wire/uint64.ts'
import { broken } from './wire/rule.ts'
import { EncodeError, errorMessage } from '../errors.ts'
import { DISCONNECT_REASONS } from '../types/message.ts'
import type { Envelope } from './envelope.ts'
import type { Found } from './wire/scan.ts'
import type { Feature } from '../types/features.ts'
import type { DisconnectReason, ForkId, HaveMessage, MessageType, NodeInfo, PeerAddress, WireMessage } from '../types/message.ts'

type Of<Type extends MessageType> = Extract<WireMessage, { type: Type }>
type Decoders = { [Type in MessageType]: (body: Uint8Array) => Of<Type> }
type Encoders = { [Type in MessageType]: (message: Of<Type>) => { finish: () => Uint8Array } }

const REASONS = new Map<number, DisconnectReason>(
  Object.entries(DISCONNECT_REASONS).map(([name, number]) => [number, name as DisconnectReason])
)

const DECODERS: Decoders = {
  handshake: (body) => ({ type: 'handshake', node: decodeNodeInfo(scan(body, BODIES.handshake).bytes(1)) }),
  newBlock: (body) => ({ type: 'newBlock', block: decodeBlock(readNewItem(body)) }),
  newTransaction: (body) => ({ type: 'newTransaction', transaction: decodeTransaction(readNewItem(body)) }),
  requestBlock: (body) => ({ type: 'requestBlock', height: scan(body, BODIES.requestBlock).number(1) }),
  responseBlock: (body) => {
    const item = readItem(body)

    return item == null ? { type: 'responseBlock' } : { type: 'responseBlock', block: decodeBlock(item) }
  },
  requestBlockRange: (body) => {
    const found = scan(body, BODIES.requestBlockRange)
    const startHeight = found.number(1)
    const endHeight = found.number(2)

    if (endHeight < startHeight) {
      broken('order', 'Expected `endHeight` to be at or above `startHeight`')
    }

    return { type: 'requestBlockRange', startHeight, endHeight }
  },
  responseBlockRange: (body) => {
    const { items, last } = readRange(body)

    return { type: 'responseBlockRange', blocks: items.map(decodeBlock), last }
  },
  ping: (body) => ({ type: 'ping', ...decodePing(body) }),
  pong: (body) => ({ type: 'pong', ...decodePing(body) }),
  disconnect: (body) => {
    const found = scan(body, BODIES.disconnect)

    return { type: 'disconnect', reason: REASONS.get(found.number(1)) ?? 'UNSPECIFIED', detail: cutDetail(found.text(2)) }
  },
  have: (body) => ({ type: 'have', ...decodeDigests(scan(body, BODIES.have)) }),
  want: (body) => {
    const found = scan(body, BODIES.want)

    return { type: 'want', ...decodeDigests(found), ...(found.number(COMPACT_FIELD) === 1 && { compact: true }) }
  },
  compactBlock: decodeCompactBlock,
  requestTransactions: decodeRequestTransactions,
  responseTransactions: (body) => ({ type: 'responseTransactions', transactions: scan(body, BODIES.responseTransactions).repeated() }),
  requestPeers: (body) => ({ type: 'requestPeers', count: scan(body, BODIES.requestPeers).number(1) }),
  responsePeers: (body) => ({ type: 'responsePeers', peers: scan(body, BODIES.responsePeers).repeated().map(decodePeerAddress) })
}

const ENCODERS: Encoders = {
  handshake: (message) => wire.Handshake.encode({ node: fromNodeInfo(message.node) }),
  newBlock: (message) => wire.NewBlock.encode({ block: fromBlock(message.block) }),
  newTransaction: (message) => wire.NewTransaction.encode({ transaction: fromTransaction(message.transaction) }),
  requestBlock: (message) => wire.RequestBlock.encode(message),
  responseBlock: (message) => wire.ResponseBlock.encode({ block: message.block == null ? undefined : fromBlock(message.block) }),
  requestBlockRange: (message) => wire.RequestBlockRange.encode(message),
  responseBlockRange: (message) => wire.ResponseBlockRange.encode({ blocks: message.blocks.map(fromBlock), last: message.last }),
  ping: (message) => wire.Ping.encode({ ...message, nonce: bigintToUint64(message.nonce) as never }),
  pong: (message) => wire.Pong.encode({ ...message, nonce: bigintToUint64(message.nonce) as never }),
  disconnect: (message) => wire.Disconnect.encode({ reason: DISCONNECT_REASONS[message.reason], detail: message.detail }),
  have: (message) => wire.Have.encode(message),
  want: (message) => wire.Want.encode(message),
  compactBlock: (message) => wire.CompactBlock.encode({ ...message, nonce: bigintToUint64(message.nonce) as never }),
  requestTransactions: (message) => wire.RequestTransactions.encode(message),
  responseTransactions: (message) => wire.ResponseTransactions.encode(message),
  requestPeers: (message) => wire.RequestPeers.encode(message),
  responsePeers: (message) => wire.ResponsePeers.encode(message)
}

function decodeDigests (found: Found): Pick<HaveMessage, 'digests' | 'shortDigests'> {
  const shortDigests = found.bytes(SHORT_DIGESTS_FIELD)

  return { digests: found.repeated(), ...(shortDigests.byteLength > 0 && { shortDigests }) }
}

function decodePing (body: Uint8Array): { nonce: bigint, bestHeight: number } {
  const found = scan(body, BODIES.ping)

  return { nonce: found.bigint(1), bestHeight: found.number(2) }
}

function decodeNodeInfo (bytes: Uint8Array): NodeInfo {
  const found = scan(bytes, NODE_INFO)
  const minProtocolVersion = found.number(9)
  const features = found.bigint(10)
  const lowestHeight = found.number(11)

  return {
    protocolVersion: found.number(1),
    network: found.text(2),
    genesisHash: found.bytes(3),
    nodeId: found.text(4),
    userAgent: found.text(5),
    listenAddrs: found.repeated(),
    bestHeight: found.number(7),
    bestHash: found.bytes(8),
    ...(minProtocolVersion > 0 && { minProtocolVersion }),
    ...(features > 0n && { features }),
    ...(lowestHeight > 0 && { lowestHeight }),
    ...(found.has(12) && { forkId: decodeForkId(found.bytes(12)) }),
    ...(found.number(13) === 1 && { blockOnly: true })
  }
}

function decodeForkId (bytes: Uint8Array): ForkId {
  const found = scan(bytes, FORK_ID)

  return { hash: found.fixed32(1), next: found.number(2) }
}

function decodePeerAddress (bytes: Uint8Array): PeerAddress {
  const found = scan(bytes, PEER_ADDRESS)

  return { record: found.bytes(1), ageMinutes: found.number(2) }
}

/** The text as far as it fits into a `disconnect`: at most MAX_DETAIL_BYTES of UTF-8, cut between characters. */
export function cutDetail (text: string): string {
  const bytes = new TextEncoder().encode(text)

  if (bytes.byteLength <= MAX_DETAIL_BYTES) {
    return text
  }

  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, MAX_DETAIL_BYTES), { stream: true })
}

/**
 * Decodes the body of a message and checks every value that the peer chose.
 * Throws a {@link DecodeError}, and nothing else.
 */
export function decodeBody<Type extends MessageType> (type: Type, body: Uint8Array): Of<Type> {
  return DECODERS[type](body)
}

/**
 * Decodes a message of a session that uses these features. It is `undefined` for a kind that this version or that session does not know:
 * the node ignores it. Throws a {@link DecodeError}, and nothing else.
 */
export function decodeMessage (
  bytes: Uint8Array, features: readonly Feature[] = []
): { message: WireMessage | undefined, requestId: bigint | undefined } {
  const { type, requestId, body }: Envelope = readEnvelope(bytes, knownBodies(features))

  return { message: type == null ? undefined : decodeBody(type, body), requestId }
}

/**
 * Encodes a message. `requestId` is 1 to 2^64 - 1, or absent.
 * Throws an {@link EncodeError} where a value does not fit the wire.
 */
export function encodeMessage (message: WireMessage, requestId?: bigint): Uint8Array {
  try {
    checkMessage(message)
    const body = ENCODERS[message.type](message as never).finish()

    return writeEnvelope(message.type, body, requestId)
  } catch (err) {
    throw new EncodeError(`Could not encode a ${message.type}: ${errorMessage(err)}`, { cause: err })
  }
}
