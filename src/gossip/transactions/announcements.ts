import { announceShort } from './announce-short.ts'
import type { OnCounted } from './counts.ts'
import type { ReadyPeer, ReadyPeers } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { Direction } from '../../types/peer.ts'

/**
 * Peers that hear of a transaction of another node at once, all of them such that this node has dialled. Where both ends of a link told
 * each other at once, most links would carry two announcements.
 */
export const SOON_PEERS = 3

/** How long the node collects what it announces at once. */
export const SOON_MS = 10

/**
 * How long the node collects what it announces to the other peers that it has dialled, give or take a quarter. The dialler of a link is the
 * first to announce on it, so that most links carry an announcement once.
 */
export const OUTBOUND_MS = 200

/** How long the node collects what it announces to the other peers that have dialled it, give or take a quarter. */
export const INBOUND_MS = 500

/**
 * Transactions that wait to be announced.
 *
 * @remarks The node announces them at once.
 */
export const MAX_COLLECTED = 4096

/** Options of {@link Announcements}. */
export interface AnnouncementsInit {
  clock: Clock
  chance: Chance
  peers: ReadyPeers
  seen: SeenCache
  onCounted?: OnCounted | undefined
}

/** A transaction that is to be announced, and the peers that hear of it at once. */
interface Entry { key: string, soon: readonly ReadyPeer[] }

/**
 * Announces transactions to the peers that lack them: to a few at once, to the others together with what comes within some tenths of a
 * second. A peer that has shown meanwhile that it has a transaction hears nothing of it.
 */
export class Announcements {
  readonly #init: AnnouncementsInit
  readonly #lanes: readonly [soon: Lane, outbound: Lane, inbound: Lane]

  constructor (init: AnnouncementsInit) {
    const { clock, chance } = init
    this.#init = init
    const around = (ms: number) => () => ms * (0.75 + chance.random() / 2)
    this.#lanes = [
      new Lane(clock, () => SOON_MS, (entries) => { this.#tellSoon(entries) }),
      new Lane(clock, around(OUTBOUND_MS), (entries) => { this.#tellOthers(entries, 'outbound') }),
      new Lane(clock, around(INBOUND_MS), (entries) => { this.#tellOthers(entries, 'inbound') })
    ]
  }

  /** Announces a transaction. `lacking` are peers that are not known to have it, some of which hear of it at once. */
  add (key: string, lacking: readonly ReadyPeer[]): void {
    const entry = { key, soon: this.#pick(lacking) }

    for (const lane of this.#lanes) {
      lane.add(entry)
    }
  }

  /** Announces nothing more. */
  stop (): void { this.#lanes.forEach((lane) => { lane.stop() }) }

  /** Some of the peers that this node has dialled, others each time. */
  #pick (lacking: readonly ReadyPeer[]): ReadyPeer[] {
    const dialled = lacking.filter(({ session }) => session.direction === 'outbound')
    const first = Math.floor(this.#init.chance.random() * dialled.length)

    return dialled.length <= SOON_PEERS ? dialled : [...dialled, ...dialled].slice(first, first + SOON_PEERS)
  }

  #tellSoon (entries: readonly Entry[]): void {
    const { seen } = this.#init
    const byPeer = new Map<ReadyPeer, string[]>()

    for (const { key, soon } of entries) {
      const index = seen.enter(key)

      for (const peer of soon.filter((peer) => this.#isReady(peer) && !seen.isHolder(index, peer.number))) {
        byPeer.set(peer, byPeer.get(peer) ?? [])
        byPeer.get(peer)!.push(key)
      }
    }

    byPeer.forEach((keys, peer) => { announceShort(peer, keys, this.#init.onCounted) })
  }

  #tellOthers (entries: readonly Entry[], direction: Direction): void {
    const { peers, seen, onCounted } = this.#init
    const indexes = entries.map(({ key }) => seen.enter(key))

    for (const peer of peers) {
      if (peer.usesShortDigests && peer.session.direction === direction) {
        const keys: string[] = []

        entries.forEach(({ key, soon }, at) => {
          if (!seen.isHolder(indexes[at]!, peer.number) && !soon.includes(peer)) {
            keys.push(key)
          }
        })

        announceShort(peer, keys, onCounted)
      }
    }
  }

  #isReady (peer: ReadyPeer): boolean { return this.#init.peers.get(peer.id) === peer }
}

/** Collects what goes out together. */
class Lane {
  readonly #clock: Clock
  readonly #delay: () => number
  readonly #send: (entries: readonly Entry[]) => void
  #entries: Entry[] = []
  #timer: unknown

  constructor (clock: Clock, delay: () => number, send: (entries: readonly Entry[]) => void) {
    this.#clock = clock
    this.#delay = delay
    this.#send = send
  }

  add (entry: Entry): void {
    this.#entries.push(entry)

    if (this.#entries.length >= MAX_COLLECTED) {
      this.#flush()
    } else {
      this.#timer ??= this.#clock.setTimeout(this.#flush, this.#delay())
    }
  }

  stop (): void {
    this.#entries = []
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  readonly #flush = (): void => {
    const entries = this.#entries
    this.stop()
    this.#send(entries)
  }
}
