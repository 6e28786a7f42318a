import { PriorityMap } from '../../util/priority-map.ts'
import { ConfigError } from '../../errors.ts'
import { backoff } from '../../util/backoff.ts'
import type { Clock } from '../../util/clock.ts'
import type { Ban, BanKind, BanStore } from '../../types/ban.ts'

/**
 * The first ban, unless `banDuration` says otherwise.
 *
 * @remarks The peer may come back. The next ban takes twice as long.
 */
export const BAN_DURATION_MS: number = 60 * 60 * 1000

/**
 * The longest ban by the node itself. A ban by the operator may be longer.
 *
 * @remarks The ban takes as long as this, however often there was a reason for one.
 */
export const MAX_BAN_DURATION_MS: number = 7 * 24 * 60 * 60 * 1000

/**
 * Bans at a time, unless `limits.bans` says otherwise. Those count too that have ended and are remembered.
 *
 * @remarks The ban that ends first makes room, one by the operator last.
 */
export const MAX_BANS = 10_000

/** The peer id or host of a ban (`Ban.subject`). */
export const MAX_SUBJECT_CHARS = 128

/**
 * The reason of a ban (`Ban.reason`).
 *
 * @remarks The node cuts a longer one.
 */
export const MAX_REASON_CHARS = 128

/** The last moment that a `Date` can tell, in ms since the Unix epoch: a ban for ever ends then. */
const MAX_TIME_MS = 8.64e15

/** Lifts bans by the operator over all others in the order in which they make room. */
const MANUAL_PRIORITY = 4 * MAX_TIME_MS

/** Options of {@link Bans}. */
export interface BansInit {
  clock: Clock
  /** How long a first ban lasts, in ms. */
  duration?: number
  maxBans?: number
  /** Where bans are kept between two runs. Its opener closes it. */
  store?: BanStore
  /** Called with an error of the store. The bans hold all the same in this run. */
  onStoreError?: (error: unknown) => void
}

/** A new ban. */
export interface NewBan {
  kind: BanKind
  /** The reason, for people to read. */
  reason: string
  /** How long the first one lasts, in ms. */
  duration?: number
  /** Whether the operator wants it. It then lasts exactly as long as said, and is no offence. */
  isManual?: boolean
}

/** A ban, and when it ends by the clock, which no change of the time of day moves. */
interface Entry extends Omit<Ban, 'until'> { readonly endsAt: number }

/**
 * Which peers and hosts are banned, and for how long.
 *
 * Each offence doubles the time, up to {@link MAX_BAN_DURATION_MS}. The node remembers a ban that has ended for as long again as it lasted:
 * an offence by then is a repeated one. What comes while a ban lasts belongs to the same offence.
 *
 * Where there is no room, the ban that ends first makes it: those that have ended come before all others. Bans by the operator go last,
 * and only for each other.
 */
export class Bans {
  readonly #init: BansInit
  readonly #duration: number
  readonly #maxBans: number
  readonly #entries = new PriorityMap<Entry>()

  constructor (init: BansInit) {
    this.#init = init
    this.#duration = init.duration ?? BAN_DURATION_MS
    this.#maxBans = init.maxBans ?? MAX_BANS
  }

  /** Bans that have not ended. */
  get size (): number {
    return this.#current().length
  }

  /** Bans, with those that have ended and are remembered. */
  get remembered (): number {
    return this.#entries.size
  }

  /** Bans that have not ended, the one that ends first first. */
  list (): Ban[] {
    return this.#current().sort((a, b) => a.endsAt - b.endsAt).map((entry) => this.#toBan(entry))
  }

  /** The ban of a subject, where it holds now. */
  get (subject: string): Ban | undefined {
    const entry = this.#find(subject)

    return entry == null || entry.endsAt <= this.#now ? undefined : this.#toBan(entry)
  }

  /** Whether a subject is banned now. */
  has (subject: string): boolean {
    const entry = this.#find(subject)

    return entry != null && entry.endsAt > this.#now
  }

  /** Whether the operator has banned a subject, and the ban holds now. */
  hasManual (subject: string): boolean {
    return this.has(subject) && this.#find(subject)?.isManual === true
  }

  /**
   * Bans a subject, or makes its ban longer where that ends later. Throws a {@link ConfigError} for a duration that is not a
   * number above 0, and for a subject that is not 1 to {@link MAX_SUBJECT_CHARS} characters.
   */
  add (subject: string, { kind, reason, duration = this.#duration, isManual = false }: NewBan): Ban {
    checkNew(subject, duration)
    const existing = this.#find(subject)
    const lasting = existing != null && existing.endsAt > this.#now ? existing : undefined
    const offences = countOffences({ before: existing?.offences ?? 0, isBanned: lasting != null, isManual })
    const length = isManual ? duration : lengthOf(duration, offences)
    const endsAt = this.#now + Math.min(length, MAX_TIME_MS)

    const entry: Entry = {
      subject,
      kind,
      reason: reason.slice(0, MAX_REASON_CHARS),
      offences,
      isManual: isManual || lasting?.isManual === true,
      // of two bans the one that ends later counts
      ...(lasting != null && lasting.endsAt > endsAt
        ? { duration: lasting.duration, endsAt: lasting.endsAt }
        : { duration: Math.min(length, MAX_TIME_MS), endsAt })
    }

    const ban = this.#toBan(entry)

    if (this.#set(entry)) {
      this.#write((store) => store.save(ban))
    }

    return ban
  }

  /** Ends a ban, and forgets its offences. False where the subject was not banned. */
  remove (subject: string): boolean {
    const wasBanned = this.has(subject)
    this.#forget(subject)

    return wasBanned
  }

  /**
   * Loads the bans of the store. None lasts longer than its duration: where the time of day was wrong, it ends too early or too late, but
   * it ends.
   */
  async load (): Promise<void> {
    try {
      const bans = await this.#init.store?.load() ?? []

      // where there are too many those that end last stay
      for (const ban of bans.toSorted((a, b) => a.until - b.until)) {
        this.#restore(ban)
      }
    } catch (err) {
      this.#init.onStoreError?.(err)
    }
  }

  get #now (): number {
    return this.#init.clock.now()
  }

  #restore ({ until, ...ban }: Ban): void {
    const duration = ban.isManual ? ban.duration : Math.min(ban.duration, maxLength(this.#duration))
    const entry: Entry = { ...ban, duration, endsAt: this.#now + Math.min(until - this.#init.clock.date(), duration) }

    // a ban that has come meanwhile is newer
    if (this.#find(ban.subject) == null && (this.#isForgotten(entry) || !this.#set(entry))) {
      this.#write((store) => store.remove(ban.subject))
    }
  }

  /** False where there is no room. */
  #set (entry: Entry): boolean {
    const hasRoom = this.#entries.get(entry.subject) != null || this.#entries.size < this.#maxBans

    if (!hasRoom && !this.#makeRoom(entry)) {
      return false
    }

    this.#entries.set(entry.subject, entry, entry.endsAt + (entry.isManual ? MANUAL_PRIORITY : 0))

    return true
  }

  /** Makes room for a new ban, however soon that ends. Only bans by the operator do not go for it. */
  #makeRoom (entry: Entry): boolean {
    const lowest = this.#find(this.#entries.lowest!)

    if (lowest?.isManual === true && !entry.isManual) {
      return false
    }

    if (lowest != null) {
      this.#forget(lowest.subject)
    }

    return true
  }

  /** The entry of a subject, banned or remembered. */
  #find (subject: string): Entry | undefined {
    const entry = this.#entries.get(subject)

    if (entry != null && this.#isForgotten(entry)) {
      this.#forget(subject)

      return undefined
    }

    return entry
  }

  #current (): Entry[] {
    this.#entries.values().filter((entry) => this.#isForgotten(entry)).forEach(({ subject }) => { this.#forget(subject) })

    return this.#entries.values().filter(({ endsAt }) => endsAt > this.#now)
  }

  #isForgotten ({ endsAt, duration, offences }: Entry): boolean {
    return endsAt + (offences > 0 ? duration : 0) <= this.#now
  }

  #forget (subject: string): void {
    if (this.#entries.delete(subject)) {
      this.#write((store) => store.remove(subject))
    }
  }

  #toBan ({ endsAt, ...ban }: Entry): Ban {
    const until = Math.round(this.#init.clock.date() + endsAt - this.#now)

    return { ...ban, until: Math.min(until, MAX_TIME_MS) }
  }

  /** Writes to the store. No caller waits for that. */
  #write (work: (store: BanStore) => Promise<void>): void {
    const { store, onStoreError } = this.#init

    if (store != null) {
      work(store).catch((err: unknown) => { onStoreError?.(err) })
    }
  }
}

function checkNew (subject: string, duration: number): void {
  if (!(duration > 0)) {
    throw new ConfigError(`Expected \`duration\` to be a number above 0, got ${duration}`)
  }

  if (typeof subject !== 'string' || subject.length === 0 || subject.length > MAX_SUBJECT_CHARS) {
    throw new ConfigError(`Expected whom to ban to be a string of 1 to ${MAX_SUBJECT_CHARS} characters`)
  }
}

function countOffences ({ before, isBanned, isManual }: { before: number, isBanned: boolean, isManual: boolean }): number {
  if (isManual) {
    return before
  }

  return isBanned ? Math.max(1, before) : before + 1
}

function lengthOf (duration: number, offences: number): number {
  return backoff({ first: duration, longest: maxLength(duration) }, offences)
}

/** The longest ban. `banDuration` may be more than the maximum. */
function maxLength (duration: number): number {
  return Math.max(MAX_BAN_DURATION_MS, duration)
}
