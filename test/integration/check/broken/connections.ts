import { multiaddr } from '@multiformats/multiaddr'
import { of } from './broken-node.ts'
import { quickClock } from '../../../support/quick-clock.ts'
import type { BrokenNode } from './broken-node.ts'
import type { Mutant } from '../../../support/mutant.ts'
import type { ConnectionEncrypter, PublicKey, Stream } from '@libp2p/interface'

/** The inside of a libp2p node that agrees on what is beneath streams. */
interface Upgrader {
  inboundUpgradeTimeout: number
  inboundStreamProtocolNegotiationTimeout: number
  connectionEncrypters: Map<string, ConnectionEncrypter>
}

/** Longer than a check waits, in ms. */
const FOR_EVER_MS = 600_000

function upgraderOf ({ network: { libp2p } }: Mutant): Upgrader {
  return (libp2p as unknown as { components: { upgrader: Upgrader } }).components.upgrader
}

/** A window that is never used up, in one direction of a stream. */
function openWindow (stream: Stream, name: 'sendWindowCapacity' | 'recvWindowCapacity'): void {
  Object.defineProperty(stream, name, { get: () => 2 ** 30, set: () => {} })
}

/** What is wrong beneath streams, and in whom a node dials. */
export const BROKEN_CONNECTIONS: readonly BrokenNode[] = [
  {
    what: 'verifies no signature', check: 'transport-forged-signature',
    mutation: {
      onStart: ({ network: { libp2p: { peerId } } }) => {
        const prototype = Object.getPrototypeOf(peerId.publicKey) as PublicKey
        const whole = Object.getOwnPropertyDescriptor(prototype, 'verify')!
        prototype.verify = () => true

        return () => { Object.defineProperty(prototype, 'verify', whole) }
      }
    }
  },
  {
    what: 'waits for a connection for ever', check: 'transport-silent-connection',
    mutation: { onStart: (node) => { upgraderOf(node).inboundUpgradeTimeout = FOR_EVER_MS } }
  },
  {
    what: 'waits for a protocol for ever', check: 'transport-silent-stream',
    mutation: {
      // a connection without a session is cut after 20 s
      clock: quickClock(0.1),
      onStart: (node) => { upgraderOf(node).inboundStreamProtocolNegotiationTimeout = FOR_EVER_MS }
    }
  },
  {
    what: 'sends as much as it likes', check: 'transport-window-kept',
    mutation: { onStream: ({ stream }) => { openWindow(stream, 'sendWindowCapacity') } }
  },
  {
    what: 'takes as much as comes', check: 'transport-window-over',
    mutation: { onStream: ({ stream }) => { openWindow(stream, 'recvWindowCapacity') } }
  },
  {
    what: 'takes whoever is at the address that it has dialled', check: 'dial-other-id',
    mutation: {
      onStart: (node) => {
        const encrypter = upgraderOf(node).connectionEncrypters.get('/noise')!
        const secure = encrypter.secureOutbound.bind(encrypter)
        encrypter.secureOutbound = async (connection, options) => secure(connection, { ...options, remotePeer: undefined })
      },
      onConnection: (connection) => {
        if (connection.direction === 'outbound') {
          void connection.newStream('/vibecoin/1.0.0').catch(() => {})
        }
      }
    }
  },
  {
    what: 'dials claimed addresses of other peers', check: 'claimed-other-id',
    mutation: {
      received: of('handshake', ({ node }, { stream: { connection } }) => {
        const own = `/p2p/${connection.remotePeer.toString()}`
        const listenAddrs = node.listenAddrs.map((bytes) => multiaddr(multiaddr(bytes).toString().replace(/\/p2p\/.*/, own)).bytes)

        return [{ type: 'handshake', node: { ...node, listenAddrs } }]
      })
    }
  },
  {
    what: 'dials whatever peers claim', check: 'claimed-other-host',
    mutation: {
      received: of('handshake', ({ node: { listenAddrs } }, { stream: { node: { network } } }) => {
        listenAddrs.forEach((bytes) => { network.libp2p.dial(multiaddr(bytes), { force: true }).catch(() => {}) })

        return undefined
      })
    }
  }
]
