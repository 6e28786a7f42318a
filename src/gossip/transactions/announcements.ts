import { announceShort } from './announce-short.ts'
import { MAX_COLLECTED, OutboundAnnouncements, dueInLull, isDue } from './outbound-announcements.ts'
import type { AnnouncementsInit } from './outbound-announcements.ts'
import type { ReadyPeer } from '../peers.ts'

/** How long the node collects what it announces to the peers that have dialled it, give or take a quarter. */
export const INBOUND_MS = 500

/**
 * Announces transactions to the peers that lack them: to a few at once, to the others together with what comes within some tenths of a
 * second. A peer that has shown meanwhile that it has a transaction hears nothing of it.
 */
export class Announcements {
  readonly #init: AnnouncementsInit
  readonly #outbound: OutboundAnnouncements
  #inbound: string[] = []
  /** When peers that have dialled this node are to hear of what has come. */
  #due = 0
  /** When the last transaction came. */
  #latest = 0
  #timer: unknown

  constructor (init: AnnouncementsInit) {
    this.#init = init
    this.#outbound = new OutboundAnnouncements(init)
  }

  /** Announces a transaction. `lacking` are peers that are not known to have it. */
  add (key: string, lacking: readonly ReadyPeer[]): void {
    const { clock, chance } = this.#init
    this.#outbound.add(key, lacking)
    this.#inbound.push(key)
    this.#latest = clock.recent()

    if (this.#inbound.length >= MAX_COLLECTED) {
      this.#tellInbound()
    } else if (this.#timer == null) {
      const wait = INBOUND_MS * (0.75 + chance.random() / 2)
      this.#due = this.#latest + wait
      this.#timer = clock.setTimeout(this.#onDue, wait)
    }
  }

  /** Announces nothing more. */
  stop (): void {
    this.#outbound.stop()
    this.#takeInbound()
  }

  #takeInbound (): string[] {
    const keys = this.#inbound
    this.#inbound = []
    this.#init.clock.clearTimeout(this.#timer)
    this.#timer = undefined

    return keys
  }

  readonly #onDue = (): void => {
    const { clock } = this.#init
    const left = dueInLull({ due: this.#due, wait: INBOUND_MS, latest: this.#latest }) - clock.now()

    if (isDue(left)) {
      this.#tellInbound()
    } else {
      this.#timer = clock.setTimeout(this.#onDue, left)
    }
  }

  readonly #tellInbound = (): void => {
    const { peers, seen, onCounted } = this.#init
    const all = this.#takeInbound()
    const indexes = all.map((key) => seen.enter(key))

    for (const peer of peers) {
      if (peer.usesShortDigests && peer.session.direction === 'inbound') {
        announceShort(peer, all.filter((_, at) => !seen.isHolder(indexes[at]!, peer.number)), onCounted)
      }
    }
  }
}
