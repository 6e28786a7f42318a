import { SHORT_DIGEST_BYTES, SHORT_ID_BYTES } from '../../codec/limits.ts'
import { decodeMessage } from '../../codec/message.ts'
import { FEATURES } from '../../types/features.ts'
import type { RawFrame } from './arrivals.ts'
import type { HaveMessage, MessageType, WantMessage, WireMessage } from '../../types/message.ts'

/** The digests of a `have` or `want`, whole ones and short ones. */
function digestsOf ({ digests, shortDigests }: HaveMessage | WantMessage): string {
  return `${digests.length + (shortDigests?.byteLength ?? 0) / SHORT_DIGEST_BYTES} digests`
}

type FactsOf = { [Type in MessageType]: (message: Extract<WireMessage, { type: Type }>) => string }

/** What stands out in each kind of message. */
const FACTS: FactsOf = {
  handshake: ({ node }) => `network ${node.network}, height ${node.bestHeight}`,
  newBlock: ({ block }) => `height ${block.height}`,
  newTransaction: ({ transaction }) => `nonce ${transaction.nonce}`,
  requestBlock: ({ height }) => `height ${height}`,
  requestBlockRange: ({ startHeight, endHeight }) => `heights ${startHeight} to ${endHeight}`,
  responseBlock: ({ block }) => block == null ? 'no block' : `height ${block.height}`,
  responseBlockRange: ({ blocks, last }) => `${blocks.length} blocks${last ? ', last' : ''}`,
  ping: ({ nonce }) => `nonce ${nonce}`,
  pong: ({ nonce }) => `nonce ${nonce}`,
  disconnect: ({ reason }) => reason,
  have: digestsOf,
  want: digestsOf,
  compactBlock: ({ shortIds, prefilled }) => `${shortIds.byteLength / SHORT_ID_BYTES} short ids, ${prefilled.length} prefilled`,
  requestTransactions: ({ indexes }) => `${indexes.length} indexes`,
  responseTransactions: ({ transactions }) => `${transactions.length} transactions`,
  requestPeers: ({ count }) => `at most ${count} peers`,
  responsePeers: ({ peers }) => `${peers.length} peers`
}

/** A frame in words: its kind, and what stands out in it. */
export function describeFrame ({ type, requestId, bytes, fault }: RawFrame): string {
  const id = requestId == null ? '' : `, id ${requestId}`

  if (fault != null) {
    return `a frame of ${bytes.byteLength} bytes that is no message (${fault.message})`
  }

  if (type == null) {
    return `a message of an unknown kind (${bytes.byteLength} bytes${id})`
  }

  try {
    return `${type} (${FACTS[type](decodeMessage(bytes, FEATURES).message as never)}${id})`
  } catch (err) {
    return `${type} that cannot be decoded (${(err as Error).message})`
  }
}
