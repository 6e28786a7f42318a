import { SHORT_DIGEST_BYTES } from '../../codec/limits.ts'
import type { Arrival, LinkEnd } from './arrival.ts'
import type { DisconnectMessage, HaveMessage, WantMessage, WireMessage } from '../../types/message.ts'

/** Digests of a frame that are shown. */
const MAX_DIGESTS = 2

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

  if (message.type === 'disconnect') {
    return describeDisconnect(message)
  }

  const facts = [factOf(message), idOf(message, requestId)].filter((fact) => fact !== '').join(', ')

  return facts === '' ? name : `${name}(${facts})`
}

/** What tells a message from others of its kind. */
function factOf (message: WireMessage): string {
  switch (message.type) {
    case 'responseBlock': return message.block == null ? 'not found' : `block ${message.block.height}`
    case 'responseBlockRange': return `${message.blocks.length} blocks${message.last ? ', last' : ''}`
    case 'requestBlock': return String(message.height)
    case 'requestBlockRange': return `${message.startHeight} to ${message.endHeight}`
    case 'have':
    case 'want': return describeDigests(message)
    case 'requestPeers': return String(message.count)
    case 'responsePeers': return `${message.peers.length} peers`
    default: return ''
  }
}

/** How the digests begin, so that they can be compared with those of other frames. */
function describeDigests ({ digests, shortDigests = new Uint8Array() }: HaveMessage | WantMessage): string {
  const count = shortDigests.byteLength / SHORT_DIGEST_BYTES
  const short = Array.from({ length: count }, (_, i) => shortDigests.subarray(i * SHORT_DIGEST_BYTES))
  const all = [...digests, ...short]
  const more = all.length - MAX_DIGESTS

  return [...all.slice(0, MAX_DIGESTS).map(beginOf), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

/** How a digest begins, in hexadecimal: enough to tell it from others. */
export function beginOf (digest: Uint8Array): string {
  return `${Buffer.from(digest.subarray(0, 4)).toString('hex')}..`
}

/** The id of a request or response, also where it is missing: that may be what is wrong. */
function idOf ({ type }: WireMessage, requestId: bigint | undefined): string {
  if (requestId != null) {
    return `request id ${requestId}`
  }

  return /^(request|response)/.test(type) ? 'no request id' : ''
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
