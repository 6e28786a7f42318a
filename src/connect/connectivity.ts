import { multiaddr } from '@multiformats/multiaddr'
import { CircuitRenewal } from './circuit-renewal.ts'
import { Connector, noRoomError } from './connector.ts'
import { peerIdOf, withoutPeerId } from '../address/multiaddr.ts'
import { dialableAddress } from '../config/addresses.ts'
import { AddressRaces } from './dial/address-races.ts'
import { giveUpBlockOnly } from './dial/block-only.ts'
import { classifyDialError } from './dial/dial-error.ts'
import { Dialer } from './dial/dialer.ts'
import { ExtraPeer } from './dial/extra-peer.ts'
import { buildExchange } from './exchange/build.ts'
import { Listener } from './listener.ts'
import { Attachment } from '../util/attachment.ts'
import { locationOf } from '../address/location.ts'
import { PeerFeed } from './targets/peer-feed.ts'
import { isPermanent } from './targets/target.ts'
import type { DialFailure } from './dial/types.ts'
import type { ExchangeParts } from './exchange/build.ts'
import type { PeerExchange } from './exchange/exchange.ts'
import type { PeerRecords } from '../address/peer-records.ts'
import type { LocationOfIp } from '../address/location.ts'
import type { AddressRules } from '../address/scope.ts'
import type { Target } from './targets/target.ts'
import type { Chance } from '../util/chance.ts'
import type { Clock } from '../util/clock.ts'
import type { ServiceConfig } from '../config/resolve.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../peers/manager/manager.ts'
import type { Closure } from '../session/types.ts'
import type { Tip } from '../types/block.ts'
import type { ConnectorMetrics } from './connector.ts'
import type { PeerFeedComponents } from './targets/peer-feed.ts'
import type { DialEnd } from '../types/dial-end.ts'
import type { KnownPeers } from '../types/known-peers.ts'
import type { PeerSource } from '../types/peer-source.ts'
import type { KnownPeersStatus } from '../types/exchange-status.ts'
import type { NodeInfo } from '../types/message.ts'
import type { Refusal } from '../session/handshake.ts'
import type { DialsStatus, SourcesStatus } from '../types/status.ts'
import type { AbortOptions, ComponentLogger, Connection, Logger, PeerId } from '@libp2p/interface'
import type { Registrar, TransportManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The first dial to a peer that is neither a seed nor reserved. */
export const FIRST_DIAL_TIMEOUT_MS = 4000

/** What {@link Connectivity} needs of libp2p. */
export interface ConnectivityComponents extends PeerFeedComponents {
  peerId: PeerId
  registrar: Registrar
  transportManager?: Pick<TransportManager, 'dial' | 'dialTransportForMultiaddr'>
  logger: ComponentLogger
}

/** Options of {@link Connectivity}. */
export interface ConnectivityInit {
  components: ConnectivityComponents
  config: ServiceConfig
  peers: SessionManager
  metrics: ConnectorMetrics
  /** Remembers peers between two runs. Its opener closes it. */
  knownPeers?: KnownPeers | undefined
  /** The node asks them for peers when the known ones do not fill the outbound slots. */
  peerSources?: readonly PeerSource[] | undefined
  /** The addresses of this machine's interfaces but loopback, as multiaddrs. */
  localAddresses: () => Iterable<string>
  locationOfIp: LocationOfIp
  clock: Clock
  chance: Chance
  log: Logger
  /** The tip of this node; `undefined` where there is no chain. */
  tip: () => Tip | undefined
  /** The signal that ends every dial. Throws where the service does not run. */
  signal: () => AbortSignal
  onReached: (session: Session, target: Readonly<Target>) => void
  onFailure: (failure: DialFailure) => void
  /** Called with each dial that has ended. `make` makes the record. */
  onDialEnd?: (make: () => DialEnd) => void
  /** Called with an error of the store of known peers. */
  onStoreError: (error: unknown) => void
  /** Makes, reads and verifies signed peer records. */
  records: PeerRecords
  /** The addresses of this node that make sense for a peer at a multiaddr, the most useful first. */
  addressesFor: (peer: string) => readonly Multiaddr[]
  rules: Pick<AddressRules, 'scopeOf'>
  /** Why this node would refuse a peer with this handshake, or `undefined` where it would not. */
  judge: (info: NodeInfo) => Refusal | undefined
  /** Called where a peer tells of a record that its peer has not signed. */
  onForged: (session: Session) => void
}

/** Builds and connects the parts that make sessions: those that accept the streams of peers, and those that find and dial peers. */
export class Connectivity {
  readonly #init: ConnectivityInit
  readonly #connector: Connector
  readonly #listener: Listener
  readonly #renewal: CircuitRenewal
  readonly #dialer: Dialer
  readonly #feed: PeerFeed
  readonly #extra: ExtraPeer
  readonly #exchange: ExchangeParts

  constructor (init: ConnectivityInit) {
    const { components, config, peers, metrics, clock, chance, log } = init
    this.#init = init
    this.#connector = new Connector({
      connectionManager: components.connectionManager, peers, metrics, clock, dialTimeout: config.dialTimeout,
      races: AddressRaces.of(components.transportManager, clock), ...(init.onDialEnd == null ? {} : { onEnd: init.onDialEnd })
    })
    const onSession = (session: Session, connection: Connection): void => { this.#connector.closeAfter(session, connection) }
    this.#listener = new Listener({ registrar: components.registrar, peers, clock, onSession })
    this.#renewal = new CircuitRenewal({ connectionManager: components.connectionManager, peers, clock, signal: init.signal, onSession })
    // the feed needs the dialer, and the dialer tells the feed of its dials
    const feed = new Attachment<PeerFeed>()
    this.#dialer = this.#createDialer(feed)
    this.#feed = new PeerFeed({
      components,
      config,
      knownPeers: init.knownPeers,
      peerSources: init.peerSources ?? [],
      localAddresses: init.localAddresses,
      dialer: this.#dialer,
      readRecord: init.records.read,
      onStoreError: init.onStoreError,
      ...{ clock, chance, log }
    })
    feed.attach(this.#feed)
    this.#exchange = buildExchange(init, this.#dialer, this.#feed)
    this.#extra = new ExtraPeer({
      clock,
      chance,
      peers,
      maxOutbound: config.maxOutbound,
      reserved: new Set(config.reservedPeers.flatMap((address) => peerIdOf(address) ?? [])),
      tip: init.tip,
      dialExtra: (wish) => {
        this.#feed.onExtra()
        this.#dialer.dialExtra(wish)
      }
    })
  }

  /** Whom the node dials, where it knows peers from, and how many targets it keeps. */
  get status (): { dials: DialsStatus, sources: SourcesStatus, targetCount: number, known: KnownPeersStatus } {
    return {
      dials: this.#dialer.status,
      sources: this.#feed.sourcesStatus(this.#init.peers),
      targetCount: this.#dialer.targets.size,
      known: this.#exchange.status()
    }
  }

  /** Answers peers that ask for others. */
  get exchange (): Pick<PeerExchange, 'onRequest'> { return this.#exchange.exchange }

  /** Listens to what libp2p discovers. */
  start (): void {
    this.#feed.start()
    this.#exchange.exchange.start()
  }

  /** Lets peers open sessions. */
  async listen (): Promise<void> {
    await this.#listener.start()
  }

  /** Loads the peers to dial, and begins to dial them where `isRunning` is still true then. */
  async dial (isRunning: () => boolean): Promise<void> {
    await this.#feed.load()

    if (isRunning()) {
      this.#dialer.start()
      this.#extra.start()
      this.#exchange.feelers.start()
      this.#feed.startSearch(() => this.#init.peers)
    }
  }

  /** Ends dials and accepts no more sessions. The caller ends the sessions afterwards: the node remembers the best of them here. */
  async stop (): Promise<void> {
    this.#dialer.stop()
    this.#extra.stop()
    this.#exchange.feelers.stop()
    this.#exchange.exchange.stop()
    this.#feed.stop(this.#init.peers)
    await this.#listener.stop()
  }

  /**
   * Makes a session with the peer at a multiaddr, now. Where no slot is free, it returns the existing session, or throws a
   * DisconnectedError. Throws a ConfigError for what is no multiaddr that can be dialled.
   */
  async connect (given: string, { signal }: AbortOptions): Promise<Session> {
    const address = dialableAddress(given, 'address')
    const peerId = peerIdOf(address)
    const { peers } = this.#init
    const slot = peers.slots.reserve('outbound')

    if (slot == null) {
      return this.#sessionAt(address)
    }

    try {
      const limit = AbortSignal.any([this.#init.signal(), signal ?? []].flat())
      const session = await this.#connector.connect({ key: peerId ?? address, peerId, addresses: [address] }, slot, limit)
      this.#feed.remember(session)

      return session
    } finally {
      this.#dialer.fill()
    }
  }

  /** The existing session with the peer at a multiaddr. Throws a DisconnectedError where there is none. */
  async #sessionAt (address: string): Promise<Session> {
    const { peers } = this.#init
    const peerId = peerIdOf(address)
    const text = withoutPeerId(multiaddr(address))
    const session = peerId == null
      ? [...peers].find(({ address, direction }) => direction === 'outbound' && withoutPeerId(multiaddr(address)) === text)
      : peers.find(peerId)

    if (session == null) {
      throw noRoomError()
    }

    await session.ready

    return session
  }

  onReady (session: Session): void {
    this.#feed.onReady(session)
    this.#exchange.exchange.onReady(session)
  }

  /** Takes note of a session whose circuit is nearly used up. */
  onLow (session: Session): void {
    void this.#renewal.renew(session)
  }

  onClosed (session: Session, closure: Closure): void {
    this.#dialer.onClosed(session, closure)
    this.#feed.onClosed(session)
    this.#exchange.exchange.onClosed(session)

    // the node dials again a peer that the application dialled through a relay: the application cannot know when the relay cuts a circuit
    if (session.direction === 'outbound' && session.isRelayed && session.readyAt != null && isLost(session, closure)) {
      this.#dialer.add('discovered', { peerId: session.id, addresses: [session.address] }, 'relay')
    }
  }

  /** Dials the peers of a peer id or a host at once that the operator has let in again. */
  onUnbanned (subject: string): void {
    const { locationOfIp } = this.#init

    this.#dialer.retry(({ peerId, addresses }) => {
      return peerId === subject || addresses.some((address) => locationOf(multiaddr(address), locationOfIp).host === subject)
    })
  }

  #createDialer (feed: Attachment<PeerFeed>): Dialer {
    const { components, config, peers, clock, chance, locationOfIp } = this.#init

    return new Dialer({
      peers,
      clock,
      chance,
      log: components.logger.forComponent('vibecoin:dialer'),
      localId: components.peerId.toString(),
      config,
      groupOf: (address) => locationOf(multiaddr(address), locationOfIp).netgroup,
      dial: async (target, slot) => this.#connector.connect({ ...target, ...timeoutOf(target) }, slot, this.#init.signal()),
      classify: classifyDialError,
      onReached: (session, target) => {
        this.#init.onReached(session, target)
        feed.listener.onReached(session, target)
      },
      onFilled: () => {
        feed.listener.onFilled()
        giveUpBlockOnly(peers, this.#dialer)
      },
      onFailure: (failure, target) => {
        feed.listener.onFailure(target)
        this.#init.onFailure(failure)
      }
    })
  }
}

/** A peer that has not failed in this run has less time for the first try: most addresses that never answer are gone for good. */
function timeoutOf ({ source, failures }: Readonly<Target>): { timeout?: number } {
  return failures === 0 && !isPermanent(source) ? { timeout: FIRST_DIAL_TIMEOUT_MS } : {}
}

/** Whether a session has ended though neither side wanted that. */
function isLost ({ circuit }: Session, { reason, byRemote }: Closure): boolean {
  return reason == null || reason === 'TIMEOUT' || (reason === 'SHUTDOWN' && (circuit.isUsedUp || (byRemote && circuit.isLimited)))
}
