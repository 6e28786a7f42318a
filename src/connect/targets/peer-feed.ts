import { multiaddr } from '@multiformats/multiaddr'
import { ANCHORS_INTERVAL_MS, pickAnchors } from './anchors.ts'
import { DialableAddresses } from '../../address/dialable.ts'
import { claimedAddresses } from '../../address/claimed.ts'
import { hostOf, peerIdOf, withoutPeerId } from '../../address/multiaddr.ts'
import { HEALTHY_AFTER_MS } from '../dial/dialer.ts'
import { ipBlockOf } from '../../address/ip-block.ts'
import { PeerSearch } from './peer-search.ts'
import { MAX_FAILURES } from './targets.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { Target } from './targets.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { KnownPeers } from '../../types/known-peers.ts'
import type { PeerSource } from '../../types/peer-source.ts'
import type { Libp2pEvents, Logger, PeerInfo, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager, ConnectionManager } from '@libp2p/interface-internal'

/** How long failures to reach known peers are collected before they are written, in ms. */
export const FAILURES_INTERVAL_MS = 2000

/** What {@link PeerFeed} needs of libp2p. */
export interface PeerFeedComponents {
  addressManager: AddressManager
  connectionManager: ConnectionManager
  events: TypedEventTarget<Libp2pEvents>
}

/** Options of {@link PeerFeed}. */
export interface PeerFeedInit {
  components: PeerFeedComponents
  config: { seedPeers: readonly string[], reservedPeers: readonly string[], reconnectDelay: number, maxReconnectDelay: number }
  knownPeers: KnownPeers | undefined
  /** Asked when all of these leave outbound slots empty. */
  peerSources: readonly PeerSource[]
  /** Addresses of this machine, beside those that libp2p knows of. */
  localAddresses: () => Iterable<string>
  dialer: Dialer
  /** Told of known peers that could not be written. */
  onStoreError: (error: unknown) => void
  clock: Clock
  log: Logger
  /** 0 to 1. */
  random?: () => number
}

/**
 * Tells the dialer whom it may dial: seeds, peers of an earlier run, those that libp2p discovers, those who dial us, and,
 * where that is not enough, those that the sources of peers find.
 */
export class PeerFeed {
  readonly #init: PeerFeedInit
  readonly #filter: DialableAddresses
  readonly #search: PeerSearch
  /** Known peers that could not be reached, and when, until that is written. */
  readonly #failures = new Map<string, number>()
  #failuresTimer: unknown
  #anchorsTimer: unknown
  /** When the known peers may be read again. */
  #nextReading = Infinity

  constructor (init: PeerFeedInit) {
    const { clock, config, dialer, log, peerSources: sources, random } = init
    this.#init = init
    this.#filter = new DialableAddresses(() => this.#ownAddresses(), clock)
    this.#search = new PeerSearch({
      sources, filter: this.#filter, clock, log, config, dialer, ...(random == null ? {} : { random }),
      onFound: (peer, source) => { dialer.add('discovered', peer, source) }
    })
  }

  /** Listens to what libp2p discovers. */
  start (): void {
    this.#init.components.events.addEventListener('peer:discovery', this.#onDiscovery)
  }

  /** To be called while there still are sessions: the best of them are remembered. */
  stop (sessions: Iterable<Session>): void {
    this.#init.components.events.removeEventListener('peer:discovery', this.#onDiscovery)
    this.#init.clock.clearTimeout(this.#anchorsTimer)
    this.#nextReading = Infinity
    this.#search.stop()
    this.#noteFailures()
    this.#saveAnchors(pickAnchors(sessions))
  }

  /** Asks the sources of peers from now on, where there is a reason to. The dialer has to know the others by then. */
  startSearch (sessions: () => Iterable<Session>): void {
    this.#nextReading = this.#init.clock.now() + this.#init.config.maxReconnectDelay
    this.#search.start()
    this.#watchAnchors(sessions)
  }

  /** To be called when the dialer has done what it could. */
  onFilled (): void {
    this.#search.check()

    if (this.#init.dialer.isShort) {
      this.#readAgain()
    }
  }

  /** To be called when somebody is to be tried beside full slots: those who were forgotten while they were away count as well. */
  onExtra (): void {
    this.#readAgain()
  }

  /** Has those tried once more who were forgotten, where that was not done lately: they may only have been away. */
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
      dialer.addAll('known', known.map(({ id, addresses, lastSuccess }) => {
        return { peerId: id, addresses, lastSuccess, failures: MAX_FAILURES - 1 }
      }))
    }
  }

  /** Adds reserved peers, the seeds but ourselves, and those who are known from an earlier run. */
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

    for (const { id, addresses, lastSuccess } of await knownPeers?.load() ?? []) {
      dialer.add('known', { peerId: id, addresses, lastSuccess })
    }
  }

  /** Takes note of a session that is ready: whoever dialled us may be dialled too. */
  onReady (session: Session): void {
    const addresses = session.direction === 'inbound' ? claimedAddresses(session) : []

    if (addresses.length > 0) {
      this.#init.dialer.add('discovered', { peerId: session.id, addresses }, 'inbound')
    }
  }

  /** Takes note of a session that the dialer has made. */
  onReached (session: Session, { origin }: Readonly<Target>): void {
    this.remember(session)
    this.#search.onReached(origin)
  }

  /** Takes note of the end of a session: where it was a good one, others are looked for without a long pause. */
  onClosed ({ readyFor }: Session): void {
    if (readyFor >= HEALTHY_AFTER_MS) {
      this.#search.restart()
    }
  }

  /** Takes note of a dial that has failed. */
  onFailure ({ key, peerId }: Readonly<Target>): void {
    const { knownPeers, clock } = this.#init

    if (key === peerId && knownPeers != null) {
      this.#failures.set(key, clock.date())
      this.#failuresTimer ??= clock.setTimeout(() => { this.#noteFailures() }, FAILURES_INTERVAL_MS)
    }
  }

  /** They are one write to the disk. */
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
  remember ({ id, address, direction, location: { netgroup: group } }: Session): void {
    const { knownPeers, clock } = this.#init

    // the address that an inbound peer comes from is not one that it can be dialled at
    if (direction === 'inbound') {
      return
    }

    knownPeers?.save({ id, addresses: [address], lastSuccess: clock.date(), ...(group == null ? {} : { source: group }) })
      .catch((err: unknown) => { this.#onStoreError(id, err) })
  }

  #watchAnchors (sessions: () => Iterable<Session>): void {
    this.#anchorsTimer = this.#init.clock.setTimeout(() => {
      this.#saveAnchors(pickAnchors(sessions(), ANCHORS_INTERVAL_MS))
      this.#watchAnchors(sessions)
    }, ANCHORS_INTERVAL_MS)
  }

  #saveAnchors (ids: string[]): void {
    if (ids.length > 0) {
      this.#init.knownPeers?.setAnchors(ids).catch((err: unknown) => { this.#onStoreError('the anchors', err) })
    }
  }

  #onStoreError (whom: string, err: unknown): void {
    this.#init.log.error('could not remember %s - %e', whom, err)
    this.#init.onStoreError(err)
  }

  readonly #onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void => {
    const { components: { connectionManager }, dialer } = this.#init

    // libp2p also tells of peers that have just connected to us: where they say that they are is not a discovery
    if (detail.multiaddrs.length === 0 || connectionManager.getConnections(detail.id).length > 0) {
      return
    }

    const peerId = detail.id.toString()
    const addresses = this.#filter.accept({ peerId, addresses: detail.multiaddrs.map(String) })

    if (addresses.length > 0) {
      dialer.add('discovered', { peerId, addresses }, 'libp2p')
    }
  }

  /** What tells which networks are ours. Loopback is where it was configured: the wildcard listens on it everywhere. */
  #ownAddresses (): string[] {
    const { components: { addressManager }, config: { seedPeers }, localAddresses } = this.#init
    const configured = [...addressManager.getListenAddrs(), ...addressManager.getAnnounceAddrs()].map(String)
    const found = [...addressManager.getAddresses().map(String), ...localAddresses()]

    return [...seedPeers, ...configured, ...found.filter((address) => ipBlockOf(hostOf(multiaddr(address)) ?? '') !== 'loopback')]
  }
}
