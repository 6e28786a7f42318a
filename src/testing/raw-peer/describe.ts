import { decodeMessage } from '../../codec/message.ts'
import type { RawFrame } from './arrivals.ts'
import type { RequestPeersMessage, ResponsePeersMessage, WireMessage } from '../../types/message.ts'

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
    default: return `nonce ${'transaction' in message ? message.transaction.nonce : message.nonce}`
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
    return `${type} (${factsOf(decodeMessage(bytes).message!)}${id})`
  } catch (err) {
    return `${type} that cannot be decoded (${(err as Error).message})`
  }
}
