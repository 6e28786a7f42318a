import { Announcer, MAX_ANNOUNCERS, newWant } from './announcer.ts'
import { MAX_AWAY } from './away.ts'
import { netgroupKeyOf } from '../../address/host-limits.ts'
import type { AnnouncerKey, Crowd, Want } from './announcer.ts'
import type { Withheld } from './withheld.ts'

/** Announced items that the node waits for. */
export const MAX_WANTED = 1024

/** Announced items of one announcer that the node waits for. */
export const MAX_WANTED_PER_PEER = 256

/** More than there can be announcements of one crowd. */
const CLAIM_BASE = 2 ** 24

/**
 * The items that are waited for, and who has announced them. Where there are too many, those make room that have withheld something,
 * then the most crowded network or host, and in it the peer with the most; each loses what it announced last, and nothing else. So
 * nobody who announces less than its share loses anything to those who announce more, however many peers these have.
 */
export class WantTable {
  readonly #withheld: Withheld
  readonly #wants = new Map<string, Want>()
  readonly #announcers = new Map<string, Announcer>()
  readonly #crowds = new Map<string, Crowd>()

  constructor (withheld: Withheld) {
    this.#withheld = withheld
  }

  get size (): number {
    return this.#wants.size
  }

  /** In the order in which they were first announced. May be changed while they are walked. */
  get wants (): Iterable<Want> {
    return this.#wants.values()
  }

  get (key: string): Want | undefined {
    return this.#wants.get(key)
  }

  announcer (id: string): Announcer | undefined {
    return this.#announcers.get(id)
  }

  /** The announcer that this session is with, who is known from now on. */
  announcerOf (session: AnnouncerKey): Announcer {
    const known = this.#announcers.get(session.id)

    if (known != null) {
      return known
    }

    const announcer = new Announcer(session, this.#join(session))
    this.#announcers.set(session.id, announcer)

    return announcer
  }

  /** Takes note of another session with a peer that has announced something. */
  onSession (announcer: Announcer, session: AnnouncerKey): void {
    const before = announcer.crowd
    before.announcements -= announcer.wants.size
    announcer.onSession(session, this.#join(session))
    announcer.crowd.announcements += announcer.wants.size
    this.#part(before)
  }

  /** Waits for an item that was announced first by this peer. `undefined` where there is no room for it. */
  add (key: string, announcer: Announcer, due: number): Want | undefined {
    if (announcer.wants.size >= MAX_WANTED_PER_PEER || !this.#makeRoomFor(announcer)) {
      return undefined
    }

    const want = newWant(key, due)
    this.#wants.set(key, want)
    link(want, announcer)

    return want
  }

  /** Takes note that one more peer has an item. False where that is known, or there is no room for it. */
  join (want: Want, announcer: Announcer): boolean {
    if (announcer.wants.has(want) || announcer.wants.size >= MAX_WANTED_PER_PEER) {
      return false
    }

    if (want.announcers.length >= MAX_ANNOUNCERS && !this.#makeRoomIn(want, announcer)) {
      return false
    }

    link(want, announcer)

    return true
  }

  /** Takes back what a peer has announced of an item. It is no longer waited for where nobody else has announced it. */
  leave (want: Want, announcer: Announcer): void {
    unlink(want, announcer)
    this.#forgetIdle(announcer)

    if (want.announcers.length === 0) {
      this.end(want)
    }
  }

  /** Waits for an item no more. */
  end (want: Want): void {
    this.#wants.delete(want.key)
    want.announcers.forEach((announcer) => {
      announcer.wants.delete(want)
      announcer.crowd.announcements--
      this.#forgetIdle(announcer)
    })
  }

  /** Keeps what a peer that has gone has announced, until `until`. Of too many such peers the first is forgotten. */
  keepAway (announcer: Announcer, until: number): void {
    announcer.awayUntil = until
    this.#forgetIdle(announcer)
    const away = [...this.#announcers.values()].filter(({ awayUntil }) => awayUntil != null)

    if (away.length > MAX_AWAY) {
      this.forget(away.reduce((first, other) => other.awayUntil! < first.awayUntil! ? other : first))
    }
  }

  /** Forgets what a peer has announced. */
  forget (announcer: Announcer): void {
    for (const want of [...announcer.wants]) {
      this.leave(want, announcer)
    }

    this.#remove(announcer)
  }

  clear (): void {
    this.#wants.clear()
    this.#announcers.clear()
    this.#crowds.clear()
  }

  /** One that has gone is known only for what it has announced. */
  #forgetIdle (announcer: Announcer): void {
    if (announcer.awayUntil != null && announcer.wants.size === 0) {
      this.#remove(announcer)
    }
  }

  #remove (announcer: Announcer): void {
    if (this.#announcers.delete(announcer.id)) {
      this.#part(announcer.crowd)
    }
  }

  #join ({ location }: AnnouncerKey): Crowd {
    const name = netgroupKeyOf(location)
    const crowd = this.#crowds.get(name) ?? { name, members: 0, announcements: 0 }
    crowd.members++
    this.#crowds.set(name, crowd)

    return crowd
  }

  #part (crowd: Crowd): void {
    if (--crowd.members === 0) {
      this.#crowds.delete(crowd.name)
    }
  }

  /** Makes room for one more item of a peer. False where those that there are have more right to be waited for. */
  #makeRoomFor (newcomer: Announcer): boolean {
    while (this.size >= MAX_WANTED) {
      const victim = this.#pickVictim(newcomer)

      if (victim == null) {
        return false
      }

      this.leave([...victim.wants].at(-1)!, victim)
    }

    return true
  }

  /** Who has to take something back, or `undefined` where that is the newcomer. Called for each of a flood: no lists are made. */
  #pickVictim (newcomer: Announcer): Announcer | undefined {
    let victim: Announcer | undefined
    let most = this.#claimOf(newcomer)

    for (const announcer of this.#announcers.values()) {
      const claim = announcer.wants.size === 0 ? 0 : this.#claimOf(announcer)

      if (claim > most) {
        victim = announcer
        most = claim
      }
    }

    return victim
  }

  /** Who makes room first: a digit each for whether it is suspect, for its crowd and for itself. */
  #claimOf (announcer: Announcer): number {
    return (this.#suspicion(announcer) * CLAIM_BASE + announcer.crowd.announcements) * CLAIM_BASE + announcer.wants.size
  }

  /** Makes room for one more announcer of an item: one who was asked in vain, or is the least likely to be of use. */
  #makeRoomIn (want: Want, newcomer: Announcer): boolean {
    const crowdIn = ({ crowd }: Announcer): number => want.announcers.reduce((count, other) => other.crowd === crowd ? count + 1 : count, 0)
    const claimOf = (announcer: Announcer): number => {
      const suspicion = announcer.asks.get(want.key)?.isLate === true ? 3 : this.#suspicion(announcer)

      return (2 * suspicion + (announcer.direction === 'inbound' ? 1 : 0)) * CLAIM_BASE + crowdIn(announcer)
    }
    let victim: Announcer | undefined
    let most = claimOf(newcomer) + 1

    for (const announcer of want.announcers) {
      const claim = claimOf(announcer)

      if (claim > most) {
        victim = announcer
        most = claim
      }
    }

    if (victim != null) {
      unlink(want, victim)
    }

    return victim != null
  }

  #suspicion (announcer: Announcer): number {
    return announcer.awayUntil != null ? 2 : this.#withheld.isSuspect(announcer) ? 1 : 0
  }
}

function link (want: Want, announcer: Announcer): void {
  want.announcers.push(announcer)
  announcer.wants.add(want)
  announcer.crowd.announcements++
}

function unlink (want: Want, announcer: Announcer): void {
  for (const list of [want.announcers, want.asked]) {
    const at = list.indexOf(announcer)

    if (at >= 0) {
      list.splice(at, 1)
    }
  }

  want.again.delete(announcer)
  announcer.wants.delete(want)
  announcer.crowd.announcements--
}
