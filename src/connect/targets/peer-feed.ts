import { multiaddr } from '@multiformats/multiaddr'
import { DialableAddresses } from '../../address/dialable.ts'
import { claimedAddresses } from '../../address/claimed.ts'
import { hostOf, peerIdOf, withoutPeerId } from '../../address/multiaddr.ts'
import { HEALTHY_AFTER_MS } from '../dial/dialer.ts'
import { ipBlockOf } from '../../address/ip-block.ts'
import { PeerSearch } from './peer-search.ts'
import { RememberedPeers } from './remembered.ts'
import { sourcesStatus } from './sources-status.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { PeerRecords } from '../../address/peer-records.ts'
import type { Target } from './target.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { Session } from '../../session/session.ts'
import type { SourcesStatus } from '../../types/status.ts'
import type { KnownPeers } from '../../types/known-peers.ts'
import type { PeerSource } from '../../types/peer-source.ts'
import type { Libp2pEvents, Logger, PeerInfo, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, TransportManager } from '@libp2p/interface-internal'

/** What {@link PeerFeed} needs of libp2p. */
export interface PeerFeedComponents {
  addressManager: AddressManager
  connectionManager: ConnectionManager
  events: TypedEventTarget<Libp2pEvents>
  /** Knows which addresses a transport takes. Without it the node tries all of them. */
  transportManager?: Pick<TransportManager, 'dialTransportForMultiaddr'>
}

/** Options of {@link PeerFeed}. */
export interface PeerFeedInit {
  components: PeerFeedComponents
  config: { seedPeers: readonly string[], reservedPeers: readonly string[], reconnectDelay: number, maxReconnectDelay: number }
  knownPeers: KnownPeers | undefined
  /** The node asks them when all other peers leave outbound slots empty. */
  peerSources: readonly PeerSource[]
  /** Addresses of this machine, beside those that libp2p knows of. */
  localAddresses: () => Iterable<string>
  dialer: Dialer
  /** Reads the record of a known peer. It was verified when it came. */
  readRecord: PeerRecords['read']
  /** Called with an error of the store of known peers. */
  onStoreError: (error: unknown) => void
  clock: Clock
  chance: Chance
  log: Logger
}

/**
 * Gives the dialer its targets: seeds, reserved peers, peers of an earlier run, peers that libp2p discovers, and inbound peers. Where
 * those are not enough, it asks the sources of peers.
 */
export class PeerFeed {
  readonly #init: PeerFeedInit
  readonly #filter: DialableAddresses
  readonly #search: PeerSearch
  readonly #remembered: RememberedPeers

  constructor (init: PeerFeedInit) {
    const { clock, chance, config, dialer, log, peerSources: sources } = init
    this.#init = init
    this.#filter = new DialableAddresses(() => this.#ownAddresses(), clock, (address) => {
      const { transportManager } = init.components

      return transportManager == null || transportManager.dialTransportForMultiaddr(address) != null
    })
    this.#search = new PeerSearch({
      sources, filter: this.#filter, clock, chance, log, config, dialer,
      onFound: (peer, source) => { dialer.add('discovered', peer, source) }
    })
    this.#remembered = new RememberedPeers(init)
  }

  /** Which addresses of others the node may dial. */
  get filter (): DialableAddresses {
    return this.#filter
  }

  /** Where the targets came from, and what sources were asked. */
  sourcesStatus (peers: Pick<SessionManager, 'get'>): SourcesStatus {
    return sourcesStatus(this.#init.dialer.targets, peers, this.#search.status)
  }

  /** Listens to what libp2p discovers. */
  start (): void {
    this.#init.components.events.addEventListener('peer:discovery', this.#onDiscovery)
  }

  /** Stops, and remembers the best of the sessions that there still are. */
  stop (sessions: Iterable<Session>): void {
    this.#init.components.events.removeEventListener('peer:discovery', this.#onDiscovery)
    this.#search.stop()
    this.#remembered.stop(sessions)
  }

  /** Asks the sources of peers from now on, where there is a reason to. The dialer has to know its other targets by then. */
  startSearch (sessions: () => Iterable<Session>): void {
    this.#search.start()
    this.#remembered.start(sessions)
  }

  /** Takes note that the dialer has begun all dials that it can. */
  onFilled (): void {
    this.#search.check()

    if (this.#init.dialer.isShort) {
      this.#remembered.onShort()
    }
  }

  /** Takes note of a dial beside full slots: peers that the node forgot while they were away may be dialled too. */
  onExtra (): void {
    this.#remembered.readAgain()
  }

  /** Adds reserved peers, the seeds other than this node, and the peers of an earlier run. */
  async load (): Promise<void> {
    const { components: { addressManager }, config: { seedPeers, reservedPeers }, dialer, log } = this.#init
    reservedPeers.forEach((address) => { dialer.add('reserved', { peerId: peerIdOf(address), addresses: [address] }) })
    const own = new Set([...addressManager.getListenAddrs(), ...addressManager.getAddresses()].map(withoutPeerId))

    for (const address of seedPeers) {
      if (own.has(withoutPeerId(multiaddr(address)))) {
        log('the seed %s is an address of this node, which does not dial it', address)
      } else {
        dialer.add('seed', { peerId: peerIdOf(address), addresses: [address] })
      }
    }

    await this.#remembered.load()
  }

  /** Takes note of a session that is ready: the dialer may dial an inbound peer too. */
  onReady (session: Session): void {
    const claimed = session.direction === 'inbound' ? claimedAddresses(session) : []
    const addresses = claimed.filter((address) => this.#filter.isTaken(multiaddr(address)))

    if (addresses.length > 0) {
      this.#init.dialer.add('discovered', { peerId: session.id, addresses }, 'inbound')
    }
  }

  /** Takes note of a session that the dialer has made. */
  onReached (session: Session, { origin }: Readonly<Target>): void {
    this.remember(session)
    this.#search.onReached(origin)
  }

  /** Takes note of the end of a session: after a good one, the next search does not have to wait long. */
  onClosed ({ readyFor }: Session): void {
    if (readyFor >= HEALTHY_AFTER_MS) {
      this.#search.restart()
    }
  }

  /** Takes note of a dial that has failed. */
  onFailure (target: Readonly<Target>): void {
    this.#remembered.onFailure(target)
  }

  /** Remembers a peer for the next run. */
  remember (session: Session): void {
    this.#remembered.remember(session)
  }

  /** Remembers a target that the node has reached, or that a peer has told of. */
  rememberTarget (target: Readonly<Target>): void {
    this.#remembered.rememberTarget(target)
  }

  readonly #onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void => {
    const { components: { connectionManager }, dialer } = this.#init

    // libp2p also reports peers that have just connected: the addresses that they claim are no discovery
    if (detail.multiaddrs.length === 0 || connectionManager.getConnections(detail.id).length > 0) {
      return
    }

    const peerId = detail.id.toString()
    const addresses = this.#filter.accept({ peerId, addresses: detail.multiaddrs.map(String) })

    if (addresses.length > 0) {
      dialer.add('discovered', { peerId, addresses }, 'libp2p')
    }
  }

  /** Addresses that show which networks this node is in. Loopback counts only where it is configured: a wildcard always listens on it. */
  #ownAddresses (): string[] {
    const { components: { addressManager }, config: { seedPeers }, localAddresses } = this.#init
    const configured = [...addressManager.getListenAddrs(), ...addressManager.getAnnounceAddrs()].map(String)
    const found = [...addressManager.getAddresses().map(String), ...localAddresses()]

    return [...seedPeers, ...configured, ...found.filter((address) => ipBlockOf(hostOf(multiaddr(address)) ?? '') !== 'loopback')]
  }
}
