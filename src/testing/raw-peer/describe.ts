import { SHORT_ID_BYTES } from '../../codec/limits.ts'
import { decodeMessage } from '../../codec/message.ts'
import { FEATURES } from '../../types/features.ts'
import type { RawFrame } from './arrivals.ts'
import type { CompactBlockMessage, RequestPeersMessage, RequestTransactionsMessage, ResponsePeersMessage } from '../../types/message.ts'
import type { ResponseTransactionsMessage, WireMessage } from '../../types/message.ts'

/** What stands out in each kind of message. */
function factsOf (message: WireMessage): string {
  switch (message.type) {
    case 'requestPeers':
    case 'responsePeers': return peersOf(message)
    case 'handshake': return `network ${message.node.network}, height ${message.node.bestHeight}`
    case 'newBlock': return `height ${message.block.height}`
    case 'requestBlock': return `height ${message.height}`
    case 'requestBlockRange': return `heights ${message.startHeight} to ${message.endHeight}`
    case 'responseBlock': return message.block == null ? 'no block' : `height ${message.block.height}`
    case 'responseBlockRange': return `${message.blocks.length} blocks${message.last ? ', last' : ''}`
    case 'disconnect': return message.reason
    case 'have':
    case 'want': return `${message.digests.length} digests`
    case 'compactBlock':
    case 'requestTransactions':
    case 'responseTransactions': return compactFactsOf(message)
    default: return `nonce ${'transaction' in message ? message.transaction.nonce : message.nonce}`
  }
}

function compactFactsOf (message: CompactBlockMessage | RequestTransactionsMessage | ResponseTransactionsMessage): string {
  switch (message.type) {
    case 'compactBlock': return `${message.shortIds.byteLength / SHORT_ID_BYTES} short ids, ${message.prefilled.length} prefilled`
    case 'requestTransactions': return `${message.indexes.length} indexes`
    case 'responseTransactions': return `${message.transactions.length} transactions`
  }
}

function peersOf (message: RequestPeersMessage | ResponsePeersMessage): string {
  return message.type === 'requestPeers' ? `at most ${message.count} peers` : `${message.peers.length} peers`
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
    return `${type} (${factsOf(decodeMessage(bytes, FEATURES).message!)}${id})`
  } catch (err) {
    return `${type} that cannot be decoded (${(err as Error).message})`
  }
}
