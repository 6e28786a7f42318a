import { Bans } from './bans.ts'
import { Scores } from './scores.ts'
import type { BansInit } from './bans.ts'
import type { Judgement, Offence } from './scores.ts'
import type { Ban, BanKind } from '../../types/ban.ts'
import type { Location } from '../../address/location.ts'

/** What the node knows of a peer: before encryption, the host alone. */
export interface Identification {
  id?: string | undefined
  host?: string | undefined
}

/** A peer, and where it is. */
export interface Offender {
  readonly id: string
  readonly location: Location
}

/** Options of {@link Penalties}. */
export interface PenaltiesInit extends BansInit {
  /** Peer ids of seeds and reserved peers. Looked at each time. */
  exemptIds?: Pick<ReadonlySet<string>, 'has'>
  /** Hosts of seeds and reserved peers, as in `Place.host`. Looked at each time too. */
  exemptHosts?: ReadonlySet<string>
}

/**
 * Decides which peers the node disconnects and which it bans.
 *
 * What the protocol forbids bans at once. What an honest peer may do adds to its score. A ban is for the peer id, which costs nothing, and
 * for the host where it is public. The node never bans this machine, seeds or reserved peers, unless the operator says so.
 */
export class Penalties {
  readonly bans: Bans
  readonly scores: Scores
  readonly #exemptIds: Pick<ReadonlySet<string>, 'has'>
  readonly #exemptHosts: ReadonlySet<string>
  readonly #listeners: ((ban: Ban) => void)[] = []
  readonly #pardonListeners: ((subject: string) => void)[] = []

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

  /** Has a listener told of each subject whose ban the operator ends. It must not throw. */
  subscribePardons (listener: (subject: string) => void): void {
    this.#pardonListeners.push(listener)
  }

  /** Loads the bans of an earlier run. */
  async load (): Promise<void> {
    await this.bans.load()
  }

  /** Bans a peer that has done what the protocol forbids. False where it must not be banned. */
  onViolation (offender: Offender, detail: string): boolean {
    return this.#punish(offender, detail)
  }

  /**
   * Counts an offence that an honest peer may commit, and returns what follows. Where that is `ban`, it has banned the peer. The caller
   * counts offences while the session is ready, and the one that ended it. It counts none of what was still under way then: an honest
   * peer would pay many times for one cause.
   */
  note (offender: Offender, offence: Offence): Judgement {
    const judgement = this.scores.note(offender.id, offence)

    if (judgement !== 'ban') {
      return judgement
    }

    return this.#punish(offender, offence) ? 'ban' : 'disconnect'
  }

  /** Whether a peer is banned now. A seed or reserved peer may come from a host that is banned for others. */
  isBanned ({ id, host }: Identification): boolean {
    const subjects = [id, host].filter((subject) => subject != null)
    const isExempt = id != null && this.#exemptIds.has(id)

    return subjects.some((subject) => this.bans.has(subject) && ((!isExempt && !this.#isExempt(subject)) || this.bans.hasManual(subject)))
  }

  /**
   * Bans any peer id or host because the operator wants it.
   * Throws a `ConfigError` for a duration in ms that is not a number above 0, and for a subject that is none.
   */
  ban (subject: string, { duration, reason = 'by the operator' }: { duration?: number | undefined, reason?: string } = {}): Ban {
    return this.#add(subject, { reason, isManual: true, ...(duration == null ? {} : { duration }) })
  }

  /** Ends a ban, and forgets the offences and the score. False where there was no ban. */
  unban (subject: string): boolean {
    this.scores.forget(subject)

    const wasBanned = this.bans.remove(subject)

    if (wasBanned) {
      this.#pardonListeners.forEach((listener) => { listener(subject) })
    }

    return wasBanned
  }

  #punish ({ id, location: { host, netgroup } }: Offender, reason: string): boolean {
    // a ban of its host would keep out the seed or reserved peer as well
    if (this.#exemptIds.has(id)) {
      return false
    }

    this.#add(id, { reason })

    // behind an address that is not public there may be a proxy, and many peers behind it
    if (host != null && netgroup != null && !this.#exemptHosts.has(host)) {
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
