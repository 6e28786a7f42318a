/// <reference lib="esnext.disposable" preserve="true" />
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { keyInOrder } from './identity.ts'
import { RawSession } from './raw-session.ts'
import { Changes, WITHIN_MS } from '../wait/changes.ts'
import { WaitTimeoutError } from '../wait/errors.ts'
import { refuseUnknown } from '../../config/unknown-option.ts'
import { PROTOCOL_ID } from '../../types/message.ts'
import type { IdOrder } from './identity.ts'
import type { Within } from '../wait/changes.ts'
import type { Network } from '../../network.ts'
import type { NodeInfo } from '../../types/message.ts'
import type { Clock } from '../../util/clock.ts'
import type { Connection, Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Streams that others may have opened and that the test has not taken. The peer resets further ones. */
export const MAX_ACCEPTED = 1024

/** What a raw peer can dial: addresses, or a node in this process. */
export type RawTarget = string | Multiaddr | Multiaddr[] | { libp2p: Pick<Libp2p, 'getMultiaddrs'> }

/** A node in this process that tells when a session is ready. */
export type RawNode = Pick<Network, 'libp2p' | 'addEventListener' | 'removeEventListener'>

/** Options of {@link RawPeer.start}. */
export interface RawPeerInit {
  /** What the peer says of itself. By default it belongs to the network of the node that it meets, and has no block. */
  node?: Partial<NodeInfo>
  /** The identity of the peer. A new one by default. */
  privateKey?: PrivateKey
  /** Where its peer id stands among others, in place of `privateKey`: this decides a tie-break. */
  order?: IdOrder
  /** The IPv4 address that it dials from and listens at, such as `127.0.0.9`. By default it listens at `127.0.0.1`. */
  host?: string
  /** Whether others can dial it. @default true */
  listen?: boolean
  /** How long a wait takes at most, in ms. @default 8000 */
  within?: number
  /** Whether it leaves its side of a stream open when the remote has closed its own. @default false */
  keepsOpen?: boolean
  /**
   * Options of `createLibp2p` in place of those that the peer has: other transports, a private network, another muxer. Their type is not
   * named: it would lead the compiler of an application through the inside of libp2p.
   */
  libp2p?: object
  /** What its deadlines are measured with. */
  clock?: Clock
}

const OPTIONS: Record<keyof RawPeerInit, true> = {
  node: true, privateKey: true, order: true, host: true, listen: true, within: true, keepsOpen: true, libp2p: true, clock: true
}

/** How a stream is opened. */
export interface OpenOptions extends Within {
  /** The connection to open it on, or that of a session. A new connection by default. */
  over?: Connection | RawSession
}

/**
 * A peer that says whatever a test wants, over real connections. It speaks no protocol but that of sessions, and nothing by itself.
 *
 * Stop it when the test is over: it is `AsyncDisposable`.
 */
export class RawPeer {
  /** The libp2p node underneath. */
  readonly libp2p: Libp2p
  /** All sessions that others have opened, the oldest first. */
  readonly accepted: RawSession[] = []
  readonly #init: RawPeerInit
  readonly #changes: Changes
  #taken = 0

  private constructor (libp2p: Libp2p, init: RawPeerInit) {
    this.libp2p = libp2p
    this.#init = init
    this.#changes = new Changes(init.clock)
  }

  /** Starts it. */
  static async start (init: RawPeerInit = {}): Promise<RawPeer> {
    refuseUnknown(init, Object.keys(OPTIONS))
    const { host = '127.0.0.1', listen = true, order, libp2p: others = {} } = init
    const privateKey = init.privateKey ?? (order == null ? undefined : await keyInOrder(order))
    // of `node:net`, which libp2p passes on to it
    const dialOpts: object = init.host == null ? {} : { localAddress: host }
    const libp2p = await createLibp2p({
      addresses: { listen: listen ? [`/ip4/${host}/tcp/0`] : [] },
      transports: [tcp({ dialOpts })],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      // a node may dial it again and again
      connectionManager: { inboundConnectionThreshold: Infinity, maxIncomingPendingConnections: Infinity, maxConnections: Infinity },
      ...privateKey == null ? {} : { privateKey },
      ...others
    })
    const peer = new RawPeer(libp2p, init)

    await libp2p.handle(PROTOCOL_ID, (stream, connection) => { peer.#accept(stream, connection) }, {
      maxInboundStreams: Infinity, maxOutboundStreams: Infinity, runOnLimitedConnection: true, force: true
    })

    return peer
  }

  /** Its peer id. */
  get id (): string { return this.libp2p.peerId.toString() }

  /** Where it can be dialled, with its peer id. */
  get address (): string { return this.libp2p.getMultiaddrs()[0]!.toString() }

  /** Opens a connection, also where there is one, and no stream. */
  async dial (target: RawTarget, { within = this.#within }: Within = {}): Promise<Connection> {
    return this.libp2p.dial(addressesOf(target), { force: true, signal: AbortSignal.timeout(within) })
  }

  /** Opens a stream and says nothing. Any number of them may be on one connection. */
  async open (target: RawTarget, { over, within = this.#within }: OpenOptions = {}): Promise<RawSession> {
    const connection = over instanceof RawSession ? over.connection : over ?? await this.dial(target, { within })
    const stream = await connection.newStream(PROTOCOL_ID, {
      maxOutboundStreams: Infinity, runOnLimitedConnection: true, signal: AbortSignal.timeout(within)
    })

    return this.#session(stream, connection)
  }

  /**
   * Opens a stream and makes the handshake, with `node` in place of what the peer says of itself. Resolves when both handshakes are sent,
   * and for a node in this process when the session is ready there.
   */
  async connect (target: RawTarget, node?: Partial<NodeInfo>, options: OpenOptions = {}): Promise<RawSession> {
    if (!isNode(target)) {
      const session = await this.open(target, options)
      await session.handshake(node, options)

      return session
    }

    const state: { isReady?: true, session?: RawSession } = {}
    const onReady = ({ detail }: CustomEvent<{ id: string }>): void => {
      if (detail.id === this.id && state.session != null) {
        state.isReady = true
        state.session.notify()
      }
    }
    target.addEventListener('peer:ready', onReady)

    try {
      state.session = await this.open(target, options)
      await state.session.handshake(node, options)
      await state.session.until('a ready session', () => state.isReady, options)

      return state.session
    } finally {
      target.removeEventListener('peer:ready', onReady)
    }
  }

  /** The next session that another node opens. Each is given once. Nothing was said in it: `handshake` does that. */
  async opened ({ within = this.#within }: Within = {}): Promise<RawSession> {
    return this.#changes.until({
      probe: () => this.#taken < this.accepted.length ? this.accepted[this.#taken++] : undefined,
      within,
      onLate: () => {
        const connections = this.libp2p.getConnections().map(({ remotePeer }) => `a connection with ${String(remotePeer)}`)
        const text = connections.length === 0 ? 'no connection came' : `there are ${connections.join('; ')}`

        return new WaitTimeoutError(`Waited ${within} ms in vain for a session that another node opens: ${text}`, {
          waitedFor: 'a session that another node opens', came: connections
        })
      }
    })
  }

  /** Stops it, with everything that it has opened. */
  async stop (): Promise<void> {
    await this.libp2p.stop()
  }

  /** Does what {@link stop} does, for `await using peer = await RawPeer.start()`. */
  async [Symbol.asyncDispose] (): Promise<void> {
    await this.stop()
  }

  get #within (): number { return this.#init.within ?? WITHIN_MS }

  #accept (stream: Stream, connection: Connection): void {
    if (this.accepted.length - this.#taken >= MAX_ACCEPTED) {
      stream.abort(new Error(`${MAX_ACCEPTED} sessions wait for the test`))
      return
    }

    this.accepted.push(this.#session(stream, connection))
    this.#changes.notify()
  }

  #session (stream: Stream, connection: Connection): RawSession {
    return new RawSession({ ...this.#init, stream, connection })
  }
}

function isNode (target: RawTarget): target is RawNode {
  return typeof target === 'object' && 'addEventListener' in target
}

function addressesOf (target: RawTarget): Multiaddr | Multiaddr[] {
  if (typeof target === 'string') {
    return multiaddr(target)
  }

  return 'libp2p' in target ? target.libp2p.getMultiaddrs() : target
}
