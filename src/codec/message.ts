import { checkMessage } from './check.ts'
import { createReader, fromBlock, fromTransaction, toNodeInfo, wire } from './convert.ts'
import { readEnvelope, writeEnvelope } from './envelope.ts'
import { decodeBlock, decodeTransaction, readItem, readRange } from './items.ts'
import { HASH_BYTES, MAX_DETAIL_BYTES, MAX_DIGESTS } from './limits.ts'
import { bigintToUint64, uint64ToBigint, uint64ToNumber } from './uint64.ts'
import { DecodeError, EncodeError } from '../errors.ts'
import { DISCONNECT_REASONS } from '../types/message.ts'
import type { Envelope } from './envelope.ts'
import type { DisconnectReason, MessageType, WireMessage } from '../types/message.ts'

type Of<Type extends MessageType> = Extract<WireMessage, { type: Type }>
type Decoders = { [Type in MessageType]: (body: Uint8Array) => Of<Type> }
type Encoders = { [Type in MessageType]: (message: Of<Type>) => { finish: () => Uint8Array } }

/** Blocks and transactions are checked where they are decoded; to look at the transactions of a block again would make them. */
const ITEM_TYPES = new Set<MessageType>(['newBlock', 'newTransaction', 'responseBlock', 'responseBlockRange'])

const REASONS = new Map(Object.entries(DISCONNECT_REASONS).map(([name, number]) => [number, name as DisconnectReason]))

const DECODERS: Decoders = {
  handshake: (body) => {
    const { node } = wire.Handshake.decode(createReader(body))

    return { type: 'handshake', node: toNodeInfo((node ?? new wire.NodeInfo()) as InstanceType<typeof wire.NodeInfo>) }
  },
  newBlock: (body) => ({ type: 'newBlock', block: decodeBlock(readItem(body) ?? missing('block')) }),
  newTransaction: (body) => {
    return { type: 'newTransaction', transaction: decodeTransaction(readItem(body) ?? missing('transaction')) }
  },
  requestBlock: (body) => {
    const { height } = wire.RequestBlock.decode(createReader(body))

    return { type: 'requestBlock', height: uint64ToNumber(height, 'height') }
  },
  responseBlock: (body) => {
    const item = readItem(body)

    return item == null ? { type: 'responseBlock' } : { type: 'responseBlock', block: decodeBlock(item) }
  },
  requestBlockRange: (body) => {
    const { startHeight, endHeight } = wire.RequestBlockRange.decode(createReader(body))

    return {
      type: 'requestBlockRange',
      startHeight: uint64ToNumber(startHeight, 'startHeight'),
      endHeight: uint64ToNumber(endHeight, 'endHeight')
    }
  },
  responseBlockRange: (body) => {
    const { items, last } = readRange(body)

    return { type: 'responseBlockRange', blocks: items.map(decodeBlock), last }
  },
  ping: (body) => ({ type: 'ping', ...decodePing(body) }),
  pong: (body) => ({ type: 'pong', ...decodePing(body) }),
  disconnect: (body) => {
    const { reason, detail } = wire.Disconnect.decode(createReader(body))

    return { type: 'disconnect', reason: REASONS.get(reason) ?? 'UNSPECIFIED', detail: cutDetail(detail) }
  },
  have: (body) => ({ type: 'have', digests: decodeDigests(body) }),
  want: (body) => ({ type: 'want', digests: decodeDigests(body) })
}

const ENCODERS: Encoders = {
  handshake: (message) => wire.Handshake.encode(message),
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
  want: (message) => wire.Want.encode(message)
}

function missing (what: string): never {
  throw new DecodeError(`Expected a message with a ${what}`)
}

function decodePing (body: Uint8Array): { nonce: bigint, bestHeight: number } {
  const { nonce, bestHeight } = wire.Ping.decode(createReader(body))

  return { nonce: uint64ToBigint(nonce), bestHeight: uint64ToNumber(bestHeight, 'bestHeight') }
}

/** Refuses what is too long to be MAX_DIGESTS digests before an array is made of it; their count is checked after. */
function decodeDigests (body: Uint8Array): Uint8Array[] {
  if (body.byteLength > MAX_DIGESTS * 2 * HASH_BYTES) {
    throw new DecodeError(`Expected at most ${MAX_DIGESTS} digests`)
  }

  return wire.Have.decode(createReader(body)).digests
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
  try {
    const message = DECODERS[type](body)

    if (!ITEM_TYPES.has(type)) {
      checkMessage(message)
    }

    return message
  } catch (err) {
    throw err instanceof DecodeError ? err : new DecodeError(`Could not decode a ${type}`, { cause: err })
  }
}

/**
 * Decodes a message; `undefined` for a kind that this version does not know, which is to be ignored.
 * Throws a {@link DecodeError}, and nothing else.
 */
export function decodeMessage (bytes: Uint8Array): { message: WireMessage | undefined, requestId: bigint | undefined } {
  const { type, requestId, body }: Envelope = readEnvelope(bytes)

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
    throw new EncodeError(`Could not encode a ${message.type}`, { cause: err })
  }
}
