import { setTimeout as sleep } from 'node:timers/promises'
import { AGREEMENT_MS, CheckContext } from './context.ts'
import { CheckFailure, CheckSkipped } from './failure.ts'
import { Sightings } from './peer/sightings.ts'
import { Sources } from './peer/sources.ts'
import { hostOfTarget, meetTarget } from './target.ts'
import { errorMessage } from '../errors.ts'
import type { Check, CheckResult } from './check.ts'
import type { Listening } from './context.ts'
import type { Source } from './peer/sources.ts'
import type { Target } from './target.ts'

/** How long the target may take to react, in ms, unless `patience` says otherwise. */
export const PATIENCE_MS = 5000

/** How many checks run at a time where each has an address of its own, unless `parallel` says otherwise. */
export const PARALLEL = 6

/** A check that waits so long for a deadline runs beside all others, in ms. */
const LONG_MS = 10_000

/** Connections a second from an address that others share: nodes take 5. */
const CONNECTIONS_A_SECOND = 4

/**
 * How long a check may take beside the deadlines that it waits for, in ms, whatever the target does.
 *
 * @remarks The check has failed.
 */
const MAX_CHECK_MS = 120_000

/** What a target says that has no place for one more peer. Other checks may have taken it: such a check is run again without them. */
const NO_PLACE = 'Disconnect(TOO_MANY_CONNECTIONS'

/** Options of {@link runChecks}. */
export interface RunInit {
  /** The multiaddr of the target. */
  address: string
  checks: readonly Check[]
  /** Runs only what no node may hold against a peer. @default false */
  gentle?: boolean
  /** How long the target may take to react, in ms. @default 5000 */
  patience?: number
  /** How long the target may leave a connection or a stream open on which nothing is agreed on, in ms. @default 60_000 */
  agreement?: number
  /** @default 6 */
  parallel?: number
  /** Local IP addresses to dial from. @default on loopback a new one for each check, else what the operating system chooses */
  sources?: readonly string[]
  /** How the target is made to dial. Without it, the checks that need it are skipped. */
  listening?: Listening
  /** Ends the run: what has not ended is left out. */
  signal?: AbortSignal
  /** Called when the target has answered. */
  onTarget?: (target: Target) => void
  onStart?: (check: Check) => void
  onResult?: (result: CheckResult) => void
}

/** What came of a run. */
export interface Run {
  target: Target
  /** In the order of the checks. */
  results: CheckResult[]
  /** How long it took, in ms. */
  ms: number
  /** Whether `signal` has ended it. */
  isInterrupted: boolean
  /** Checks that have no result, since it was ended before. */
  left: number
}

/** Runs checks against a target. Throws a `TargetError` where there is none, and what `signal` aborts with before it is met. */
export async function runChecks (init: RunInit): Promise<Run> {
  const begin = performance.now()
  const { address, patience = PATIENCE_MS, signal = new AbortController().signal } = init
  const sources = await Sources.open(hostOfTarget(address), init.sources ?? [])
  const source = await sources.lease()
  const target = await meetTarget({ target: address, source: source.next(), patience, signal, onFault: () => {} })
  sources.release(source)
  init.onTarget?.(target)
  const runner = new Runner({ ...init, patience, signal }, sources, target)
  await runner.run()

  const { results } = runner

  return { target, results, ms: performance.now() - begin, isInterrupted: signal.aborted, left: init.checks.length - results.length }
}

/** Checks in the order in which they run, by `when`, then those that may spoil an address, then those that take longest. */
const MANNERS = ['polite', 'rude', 'ban']

class Runner {
  readonly #init: RunInit & { patience: number, signal: AbortSignal }
  readonly #sources: Sources
  readonly #target: Target
  readonly #results = new Map<Check, CheckResult>()
  readonly #faults: string[] = []
  readonly #sightings = new Sightings()
  /** The check after which an address may be banned. */
  readonly #spoilt = new Map<string | undefined, Check>()
  /** When the next connection from an address may be opened, by `performance.now`. */
  readonly #nextAt = new Map<string | undefined, number>()
  readonly #rest = Promise.withResolvers<void>()
  /** Checks for which the target had no place beside the others. */
  readonly #crowded: Check[] = []
  #isAlone = false

  constructor (init: RunInit & { patience: number, signal: AbortSignal }, sources: Sources, target: Target) {
    this.#init = init
    this.#sources = sources
    this.#target = target
  }

  get results (): CheckResult[] {
    return this.#init.checks.map((check) => this.#results.get(check)).filter((result) => result != null)
  }

  async run (): Promise<void> {
    const checks = this.#init.checks
    const at = (when: Check['when']): Check[] => checks.filter((check) => check.when === when)
    const alongside = Promise.all(at('alongside').map(async (check) => this.#runCheck(check)))
    const beside = at(undefined)
    // where addresses are shared, a check that spoils one comes after all others
    const groups = this.#sources.areFresh ? [beside] : MANNERS.map((manners) => beside.filter((check) => check.manners === manners))

    for (const group of groups) {
      await this.#runAll(group)
    }

    this.#rest.resolve()
    await alongside
    this.#isAlone = true

    for (const check of [...this.#crowded, ...at('alone'), ...at('last')]) {
      await this.#runCheck(check)
    }
  }

  async #runAll (checks: Check[]): Promise<void> {
    const isLong = ({ lasts = 0 }: Check): boolean => this.#sources.areFresh && lasts >= LONG_MS
    const left = checks.filter((check) => !isLong(check)).toSorted((a, b) => (b.lasts ?? 0) - (a.lasts ?? 0))
    const lanes = Math.min(this.#init.parallel ?? PARALLEL, this.#sources.size, left.length)

    await Promise.all([
      // these do nothing but wait
      ...checks.filter(isLong).map(async (check) => this.#runCheck(check)),
      ...Array.from({ length: lanes }, async () => {
        for (let check = left.shift(); check != null; check = left.shift()) {
          await this.#runCheck(check)
        }
      })
    ])
  }

  async #runCheck (check: Check): Promise<void> {
    const { signal, onStart, onResult } = this.#init

    if (signal.aborted) {
      return
    }

    onStart?.(check)
    const reason = this.#whySkipped(check)
    const begin = performance.now()
    const outcome = reason == null ? await this.#outcome(check) : { verdict: 'skipped' as const, reason }

    if (!this.#isAlone && outcome?.seen?.includes(NO_PLACE) === true) {
      this.#crowded.push(check)
    } else if (outcome != null) {
      const result = { check, ...outcome, ms: performance.now() - begin }
      this.#results.set(check, result)
      onResult?.(result)
    }
  }

  #whySkipped ({ manners, listens, when }: Check): string | undefined {
    if (this.#init.gentle === true && manners !== 'polite') {
      return manners === 'ban' ? 'the target may ban for it, and --gentle is on' : 'the target may hold it against the peer, and --gentle is on'
    }

    if (listens === true && this.#init.listening == null) {
      return 'the target has to dial: use --listen'
    }

    return when === 'alongside' && !this.#sources.areFresh ? 'it needs a local address of its own for the whole run' : undefined
  }

  /** `undefined` where the run was ended meanwhile. */
  async #outcome (check: Check): Promise<Omit<CheckResult, 'check' | 'ms'> | undefined> {
    const source = await this.#sources.lease()
    const timeout = AbortSignal.timeout((check.lasts ?? 0) + MAX_CHECK_MS)
    const context = this.#context(source, check.when === 'alongside' ? this.#init.signal : AbortSignal.any([this.#init.signal, timeout]))

    try {
      await check.run(context)

      return { verdict: 'ok' }
    } catch (err) {
      return this.#init.signal.aborted ? undefined : this.#judge(err, source)
    } finally {
      await context.dispose()

      if (check.manners === 'ban' && !source.isFresh) {
        this.#spoilt.set(source.address, check)
      }

      this.#sources.release(source)
    }
  }

  #context (source: Source, signal: AbortSignal): CheckContext {
    const { patience, agreement = AGREEMENT_MS, listening } = this.#init

    return new CheckContext({
      target: this.#target,
      source,
      patience,
      agreement,
      signal,
      listening,
      faults: this.#faults,
      sightings: this.#sightings,
      onFault: (fault) => { this.#faults.push(fault) },
      pace: async () => this.#pace(source, signal),
      rest: this.#rest.promise
    })
  }

  /** Connections from an address that others share come one after the other, with a pause. */
  async #pace ({ address, isFresh }: Source, signal: AbortSignal): Promise<void> {
    if (!isFresh) {
      const now = performance.now()
      const at = Math.max(now, this.#nextAt.get(address) ?? 0)
      this.#nextAt.set(address, at + 1000 / CONNECTIONS_A_SECOND)
      await sleep(at - now, undefined, { signal })
    }
  }

  #judge (err: unknown, source: Source): Omit<CheckResult, 'check' | 'ms'> {
    if (err instanceof CheckSkipped) {
      return { verdict: 'skipped', reason: err.message }
    }

    const spoilt = source.isFresh ? undefined : this.#spoilt.get(source.address)
    const isFailure = err instanceof CheckFailure

    // a node cuts whom it has banned, or says so
    if (spoilt != null && (!isFailure || err.seen.includes('Disconnect(BANNED'))) {
      return { verdict: 'skipped', reason: `the target takes no connection from this host since ${spoilt.id}: give more addresses with --source, or lift its bans` }
    }

    if (isFailure) {
      return { verdict: 'failed', expected: err.expected, seen: err.seen }
    }

    return { verdict: 'failed', expected: 'a connection and a stream of the protocol, and an end of the check in time', seen: errorMessage(err) }
  }
}
