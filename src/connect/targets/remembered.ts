import { Anchors } from './anchors.ts'
import { MAX_FAILURES, PEERS_ORIGIN } from './target.ts'
import type { NewTarget, Target } from './target.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { PeerRecords } from '../../address/peer-records.ts'
import type { Session } from '../../session/session.ts'
import type { KnownPeer, KnownPeers } from '../../types/known-peers.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '@libp2p/interface'

/** How long the node collects failures to reach known peers before it writes them, in ms. */
export const FAILURES_INTERVAL_MS = 2000

/** Options of {@link RememberedPeers}. */
export interface RememberedPeersInit {
  config: { maxReconnectDelay: number }
  knownPeers: KnownPeers | undefined
  dialer: Dialer
  /** Reads the record of a known peer. It was verified when it came. */
  readRecord: PeerRecords['read']
  /** Called with an error of the store of known peers. */
  onStoreError: (error: unknown) => void
  clock: Clock
  log: Logger
}

/**
 * Gives the dialer the peers that the node remembers, and remembers those that it reaches.
 *
 * The store has more of them than the dialer has room for. Where those that the dialer has do not fill the slots, peers that it has not
 * tried take the places of those that have failed. Later those that it has forgotten get one more try each: they may only have been away.
 */
export class RememberedPeers {
  readonly #init: RememberedPeersInit
  readonly #anchors: Anchors
  /** Failures that are not written yet: known peers, and when the dial failed. */
  readonly #failures = new Map<string, number>()
  #failuresTimer: unknown
  /** When the known peers may be read again. */
  #nextReading = Infinity
  /** Peers that the dialer has had no room for yet, the latest success first. The store bounds them. */
  #untried: KnownPeer[] = []

  constructor (init: RememberedPeersInit) {
    this.#init = init
    this.#anchors = new Anchors({ clock: init.clock, save: (ids) => { this.#saveAnchors(ids) } })
  }

  /** Adds the peers of an earlier run. */
  async load (): Promise<void> {
    const { knownPeers, dialer, readRecord } = this.#init

    for (const { id, addresses } of await knownPeers?.anchors() ?? []) {
      dialer.add('known', { peerId: id, addresses, isAnchor: true })
    }

    const known = await knownPeers?.load() ?? []

    for (const peer of known) {
      const { id, addresses, toldBy, record: bytes } = peer
      const record = bytes == null ? undefined : readRecord(bytes)

      if (toldBy == null) {
        dialer.add('known', { ...targetOf(peer), record })
      } else {
        dialer.add('discovered', { peerId: id, addresses, toldBy, record }, PEERS_ORIGIN)
      }
    }

    this.#untried = known.filter(({ id, toldBy }) => toldBy == null && !dialer.targets.has(id))
  }

  /** Notes anchors, and reads the known peers again where there is a reason to, from now on. */
  start (sessions: () => Iterable<Session>): void {
    this.#nextReading = this.#init.clock.now() + this.#init.config.maxReconnectDelay
    this.#anchors.start(sessions)
  }

  /** Stops, and remembers the best of the sessions that there still are. */
  stop (sessions: Iterable<Session>): void {
    this.#nextReading = Infinity
    this.#noteFailures()
    this.#anchors.stop(sessions)
  }

  /** Gives the dialer more peers: it has tried each that could fill its slots, in vain. */
  onShort (): void {
    const { dialer } = this.#init
    // the dialer asks for more while it takes these
    const untried = this.#untried.splice(0)

    if (untried.length > 0) {
      dialer.addAll('known', untried.map(targetOf))
      const left = untried.filter(({ id }) => !dialer.targets.has(id))
      // where it takes none, it takes none of them later either
      this.#untried = left.length < untried.length ? left : []
    }

    this.readAgain()
  }

  /** Gives the dialer forgotten peers for one more try, unless that was done lately. */
  readAgain (): void {
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
      // those that it has only heard of come in by their tellers alone, in the room of these
      const reached = known.filter(({ toldBy }) => toldBy == null)
      dialer.addAll('known', reached.map((peer) => ({ ...targetOf(peer), failures: MAX_FAILURES - 1 })))
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
}

/** A peer that the node has reached in an earlier run. */
function targetOf ({ id, addresses, lastSuccess }: KnownPeer): NewTarget {
  return { peerId: id, addresses, lastSuccess }
}
