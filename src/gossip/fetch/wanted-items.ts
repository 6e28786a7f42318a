import { Announcer, MAX_ANNOUNCERS, createWantedItem } from './announcer.ts'
import { MAX_AWAY } from './away.ts'
import { netgroupKeyOf } from '../../address/host-limits.ts'
import type { AnnouncerKey, Netgroup, WantedItem } from './announcer.ts'
import type { Withheld } from './withheld.ts'

/** Announced items that the node waits for, those apart that are named by short digests. */
export const MAX_WANTED = 1024

/** Announced items of one announcer that the node waits for, those apart that are named by short digests. */
export const MAX_WANTED_PER_PEER = 256

/** How many announced items the node waits for. */
export interface WantedBounds {
  items: number
  itemsPerPeer: number
}

const BOUNDS: WantedBounds = { items: MAX_WANTED, itemsPerPeer: MAX_WANTED_PER_PEER }

/** More than there can be announcements of one netgroup. */
const CLAIM_BASE = 2 ** 24

/**
 * The wanted items, and the peers that have announced them. Where there are too many, peers make room that have withheld items, then the
 * netgroup or host with the most announcements, and in it the peer with the most. Each loses what it announced last, and nothing else.
 * So a peer that announces less than its share loses nothing to others that announce more, however many they are.
 */
export class WantedItems {
  readonly #withheld: Withheld
  readonly #bounds: WantedBounds
  readonly #wants = new Map<string, WantedItem>()
  readonly #announcers = new Map<string, Announcer>()
  readonly #netgroups = new Map<string, Netgroup>()

  constructor (withheld: Withheld, bounds: WantedBounds = BOUNDS) {
    this.#withheld = withheld
    this.#bounds = bounds
  }

  get size (): number {
    return this.#wants.size
  }

  /** In the order in which they were first announced. They may change during the iteration. */
  get all (): Iterable<WantedItem> {
    return this.#wants.values()
  }

  get (key: string): WantedItem | undefined {
    return this.#wants.get(key)
  }

  announcer (id: string): Announcer | undefined {
    return this.#announcers.get(id)
  }

  /** The announcer of this session, which is known from now on. */
  announcerOf (session: AnnouncerKey): Announcer {
    const known = this.#announcers.get(session.id)

    if (known != null) {
      return known
    }

    const announcer = new Announcer(session, this.#joinNetgroup(session))
    this.#announcers.set(session.id, announcer)

    return announcer
  }

  /** Takes note of another session with a peer that has announced something. */
  onSession (announcer: Announcer, session: AnnouncerKey): void {
    const before = announcer.netgroup
    before.announcements -= announcer.wanted.size
    announcer.onSession(session, this.#joinNetgroup(session))
    announcer.netgroup.announcements += announcer.wanted.size
    this.#leaveNetgroup(before)
  }

  /** Adds an item that this peer was the first to announce. `undefined` where there is no room for it. */
  add (key: string, announcer: Announcer, due: number): WantedItem | undefined {
    if (announcer.wanted.size >= this.#bounds.itemsPerPeer || !this.#makeRoomFor(announcer)) {
      return undefined
    }

    const wanted = createWantedItem(key, due)
    this.#wants.set(key, wanted)
    link(wanted, announcer)

    return wanted
  }

  /** Adds an announcer of an item. False where it is known, or there is no room for it. */
  join (wanted: WantedItem, announcer: Announcer): boolean {
    if (announcer.wanted.has(wanted) || announcer.wanted.size >= this.#bounds.itemsPerPeer) {
      return false
    }

    if (wanted.announcers.length >= MAX_ANNOUNCERS && !this.#makeRoomIn(wanted, announcer)) {
      return false
    }

    link(wanted, announcer)

    return true
  }

  /** Removes an announcer of an item, and the item where no other peer has announced it. */
  leave (wanted: WantedItem, announcer: Announcer): void {
    unlink(wanted, announcer)
    this.#forgetIdle(announcer)

    if (wanted.announcers.length === 0) {
      this.end(wanted)
    }
  }

  /** Removes an item. */
  end (wanted: WantedItem): void {
    this.#wants.delete(wanted.key)
    wanted.announcers.forEach((announcer) => {
      announcer.wanted.delete(wanted)
      announcer.netgroup.announcements--
      this.#forgetIdle(announcer)
    })
  }

  /** Keeps the announcements of a peer that has gone, until `until`. Of too many such peers the first is forgotten. */
  keepAway (announcer: Announcer, until: number): void {
    announcer.awayUntil = until
    this.#forgetIdle(announcer)
    const away = [...this.#announcers.values()].filter(({ awayUntil }) => awayUntil != null)

    if (away.length > MAX_AWAY) {
      this.forget(away.reduce((first, other) => other.awayUntil! < first.awayUntil! ? other : first))
    }
  }

  /** Forgets a peer and its announcements. */
  forget (announcer: Announcer): void {
    for (const wanted of [...announcer.wanted]) {
      this.leave(wanted, announcer)
    }

    this.#remove(announcer)
  }

  clear (): void {
    this.#wants.clear()
    this.#announcers.clear()
    this.#netgroups.clear()
  }

  /** Forgets a peer that has gone and has no announcement left. */
  #forgetIdle (announcer: Announcer): void {
    if (announcer.awayUntil != null && announcer.wanted.size === 0) {
      this.#remove(announcer)
    }
  }

  #remove (announcer: Announcer): void {
    if (this.#announcers.delete(announcer.id)) {
      this.#leaveNetgroup(announcer.netgroup)
    }
  }

  #joinNetgroup ({ location }: AnnouncerKey): Netgroup {
    const name = netgroupKeyOf(location)
    const netgroup = this.#netgroups.get(name) ?? { name, members: 0, announcements: 0 }
    netgroup.members++
    this.#netgroups.set(name, netgroup)

    return netgroup
  }

  #leaveNetgroup (netgroup: Netgroup): void {
    if (--netgroup.members === 0) {
      this.#netgroups.delete(netgroup.name)
    }
  }

  /** Makes room for one more item of a peer. False where the peer itself would be the first to make room. */
  #makeRoomFor (newcomer: Announcer): boolean {
    while (this.size >= this.#bounds.items) {
      const victim = this.#pickVictim(newcomer)

      if (victim == null) {
        return false
      }

      this.leave(victim.latest!, victim)
    }

    return true
  }

  /** The announcer that makes room, or `undefined` where that is the newcomer. Called for each item of a flood: it creates no lists. */
  #pickVictim (newcomer: Announcer): Announcer | undefined {
    let victim: Announcer | undefined
    let most = this.#claimOf(newcomer)

    for (const announcer of this.#announcers.values()) {
      const claim = announcer.wanted.size === 0 ? 0 : this.#claimOf(announcer)

      if (claim > most) {
        victim = announcer
        most = claim
      }
    }

    return victim
  }

  /** The order in which announcers make room: a digit each for its suspicion, its netgroup and itself. */
  #claimOf (announcer: Announcer): number {
    return (this.#suspicion(announcer) * CLAIM_BASE + announcer.netgroup.announcements) * CLAIM_BASE + announcer.wanted.size
  }

  /** Makes room for one more announcer of an item: one that was asked in vain, or is the least likely to be of use, is removed. */
  #makeRoomIn (wanted: WantedItem, newcomer: Announcer): boolean {
    const countOf = ({ netgroup }: Announcer): number => {
      return wanted.announcers.reduce((count, other) => other.netgroup === netgroup ? count + 1 : count, 0)
    }
    const claimOf = (announcer: Announcer): number => {
      const suspicion = announcer.requests.get(wanted.key)?.isLate === true ? 3 : this.#suspicion(announcer)

      return (2 * suspicion + (announcer.direction === 'inbound' ? 1 : 0)) * CLAIM_BASE + countOf(announcer)
    }
    let victim: Announcer | undefined
    let most = claimOf(newcomer) + 1

    for (const announcer of wanted.announcers) {
      const claim = claimOf(announcer)

      if (claim > most) {
        victim = announcer
        most = claim
      }
    }

    if (victim != null) {
      unlink(wanted, victim)
    }

    return victim != null
  }

  #suspicion (announcer: Announcer): number {
    return announcer.awayUntil != null ? 2 : this.#withheld.isSuspect(announcer) ? 1 : 0
  }
}

function link (wanted: WantedItem, announcer: Announcer): void {
  wanted.announcers.push(announcer)
  announcer.add(wanted)
  announcer.netgroup.announcements++
}

function unlink (wanted: WantedItem, announcer: Announcer): void {
  for (const list of [wanted.announcers, wanted.asked]) {
    const at = list.indexOf(announcer)

    if (at >= 0) {
      list.splice(at, 1)
    }
  }

  wanted.askedBefore.delete(announcer)
  announcer.wanted.delete(wanted)
  announcer.netgroup.announcements--
}
