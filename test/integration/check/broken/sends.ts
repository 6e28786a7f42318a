import { noteOf, of, others, says, withId } from './broken-node.ts'
import { varint } from '../../../../src/check/checks/raw.ts'
import type { BrokenNode } from './broken-node.ts'

const HASH = new Uint8Array(32)

/** A message with the largest item: its own tag and length, and those of the item, take five bytes each. */
const MAX_ITEM_MESSAGE_BYTES = 4_193_280 + 10

/** What a node sends that is wrong. */
export const SENDS_WRONGLY: readonly BrokenNode[] = [
  { what: 'answers a ping with the nonce after its own', check: 'ping-nonce', mutation: { sent: of('pong', (pong) => [{ ...pong, nonce: BigInt.asUintN(64, pong.nonce + 1n) }]) } },
  { what: 'keeps nonces as doubles', check: 'ping-nonce', mutation: { sent: of('pong', (pong) => [{ ...pong, nonce: BigInt.asUintN(64, BigInt(Number(pong.nonce))) }]) } },
  { what: 'says height 0 in its pongs', check: 'ping-height', mutation: { sent: of('pong', (pong) => [{ ...pong, bestHeight: 0 }]) } },
  { what: 'answers a ping twice', check: 'ping-one-answer', mutation: { sent: of('pong', (pong) => [pong, pong]) } },
  {
    what: 'keeps request ids as doubles', check: 'field-request-id',
    mutation: { sent: of('responseBlock', (message, { requestId }) => [withId(message, requestId == null ? undefined : BigInt.asUintN(64, BigInt(Number(requestId))))]) }
  },
  { what: 'puts an id on answers to requests without one', check: 'field-request-id-none', mutation: { sent: of('responseBlock', (message, { requestId }) => [withId(message, requestId ?? 1n)]) } },
  { what: 'answers a request twice', check: 'request-missing', mutation: { sent: of('responseBlock', (message, { requestId }) => [withId(message, requestId), withId(message, requestId)]) } },
  { what: 'has another best hash than block', check: 'request-tip', mutation: says(() => ({ bestHash: HASH })) },
  { what: 'serves the block below the one that it is asked for', check: 'request-block', mutation: { received: of('requestBlock', ({ height }, { requestId }) => [withId({ type: 'requestBlock', height: Math.max(0, height - 1) }, requestId)]) } },
  {
    what: 'serves a range from its end', check: 'range-linked',
    mutation: { sent: of('responseBlockRange', ({ blocks, last }, { requestId }) => [withId({ type: 'responseBlockRange', blocks: blocks.toReversed(), last }, requestId)]) }
  },
  {
    what: 'takes the end of a range for the first height that is not asked for any more', check: 'range-end',
    mutation: { received: of('requestBlockRange', ({ startHeight, endHeight }, { requestId }) => [withId({ type: 'requestBlockRange', startHeight, endHeight: endHeight + 1 }, requestId)]) }
  },
  {
    what: 'sends an empty last frame after the last one', check: 'range-one-last',
    mutation: { sent: of('responseBlockRange', (message, { bytes, requestId }) => message.last ? [bytes, withId({ type: 'responseBlockRange', blocks: [], last: true }, requestId)] : undefined) }
  },
  {
    what: 'never says last', check: 'range-missing',
    mutation: { sent: of('responseBlockRange', ({ blocks }, { requestId }) => blocks.length === 0 ? [] : [withId({ type: 'responseBlockRange', blocks, last: false }, requestId)]) }
  },
  { what: 'claims an address of another node', check: 'handshake-addresses', mutation: says(() => ({ listenAddrs: [Uint8Array.from(Buffer.from(`047f000001060001a503260024080112201${'1'.repeat(63)}`, 'hex'))] })) },
  { what: 'speaks version 2 alone', check: 'handshake-version', mutation: says(() => ({ protocolVersion: 2, minProtocolVersion: 2 })) },
  {
    what: 'pings before it has the other handshake', check: 'handshake-nothing-else',
    mutation: { sent: of('handshake', (message) => [message, { type: 'ping', nonce: 1n, bestHeight: 0 }]) }
  },
  { what: 'refuses without a word', check: 'refuse-network-other', mutation: { sent: of('disconnect', ({ reason }) => reason === 'WRONG_NETWORK' ? [] : undefined) } },
  {
    what: 'says WRONG_NETWORK of another version', check: 'refuse-version-2',
    mutation: { sent: of('disconnect', (message) => message.reason === 'INCOMPATIBLE_VERSION' ? [{ ...message, reason: 'WRONG_NETWORK' }] : undefined) }
  },
  {
    what: 'says why at length', check: 'field-detail-sent',
    mutation: { sent: of('disconnect', () => [Buffer.concat([Uint8Array.of(0x5a, 0xb0, 2, 8, 7, 0x12, 0xab, 2), new Uint8Array(299).fill(0x61)])]) }
  },
  {
    what: 'writes tags in three bytes', check: 'message-well-formed',
    mutation: { sent: of('pong', (_pong, { bytes }) => [Buffer.concat([varint(bytes[0]!, 3), bytes.subarray(1)])]) }
  },
  { what: 'encodes what it relays anew', check: 'relay-transaction', mutation: { sent: of('newTransaction', (message) => [message]) } },
  {
    what: 'relays to one peer alone', check: 'relay-to-all',
    mutation: {
      sent: of('newTransaction', (_message, { bytes, stream }) => {
        const sent = noteOf(stream, 'sent', () => new Set<string>())
        const key = Buffer.from(bytes).toString('hex')

        if (sent.has(key)) {
          return []
        }

        sent.add(key)

        return undefined
      })
    }
  },
  {
    what: 'announces to one peer alone', check: 'want-answered',
    mutation: {
      sent: of('have', ({ digests }, { stream }) => {
        const announced = noteOf(stream, 'announced', () => new Set<string>())
        const left = digests.filter((digest) => !announced.has(Buffer.from(digest).toString('hex')))
        left.forEach((digest) => { announced.add(Buffer.from(digest).toString('hex')) })

        return left.length === 0 ? [] : undefined
      })
    }
  },
  {
    what: 'sends what it gets back to its sender', check: 'relay-not-back',
    mutation: {
      received: of('newTransaction', (_message, { bytes, stream }) => {
        stream.say(bytes)

        return undefined
      })
    }
  },
  {
    what: 'relays what it cannot read', check: 'relay-refused-item',
    mutation: {
      received: ({ bytes, rule, stream }) => {
        if (rule != null) {
          others(stream).forEach((other) => { other.say(bytes) })
        }

        return undefined
      }
    }
  },
  {
    what: 'relays what fits into a frame', check: 'relay-over-limit',
    mutation: {
      received: ({ message, bytes, stream }) => {
        if (message?.type === 'newTransaction' && bytes.byteLength > MAX_ITEM_MESSAGE_BYTES) {
          others(stream).forEach((other) => { other.say(bytes) })
        }

        return undefined
      }
    }
  },
  {
    what: 'sends items to peers that have announced them', check: 'relay-announced',
    mutation: {
      received: ({ message, bytes, stream }) => {
        if (message?.type === 'have') {
          stream.notes.set('hasAnnounced', true)
        } else if (message?.type === 'newTransaction') {
          others(stream).filter(({ notes }) => notes.has('hasAnnounced')).forEach((other) => { other.say(bytes) })
        }

        return undefined
      }
    }
  },
  {
    what: 'relays only to peers that have announced something', check: 'relay-announced',
    mutation: {
      sent: of('newTransaction', (_message, { stream }) => stream.notes.has('hasAnnounced') ? undefined : []),
      received: of('have', (_message, { stream }) => {
        stream.notes.set('hasAnnounced', true)

        return undefined
      })
    }
  },
  {
    what: 'puts the same id on every request', check: 'request-ids-new',
    mutation: {
      sent: ({ message, requestId, stream }) => {
        if (message?.type !== 'requestBlock' && message?.type !== 'requestBlockRange') {
          return undefined
        }

        stream.notes.set('id', requestId)

        return [withId(message, 7n)]
      },
      received: ({ message, stream }) => {
        const isAnswer = message?.type === 'responseBlock' || message?.type === 'responseBlockRange'

        return isAnswer ? [withId(message, stream.notes.get('id') as bigint)] : undefined
      }
    }
  }
]
