import { SHORT_DIGEST_BYTES } from '../../codec/limits.ts'
import type { Arrival, LinkEnd } from './arrival.ts'
import type { DisconnectMessage, WireMessage } from '../../types/message.ts'

/** The longest text of a peer that is shown. */
const MAX_TEXT = 120

/** What came, in words: a name of the schema, and what tells it apart. */
export function describeArrival ({ message, requestId, fault, bytes }: Arrival): string {
  if (fault != null) {
    return `a frame that breaks the rules (${plain(fault)})`
  }

  if (message == null) {
    return `a message of an unknown kind (${bytes.byteLength} bytes)`
  }

  return describeMessage(message, requestId)
}

function describeMessage (message: WireMessage, requestId: bigint | undefined): string {
  const name = message.type.replace(/^./, (first) => first.toUpperCase())
  const id = requestId == null ? '' : ` ${requestId}`

  switch (message.type) {
    case 'disconnect': return describeDisconnect(message)
    case 'responseBlock': return `${name}${id}(${message.block == null ? 'not found' : `block ${message.block.height}`})`
    case 'responseBlockRange': return `${name}${id}(${message.blocks.length} blocks${message.last ? ', last' : ''})`
    case 'requestBlock': return `${name}${id}(${message.height})`
    case 'requestBlockRange': return `${name}${id}(${message.startHeight} to ${message.endHeight})`
    case 'have':
    case 'want': return `${name}(${message.digests.length + (message.shortDigests?.byteLength ?? 0) / SHORT_DIGEST_BYTES} digests)`
    case 'requestPeers': return `${name}${id}(${message.count})`
    case 'responsePeers': return `${name}${id}(${message.peers.length} peers)`
    default: return `${name}${id}`
  }
}

function describeDisconnect ({ reason, detail }: DisconnectMessage): string {
  return `Disconnect(${reason}${detail === '' ? '' : `, "${plain(detail)}"`})`
}

/** The end of a stream, in words. */
export function describeEnd ({ how, by, at, error }: LinkEnd): string {
  const time = `after ${Math.round(at)} ms`

  if (how === 'ended') {
    return `the end of the stream ${time}`
  }

  return `a stream that ${how === 'reset' ? 'was reset' : 'broke'}${by === 'local' ? ' by the tester' : ''} ${time} (${plain(error?.message ?? how)})`
}

/** A text of the target on one line, without what moves a cursor. */
export function plain (text: string): string {
  const clean = text.replace(/[\p{C}\s]+/gu, ' ')

  return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT)}...` : clean
}
