import { once } from 'node:events'
import { connect } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { CheckSkipped } from './failure.ts'
import { CheckPeer } from './peer/peer.ts'
import type { BareMuxer } from './peer/bare-muxer.ts'
import type { Sightings } from './peer/sightings.ts'
import type { Source } from './peer/sources.ts'
import type { Link } from './peer/link.ts'
import type { Target } from './target.ts'
import type { NodeInfo } from '../types/message.ts'
import type { IdOrder } from '../testing/raw-peer/identity.ts'
import type { Connection } from '@libp2p/interface'
import type { Socket } from 'node:net'

/** How long the target may leave a connection or a stream open on which nothing is agreed on, in ms, unless `agreement` says otherwise. */
export const AGREEMENT_MS = 60_000

/** How the target is made to dial. */
export interface Listening {
  /** A multiaddr of this machine. Port 0 is a free one. */
  address: string
  /**
   * Has the target dial an address, which ends with a peer id. Resolves when nothing more is done for it, which may be after the session
   * has ended. `signal` ends it. Throws a `CheckSkipped` that says why it has failed. Without it, the target has to dial by itself.
   */
  ask?: ((address: string, signal: AbortSignal) => Promise<void>) | undefined
}

/** Options of {@link CheckContext}. */
export interface CheckContextInit {
  target: Target
  source: Source
  patience: number
  agreement: number
  signal: AbortSignal
  listening?: Listening | undefined
  /** Called with what a frame of the target breaks. */
  onFault: (fault: string) => void
  /** What frames of the target have broken so far, in all checks. */
  faults: readonly string[]
  /** The items that have come in any session of the run. */
  sightings: Sightings
  /** Waits until one more connection may be opened. */
  pace: () => Promise<void>
  /** Resolves when every other check is done. */
  rest: Promise<void>
}

/** Options of an identity. */
export interface PeerOptions {
  /** Where its id stands among others, which decides a tie-break. @default anywhere */
  order?: IdOrder | undefined
  /** Whether the target may dial it. @default false */
  listens?: boolean
  /** Another identity, from whose local address it dials. @default an address of its own, where there is one */
  beside?: CheckPeer
  /** Whether it shows the key of another peer. @default false */
  forges?: boolean
  /** Whether it speaks Yamux by hand. @default false */
  isBare?: boolean
}

/** What a check has: the target, and identities of its own at one local address. */
export class CheckContext {
  readonly target: Target
  readonly signal: AbortSignal
  /** How long the target may take to react, in ms. */
  readonly patience: number
  /** How long the target may leave a connection or a stream open on which nothing is agreed on, in ms. */
  readonly agreement: number
  readonly listening: Listening | undefined
  readonly faults: readonly string[]
  /** Resolves when every other check is done. */
  readonly rest: Promise<void>
  /** The items that have come in any session of the run. */
  readonly sightings: Sightings
  readonly #init: CheckContextInit
  readonly #peers: CheckPeer[] = []
  readonly #sockets: Socket[] = []
  readonly #end = new AbortController()

  constructor (init: CheckContextInit) {
    this.#init = init
    this.target = init.target
    this.signal = init.signal
    this.patience = init.patience
    this.agreement = init.agreement
    this.listening = init.listening
    this.faults = init.faults
    this.rest = init.rest
    this.sightings = init.sightings
  }

  /** What a peer of the target's network says of itself. */
  node (overrides: Partial<NodeInfo> = {}): NodeInfo {
    const { network, genesisHash } = this.target.node

    return {
      protocolVersion: 1, network, genesisHash, nodeId: '', userAgent: 'vibecoin-network/check', listenAddrs: [],
      bestHeight: 0, bestHash: genesisHash, ...overrides
    }
  }

  /** A new identity. One that listens does so at the local address that it dials from, which is where a node looks for it. */
  async peer ({ listens = false, beside, ...options }: PeerOptions = {}): Promise<CheckPeer> {
    const { target: { address }, source: { next, isFresh }, patience, signal, onFault, sightings } = this.#init
    const source = beside == null ? next() : beside.source
    const listen = listens ? [listenAddress(this.listening?.address, isFresh ? source : undefined)] : []
    const peer = await CheckPeer.start({ target: address, source, patience, signal, onFault, sightings, listen, ...options })
    this.#peers.push(peer)

    return peer
  }

  /** Opens a stream with a new identity, or the one given, and says nothing. */
  async open ({ peer, connection }: { peer?: CheckPeer, connection?: Connection } = {}): Promise<Link> {
    const from = peer ?? await this.peer()

    if (connection == null) {
      await this.#init.pace()
    }

    return from.open(connection)
  }

  /** Opens a session with a new identity, or the one given. Resolves when the target has taken the handshake. */
  async session (options: { peer?: CheckPeer, connection?: Connection, node?: Partial<NodeInfo> } = {}): Promise<Link> {
    const link = await this.open(options)
    link.send({ type: 'handshake', node: this.node(options.node) })
    await link.next('handshake')
    await link.fence('that the target takes the handshake, with a Pong for the first Ping')

    return link
  }

  /** Opens a connection with a new identity, over which nothing is said but what the check says. */
  async bare (): Promise<BareMuxer> {
    const peer = await this.peer({ isBare: true })
    await this.#init.pace()

    return peer.openBare()
  }

  /** Opens a TCP connection, and says nothing. Skips where the target is reached by something else. */
  async socket (): Promise<Socket> {
    const [host, port, ...rest] = multiaddr(this.target.address).getComponents()

    if (rest.some(({ name }) => name !== 'p2p')) {
      this.skip('the target is not reached over TCP alone')
    }

    await this.#init.pace()
    const localAddress = this.#init.source.next()
    const socket = connect({ host: host!.value!, port: Number(port!.value), ...localAddress == null ? {} : { localAddress } })
    this.#sockets.push(socket)
    await once(socket, 'connect', { signal: this.signal })

    return socket
  }

  /** Whether identities have local addresses that no others have. */
  get hasHosts (): boolean { return this.#init.source.isFresh }

  /** Aborts when the check is done, or has to end. */
  get untilDone (): AbortSignal { return AbortSignal.any([this.signal, this.#end.signal]) }

  /** The check says nothing of this target. */
  skip (reason: string): never {
    throw new CheckSkipped(reason)
  }

  /** Stops every identity of the check. */
  async dispose (): Promise<void> {
    this.#end.abort()
    this.#sockets.forEach((socket) => { socket.destroy() })
    await Promise.all(this.#peers.map(async (peer) => peer.stop().catch(() => {})))
  }
}

/** The address to listen at, on another host where there is one. */
function listenAddress (given = '/ip4/127.0.0.1/tcp/0', host: string | undefined): string {
  return host == null ? given : given.replace(/^\/ip4\/[^/]*/, `/ip4/${host}`)
}
