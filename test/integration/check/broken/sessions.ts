import { of } from './broken-node.ts'
import { quickClock } from '../../../support/quick-clock.ts'
import type { BrokenNode } from './broken-node.ts'
import type { Change, Passing } from '../../../support/mutant.ts'
import type { DisconnectReason, WireMessage } from '../../../../src/types/message.ts'
import type { PeerId } from '@libp2p/interface'

/** Sessions with one peer, deadlines and rates. */
export const BROKEN_SESSIONS: readonly BrokenNode[] = [
  {
    what: 'says nothing in the session that it gives up', check: 'pair-one-session',
    mutation: { sent: of('disconnect', ({ reason }) => reason === 'DUPLICATE_CONNECTION' ? [] : undefined) }
  },
  {
    what: 'reads nothing more in the session that it gives up', check: 'takeover-reads-on',
    mutation: {
      sent: of('disconnect', ({ reason }, { stream }) => {
        stream.notes.set('isOver', reason === 'DUPLICATE_CONNECTION')

        return undefined
      }),
      received: ({ stream }) => stream.notes.get('isOver') === true ? [] : undefined
    }
  },
  {
    what: 'sends nothing more in a session when the peer opens another stream', check: 'takeover-losses',
    mutation: {
      sent: of('newTransaction', (_message, { stream: { connection: { remotePeer }, stream, node: { streams } } }) => {
        const open = streams.filter((other) => other.connection.remotePeer.equals(remotePeer) && other.stream.status === 'open')

        return open.at(-1)?.stream === stream ? undefined : []
      })
    }
  },
  {
    what: 'compares peer ids the other way round', check: 'tie-break-smaller',
    mutation: { onConnection: ({ remotePeer }, node) => { swapOrder(remotePeer, node.network.libp2p.peerId) } }
  },
  {
    what: 'compares peer ids the other way round', check: 'tie-break-larger',
    mutation: { onConnection: ({ remotePeer }, node) => { swapOrder(remotePeer, node.network.libp2p.peerId) } }
  },
  {
    what: 'opens two streams to a peer', check: 'dial-one-stream',
    mutation: {
      onStream: ({ stream, connection }) => {
        if (stream.direction === 'outbound' && connection.streams.filter(({ protocol }) => protocol === stream.protocol).length === 1) {
          void connection.newStream('/vibecoin/1.0.0').catch(() => {})
        }
      }
    }
  },
  { what: 'waits for a handshake for ever', check: 'handshake-timeout', mutation: { config: { handshakeTimeout: 60_000 } } },
  { what: 'waits for a handshake for 2 s', check: 'handshake-late', mutation: { config: { handshakeTimeout: 2000 } } },
  { what: 'says nothing of a pong that is late', check: 'ping-timeout', mutation: { clock: quickClock(10), sent: silentOn('TIMEOUT') } },
  { what: 'says nothing of the rest of a frame that is late', check: 'frame-rest-timeout', mutation: { clock: quickClock(10), sent: silentOn('TIMEOUT') } },
  { what: 'says nothing of rates', check: 'rate-limited', mutation: { clock: quickClock(10), sent: silentOn('RATE_LIMITED') } },
  { what: 'answers 4 pings of a session', check: 'rate-burst', mutation: { received: countPings } }
]

function silentOn (reason: DisconnectReason): Change {
  return of('disconnect', (message) => message.reason === reason ? [] : undefined)
}

function countPings ({ message, stream }: Passing): WireMessage[] | undefined {
  const count = (stream.notes.get('pings') as number | undefined ?? 0) + (message?.type === 'ping' ? 1 : 0)
  stream.notes.set('pings', count)

  return message?.type === 'ping' && count > 4 ? [] : undefined
}

/** Has an id show itself as one at the other end of the order. */
function swapOrder (remote: PeerId, own: PeerId): void {
  const { bytes } = own.toMultihash()
  const hash = remote.toMultihash()
  const isSmaller = Buffer.compare(hash.bytes, bytes) < 0
  const shown = { ...hash, bytes: hash.bytes.map(() => isSmaller ? 255 : 0) }
  Object.assign(remote, { toMultihash: () => shown })
}
