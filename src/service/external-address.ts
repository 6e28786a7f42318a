import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { hostOf, isRelayed } from '../address/multiaddr.ts'
import { ExternalHosts } from '../address/external-hosts.ts'
import { advertisedAddresses, audienceOf, mappedAddresses } from '../address/advertised.ts'
import type { VibeCoinComponents } from './api.ts'
import type { AddressRules } from '../address/scope.ts'
import type { Clock } from '../util/clock.ts'
import type { Peer } from '../types/peer.ts'
import type { Connection, IdentifyResult, Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * How long the node tells all peers of one audience the same addresses, in ms. It asks the system and libp2p for them, which takes longer
 * than all else in a handshake.
 */
export const TOLD_MS = 100

/**
 * How many times as long as it takes to ask for them, where that is longer: a machine with thousands of addresses is asked more rarely.
 * Otherwise peers that connect, or ask for the record of the node, could keep it busy.
 */
export const TOLD_FACTOR = 20

/** Options of {@link ExternalAddress}. */
export interface ExternalAddressInit {
  components: Pick<VibeCoinComponents, 'addressManager' | 'connectionManager' | 'events' | 'peerId'>
  rules: AddressRules
  clock: Clock
  log: Logger
}

/**
 * Learns from peers where they see this node, and tells each of them the addresses that make sense for it.
 *
 * Only peers that this node has dialled and has a session with have a voice: an attacker can dial this node at will.
 * {@link ExternalHosts} says how many voices it takes. A peer sees the port of a connection, which this node does not listen on. So the
 * node advertises the host with its own ports, and gives libp2p these addresses to try, where that has AutoNAT.
 */
export class ExternalAddress {
  readonly #init: ExternalAddressInit
  readonly #hosts: ExternalHosts
  /** The sessions of peers that this node has dialled, by their ids. */
  readonly #dialled = new Map<string, Pick<Peer, 'id' | 'direction'>>()
  /** What the peer at the other end sees. */
  readonly #seen = new WeakMap<Connection, string>()
  /** What peers were told since some time, by the clock, by their audiences: there are few of these. */
  readonly #told = new Map<string, Multiaddr[]>()
  #toldSince = -Infinity
  #toldFor = TOLD_MS
  #confirmed: string[] = []
  /** Addresses that libp2p has taken to try. */
  #offered: Multiaddr[] = []

  constructor (init: ExternalAddressInit) {
    this.#init = init
    this.#hosts = new ExternalHosts(init.clock)
  }

  start (): void {
    this.#init.components.events.addEventListener('peer:identify', this.#onIdentify)
  }

  stop (): void {
    this.#init.components.events.removeEventListener('peer:identify', this.#onIdentify)
    this.#hosts.clear()
    this.#update()
  }

  /** Takes note of a session that is ready: what its peer sees counts from now on. */
  onReady (session: Pick<Peer, 'id' | 'direction'>): void {
    const { id, direction } = session

    // a peer that has dialled this node has no voice
    if (direction === 'inbound') {
      this.#dialled.delete(id)
      return
    }

    this.#dialled.set(id, session)
    this.#init.components.connectionManager.getConnections(peerIdFromString(id)).forEach((connection) => { this.#count(connection) })
  }

  /** Takes note of a session that has ended: what its peer sees from then on does not count. */
  onClosed (session: Pick<Peer, 'id' | 'direction'>): void {
    if (this.#dialled.get(session.id) === session) {
      this.#dialled.delete(session.id)
    }
  }

  /** The addresses that the node advertises to a peer at this multiaddr, the most useful first. */
  addressesFor (peer: string): readonly Multiaddr[] {
    const { rules, clock } = this.#init
    const at = multiaddr(peer)
    const audience = audienceOf(at, rules)
    this.#update()

    if (clock.now() - this.#toldSince >= this.#toldFor) {
      this.#told.clear()
      this.#toldSince = clock.now()
      this.#toldFor = TOLD_MS
    }

    const before = this.#told.get(audience)

    if (before != null) {
      return before
    }

    const since = clock.now()
    const told = this.#addressesAt(at)
    this.#told.set(audience, told)
    this.#toldFor = Math.max(this.#toldFor, TOLD_FACTOR * (clock.now() - since))

    return told
  }

  #addressesAt (peer: Multiaddr): Multiaddr[] {
    const { components: { addressManager, peerId }, rules } = this.#init
    const observed = new Set(addressManager.getObservedAddrs().map(String))
    // libp2p removes addresses that it has tried in vain
    const refused = new Set(this.#offered.map(String).filter((address) => !observed.has(address)))
    const mapped = this.#mapped().filter((address) => !refused.has(address.toString()))

    return advertisedAddresses({ addressManager, peerId: peerId.toString(), mapped }, peer, rules)
  }

  readonly #onIdentify = ({ detail: { connection, observedAddr } }: CustomEvent<IdentifyResult>): void => {
    const { rules } = this.#init
    const ip = observedAddr?.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')

    if (observedAddr == null || ip?.value == null || isRelayed({ remoteAddr: observedAddr }) || rules.scopeOf(observedAddr) !== 'public') {
      return
    }

    this.#seen.set(connection, ip.value)
    this.#count(connection)
  }

  #count (connection: Connection): void {
    const { rules } = this.#init
    const host = this.#seen.get(connection)
    const group = rules.netgroupOf(hostOf(connection.remoteAddr) ?? '')
    const isChosen = connection.direction === 'outbound' && this.#dialled.has(connection.remotePeer.toString())

    if (host != null && group != null && isChosen && !isRelayed(connection)) {
      this.#hosts.note({ netgroup: group, host, isOpen: () => connection.status === 'open' })
      this.#update()
    }
  }

  /** Compares what is confirmed with what was. */
  #update (): void {
    const { components: { addressManager }, log } = this.#init
    const { confirmed } = this.#hosts

    if (confirmed.join() === this.#confirmed.join()) {
      return
    }

    log('peers agree that we are at %s', confirmed.join(' and ') || 'no host any more')
    this.#confirmed = confirmed
    this.#told.clear()
    this.#withdraw()
    const mapped = this.#mapped()
    mapped.forEach((address) => { addressManager.addObservedAddr(address) })
    const observed = new Set(addressManager.getObservedAddrs().map(String))
    this.#offered = mapped.filter((address) => observed.has(address.toString()))
  }

  /** Takes back addresses that were not tried yet. libp2p tries the good ones again itself. */
  #withdraw (): void {
    const { addressManager } = this.#init.components
    const known = addressManager.getAddressesWithMetadata()
    const untried = new Set(known.flatMap(({ type, verified, multiaddr }) => type === 'observed' && !verified ? multiaddr.toString() : []))
    this.#offered.filter((address) => untried.has(address.toString())).forEach((address) => { addressManager.removeObservedAddr(address) })
  }

  #mapped (): Multiaddr[] {
    const { components: { addressManager }, rules } = this.#init

    // libp2p asks the system for the addresses that it listens on
    return this.#confirmed.length === 0 ? [] : mappedAddresses(addressManager.getAddressesWithMetadata(), this.#confirmed, rules)
  }
}
