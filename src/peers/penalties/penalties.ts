import { Bans } from './bans.ts'
import { Scores } from './scores.ts'
import type { BansInit } from './bans.ts'
import type { Judgement, Offence } from './scores.ts'
import type { Ban, BanKind } from '../../types/ban.ts'
import type { Location } from '../../address/location.ts'

/** Somebody, as far as known: before encryption that is the host alone. */
export interface Identification {
  id?: string | undefined
  host?: string | undefined
}

/** A peer, and where it is. */
export interface Offender {
  readonly id: string
  readonly location: Location
}

/** What {@link Penalties} is made with. */
export interface PenaltiesInit extends BansInit {
  /** Peer ids of seeds and reserved peers. Looked at each time. */
  exemptIds?: Pick<ReadonlySet<string>, 'has'>
  /** Hosts of seeds and reserved peers, as in `Place.host`. Looked at each time too. */
  exemptHosts?: ReadonlySet<string>
}

/**
 * How peers behave, and what follows from it: who is disconnected and who is kept out.
 *
 * What the protocol forbids bans at once, what may have been meant well moves a score. A ban is for the peer id, which costs
 * nothing, and for the host where it is a public one. This machine, seeds and reserved peers are never banned, unless the
 * operator says so.
 */
export class Penalties {
  readonly bans: Bans
  readonly scores: Scores
  readonly #exemptIds: Pick<ReadonlySet<string>, 'has'>
  readonly #exemptHosts: ReadonlySet<string>
  readonly #listeners: ((ban: Ban) => void)[] = []

  constructor ({ exemptIds, exemptHosts, ...init }: PenaltiesInit) {
    this.bans = new Bans(init)
    this.scores = new Scores(init)
    this.#exemptIds = exemptIds ?? new Set()
    this.#exemptHosts = exemptHosts ?? new Set()
  }

  /** Has a listener told of each ban that is made or made longer, after the listeners that came before it. It must not throw. */
  subscribe (listener: (ban: Ban) => void): void {
    this.#listeners.push(listener)
  }

  /** Takes up the bans of an earlier run. */
  async load (): Promise<void> {
    await this.bans.load()
  }

  /** Bans who has done what the protocol forbids, and says whether that was possible. */
  onViolation (offender: Offender, detail: string): boolean {
    return this.#punish(offender, detail)
  }

  /**
   * Counts what may have been meant well, and says what is to be done about the peer. It is banned by then where the
   * answer is `ban`. Only to be called while the session is ready, or for what has ended it: what was still under way when it
   * ended is not to count, or an honest peer pays many times for what one answer was given to.
   */
  note (offender: Offender, offence: Offence): Judgement {
    const judgement = this.scores.note(offender.id, offence)

    if (judgement !== 'ban') {
      return judgement
    }

    return this.#punish(offender, offence) ? 'ban' : 'disconnect'
  }

  /** Whether somebody is kept out now. A seed or reserved peer is let in from a host that is kept out for others. */
  isBanned ({ id, host }: Identification): boolean {
    const subjects = [id, host].filter((subject) => subject != null)
    const isExempt = id != null && this.#exemptIds.has(id)

    return subjects.some((subject) => this.bans.has(subject) && ((!isExempt && !this.#isExempt(subject)) || this.bans.hasManual(subject)))
  }

  /**
   * Keeps out a peer id or a host because the operator wants it, whoever it is.
   * Throws a `ConfigError` for a duration in ms that is not a number above 0, and for a subject that is none.
   */
  ban (subject: string, { duration, reason = 'by the operator' }: { duration?: number | undefined, reason?: string } = {}): Ban {
    return this.#add(subject, { reason, isManual: true, ...(duration == null ? {} : { duration }) })
  }

  /** Lets somebody in again, with a clean record. False where they were not kept out. */
  unban (subject: string): boolean {
    this.scores.forget(subject)

    return this.bans.remove(subject)
  }

  #punish ({ id, location: { host, netgroup: group } }: Offender, reason: string): boolean {
    // a ban of its host would keep out the seed or reserved peer as well
    if (this.#exemptIds.has(id)) {
      return false
    }

    this.#add(id, { reason })

    // behind an address that is not public there may be a proxy that brings everybody
    if (host != null && group != null && !this.#exemptHosts.has(host)) {
      this.#add(host, { reason })
    }

    return true
  }

  #add (subject: string, options: { reason: string, duration?: number, isManual?: boolean }): Ban {
    const ban = this.bans.add(subject, { kind: banKindOf(subject), ...options })
    this.#listeners.forEach((listener) => { listener(ban) })

    return ban
  }

  #isExempt (subject: string): boolean {
    return this.#exemptIds.has(subject) || this.#exemptHosts.has(subject)
  }
}

/** What a ban of this subject keeps out: a peer id has neither of the characters that an IP address has at least one of. */
export function banKindOf (subject: string): BanKind {
  return /[.:]/.test(subject) ? 'host' : 'peer'
}
