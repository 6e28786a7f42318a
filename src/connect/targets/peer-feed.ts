import { multiaddr } from '@multiformats/multiaddr'
import { Anchors } from './anchors.ts'
import { DialableAddresses } from '../../address/dialable.ts'
import { claimedAddresses } from '../../address/claimed.ts'
import { hostOf, peerIdOf, withoutPeerId } from '../../address/multiaddr.ts'
import { HEALTHY_AFTER_MS } from '../dial/dialer.ts'
import { ipBlockOf } from '../../address/ip-block.ts'
import { PEERS_ORIGIN } from './target.ts'
import { PeerSearch } from './peer-search.ts'
import { sourcesStatus } from './sources-status.ts'
import { MAX_FAILURES } from './target.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { PeerRecords } from '../../address/peer-records.ts'
import type { NewTarget, Target } from './target.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { Session } from '../../session/session.ts'
import type { SourcesStatus } from '../../types/status.ts'
import type { KnownPeer, KnownPeers } from '../../types/known-peers.ts'
import type { PeerSource } from '../../types/peer-source.ts'
import type { Libp2pEvents, Logger, PeerInfo, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, TransportManager } from '@libp2p/interface-internal'

/** How long the node collects failures to reach known peers before it writes them, in ms. */
export const FAILURES_INTERVAL_MS = 2000

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
  readonly #anchors: Anchors
  /** Failures that are not written yet: known peers, and when the dial failed. */
  readonly #failures = new Map<string, number>()
  #failuresTimer: unknown
  /** When the known peers may be read again. */
  #nextReading = Infinity
  /** Peers of an earlier run that the dialer has had no room for yet, the latest success first. The store bounds them. */
  #untried: KnownPeer[] = []

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
    this.#anchors = new Anchors({ clock, save: (ids) => { this.#saveAnchors(ids) } })
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
    this.#nextReading = Infinity
    this.#search.stop()
    this.#noteFailures()
    this.#anchors.stop(sessions)
  }

  /** Asks the sources of peers from now on, where there is a reason to. The dialer has to know its other targets by then. */
  startSearch (sessions: () => Iterable<Session>): void {
    this.#nextReading = this.#init.clock.now() + this.#init.config.maxReconnectDelay
    this.#search.start()
    this.#anchors.start(sessions)
  }

  /** Takes note that the dialer has begun all dials that it can. */
  onFilled (): void {
    this.#search.check()

    if (this.#init.dialer.isShort) {
      this.#giveUntried()
      this.#readAgain()
    }
  }

  /** Has peers of an earlier run that the dialer has not tried take the places of targets that have failed. */
  #giveUntried (): void {
    const { dialer } = this.#init
    // the dialer asks for more while it takes these
    const untried = this.#untried.splice(0)

    if (untried.length > 0) {
      dialer.addAll('known', untried.map(knownTarget))
      const left = untried.filter(({ id }) => !dialer.targets.has(id))
      // where it takes none, it takes none of them later either
      this.#untried = left.length < untried.length ? left : []
    }
  }

  /** Takes note of a dial beside full slots: peers that the node forgot while they were away may be dialled too. */
  onExtra (): void {
    this.#readAgain()
  }

  /** Gives the dialer forgotten peers for one more try, unless that was done lately: they may only have been away. */
  #readAgain (): void {
    const { clock, config } = this.#init

    if (clock.now() >= this.#nextReading) {
      this.#nextReading = clock.now() + config.maxReconnectDelay
      this.#readKnown().catch((err: unknown) => { this.#onStoreError('the known peers', err) })
    }
  }

  async #readKnown (): Promise<void> {
    const { knownPeers, dialer } = this.#init
    const known = await knownPeers?.load() ?? []

    if (this.#nextReading !== Infinity) {
      // those that it has only heard of have the room of their tellers, and are forgotten for good
      dialer.addAll('known', known.filter(({ toldBy }) => toldBy == null).map((peer) => ({ ...knownTarget(peer), failures: MAX_FAILURES - 1 })))
    }
  }

  /** Adds reserved peers, the seeds other than this node, and the peers of an earlier run. */
  async load (): Promise<void> {
    const { components: { addressManager }, config: { seedPeers, reservedPeers }, knownPeers, dialer } = this.#init
    reservedPeers.forEach((address) => { dialer.add('reserved', { peerId: peerIdOf(address), addresses: [address] }) })
    const own = new Set([...addressManager.getListenAddrs(), ...addressManager.getAddresses()].map(withoutPeerId))

    for (const address of seedPeers.filter((address) => !own.has(withoutPeerId(multiaddr(address))))) {
      dialer.add('seed', { peerId: peerIdOf(address), addresses: [address] })
    }

    for (const { id, addresses } of await knownPeers?.anchors() ?? []) {
      dialer.add('known', { peerId: id, addresses, isAnchor: true })
    }

    const known = await knownPeers?.load() ?? []

    for (const peer of known) {
      const { id, addresses, toldBy, record: bytes } = peer
      const record = bytes == null ? undefined : this.#init.readRecord(bytes)

      if (toldBy == null) {
        dialer.add('known', { ...knownTarget(peer), record })
      } else {
        dialer.add('discovered', { peerId: id, addresses, toldBy, record }, PEERS_ORIGIN)
      }
    }

    this.#untried = known.filter(({ id, toldBy }) => toldBy == null && !dialer.targets.has(id))
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
  onFailure ({ key, peerId, toldBy, lastSuccess }: Readonly<Target>): void {
    const { knownPeers, clock, dialer } = this.#init

    // the node has heard of it, tried it in vain, and forgotten it
    if (toldBy != null && lastSuccess < 0 && !dialer.targets.has(key)) {
      knownPeers?.remove(key).catch((err: unknown) => { this.#onStoreError(key, err) })
    } else if (key === peerId && knownPeers != null) {
      this.#failures.set(key, clock.date())
      this.#failuresTimer ??= clock.setTimeout(() => { this.#noteFailures() }, FAILURES_INTERVAL_MS)
    }
  }

  /** Writes the failures, all at once. */
  #noteFailures (): void {
    const { knownPeers, clock } = this.#init
    clock.clearTimeout(this.#failuresTimer)
    this.#failuresTimer = undefined

    for (const [id, time] of this.#failures) {
      knownPeers?.noteFailure(id, time).catch((err: unknown) => { this.#onStoreError(id, err) })
    }

    this.#failures.clear()
  }

  /** Remembers a peer for the next run. */
  remember ({ id, address, direction, location: { netgroup } }: Session): void {
    // an inbound peer cannot be dialled at the address that it comes from
    if (direction === 'outbound') {
      this.#save({ id, addresses: [address], lastSuccess: this.#init.clock.date(), ...(netgroup == null ? {} : { source: netgroup }) })
    }
  }

  /** Remembers a target that the node has reached, or that a peer has told of. */
  rememberTarget ({ peerId: id, addresses: [first, ...rest], groups, lastSuccess, toldBy }: Readonly<Target>): void {
    const source = groups.get(first ?? '')

    if (id == null || first == null || (lastSuccess < 0 && toldBy == null)) {
      return
    }

    this.#save({
      id,
      addresses: lastSuccess < 0 ? [first, ...rest] : [first],
      ...(lastSuccess < 0 ? { toldBy } : { lastSuccess }),
      ...(source == null ? {} : { source })
    })
  }

  #save (peer: KnownPeer): void {
    const { knownPeers, dialer } = this.#init
    const record = dialer.targets.of(peer.id).find(({ record }) => record != null)?.record

    knownPeers?.save({ ...peer, ...(record == null ? {} : { record: record.bytes }) })
      .catch((err: unknown) => { this.#onStoreError(peer.id, err) })
  }

  #saveAnchors (ids: string[]): void {
    this.#init.knownPeers?.setAnchors(ids).catch((err: unknown) => { this.#onStoreError('the anchors', err) })
  }

  #onStoreError (whom: string, err: unknown): void {
    this.#init.log.error('could not remember %s - %e', whom, err)
    this.#init.onStoreError(err)
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

/** A peer that the node has reached in an earlier run. */
function knownTarget ({ id, addresses, lastSuccess }: KnownPeer): NewTarget {
  return { peerId: id, addresses, lastSuccess }
}
