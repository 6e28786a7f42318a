import { announceShort } from './announce-short.ts'
import type { OnCounted } from './counts.ts'
import type { ReadyPeer, ReadyPeers } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'

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

/**
 * Where a transaction comes within so many ms of the one before, the node waits on, for twice as long at most: what comes meanwhile goes in
 * the same messages.
 */
export const LULL_MS = 150

/** From so many on the node tells all peers that it has dialled: their messages gain little from more. */
export const FULL_ANNOUNCEMENTS = 64

/**
 * Transactions that wait to be announced.
 *
 * @remarks The node announces them at once.
 */
export const MAX_COLLECTED = 4096

/** Options of {@link OutboundAnnouncements}. */
export interface AnnouncementsInit {
  clock: Clock
  chance: Chance
  peers: ReadyPeers
  seen: SeenCache
  onCounted?: OnCounted | undefined
}

/** A transaction that is to be announced, and when it is to be at the latest. */
interface Entry { key: string, due: number }

/**
 * Announces transactions to the peers that this node has dialled. A few hear of each at once, those first that have waited longest. Each
 * message has all that its peer has not been told of: so it takes the place of one that would follow.
 */
export class OutboundAnnouncements {
  readonly #init: AnnouncementsInit
  /** In the order in which they came. */
  #entries: Entry[] = []
  /** The number of the first of them: each is one more than the one before. */
  #first = 0
  /** The number of the entry of which each peer hears next; absent for the first. */
  #next = new Map<ReadyPeer, number>()
  /** Peers that hear of all when the timer for them fires. */
  readonly #soon = new Set<ReadyPeer>()
  /** When the last transaction came. */
  #latest = 0
  #soonTimer: unknown
  #dueTimer: unknown

  constructor (init: AnnouncementsInit) {
    this.#init = init
  }

  /** Announces a transaction. `lacking` are peers that are not known to have it, some of which hear of it at once. */
  add (key: string, lacking: readonly ReadyPeer[]): void {
    const { clock, chance } = this.#init
    this.#pick(lacking)
    const wait = OUTBOUND_MS * (0.75 + chance.random() / 2)
    this.#latest = clock.recent()
    this.#entries.push({ key, due: this.#latest + wait })

    if (this.#entries.length >= MAX_COLLECTED) {
      this.#tellSoon()
      return
    }

    this.#dueTimer ??= clock.setTimeout(this.#tellDue, wait)

    if (this.#soon.size > 0) {
      this.#soonTimer ??= clock.setTimeout(this.#tellSoon, SOON_MS)
    }
  }

  /** Announces nothing more. */
  stop (): void {
    const { clock } = this.#init
    clock.clearTimeout(this.#soonTimer)
    clock.clearTimeout(this.#dueTimer)
    this.#soonTimer = this.#dueTimer = undefined
    this.#soon.clear()
    this.#entries = []
    this.#next.clear()
  }

  /** Adds peers that lack a transaction to those that hear of all soon: those first that have waited longest, others each time. */
  #pick (lacking: readonly ReadyPeer[]): void {
    let count = this.#soon.size === 0 ? 0 : lacking.reduce((sum, peer) => this.#soon.has(peer) ? sum + 1 : sum, 0)

    if (count >= SOON_PEERS) {
      return
    }

    const left = lacking.filter((peer) => peer.session.direction === 'outbound' && !this.#soon.has(peer))

    for (; count < SOON_PEERS && left.length > 0; count++) {
      const from = Math.floor(this.#init.chance.random() * left.length)
      let best = from

      for (let step = 1; step < left.length; step++) {
        const at = (from + step) % left.length
        best = this.#nextOf(left[at]!) < this.#nextOf(left[best]!) ? at : best
      }

      this.#soon.add(left[best]!)
      left.splice(best, 1)
    }
  }

  #nextOf (peer: ReadyPeer): number { return Math.max(this.#next.get(peer) ?? 0, this.#first) }

  readonly #tellSoon = (): void => {
    this.#init.clock.clearTimeout(this.#soonTimer)
    this.#soonTimer = undefined
    const all = this.#dialled()
    this.#tell(this.#entries.length >= FULL_ANNOUNCEMENTS ? all : all.filter((peer) => this.#soon.has(peer)))
    this.#soon.clear()
    this.#forgetTold(all)
  }

  readonly #tellDue = (): void => {
    const now = this.#init.clock.now()
    const all = this.#dialled()
    this.#dueTimer = undefined
    this.#tell(all.filter((peer) => isDue(this.#dueOf(peer) - now)))
    this.#forgetTold(all)
  }

  /** When a peer is to hear of what it has not been told of. */
  #dueOf (peer: ReadyPeer): number {
    const due = this.#entries[this.#nextOf(peer) - this.#first]?.due

    return due == null ? Infinity : dueInLull({ due, wait: OUTBOUND_MS, latest: this.#latest })
  }

  #dialled (): ReadyPeer[] {
    return [...this.#init.peers].filter((peer) => peer.usesShortDigests && peer.session.direction === 'outbound')
  }

  /** Tells peers of all that they lack and have not been told of. */
  #tell (peers: readonly ReadyPeer[]): void {
    const { seen, onCounted } = this.#init
    const from = peers.reduce((least, peer) => Math.min(least, this.#nextOf(peer) - this.#first), this.#entries.length)
    const indexes = this.#entries.slice(from).map(({ key }) => seen.enter(key))

    for (const peer of peers) {
      const keys: string[] = []

      for (let at = this.#nextOf(peer) - this.#first; at < this.#entries.length; at++) {
        if (!seen.isHolder(indexes[at - from]!, peer.number)) {
          keys.push(this.#entries[at]!.key)
        }
      }

      this.#next.set(peer, this.#first + this.#entries.length)
      announceShort(peer, keys, onCounted)
    }
  }

  /** Drops what all of these peers have been told of, and waits for the first of them that is to hear of what is left. */
  #forgetTold (peers: readonly ReadyPeer[]): void {
    const { clock } = this.#init
    const end = this.#first + this.#entries.length
    const first = peers.reduce((least, peer) => Math.min(least, this.#nextOf(peer)), end)
    this.#entries.splice(0, first - this.#first)
    this.#first = first
    // without peers that have gone, and without any where all have been told: they keep their sessions in memory
    this.#next = new Map(first === end ? [] : peers.map((peer) => [peer, this.#nextOf(peer)]))

    const due = peers.reduce((least, peer) => Math.min(least, this.#dueOf(peer)), Infinity)
    clock.clearTimeout(this.#dueTimer)
    this.#dueTimer = due === Infinity ? undefined : clock.setTimeout(this.#tellDue, due - clock.now())
  }
}

/** Whether what is due in so many ms is announced now. No timer is as exact as a fraction of a millisecond. */
export function isDue (ms: number): boolean { return ms < 1 }

/** When the node announces what was due after a wait in ms, where the last transaction came at this time. */
export function dueInLull ({ due, wait, latest }: { due: number, wait: number, latest: number }): number {
  return Math.max(due, Math.min(due + wait, latest + LULL_MS))
}
