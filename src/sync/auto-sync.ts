import { errorMessage, SyncError } from '../errors.ts'
import { backoff } from '../util/backoff.ts'
import type { CheckedChain } from './chain/checked-chain.ts'
import type { Synchroniser } from './synchroniser.ts'
import type { Clock } from '../util/clock.ts'
import type { Session } from '../session/session.ts'
import type { Tip } from '../types/block.ts'
import type { SyncResult } from '../types/sync.ts'
import type { Logger } from '@libp2p/interface'

/** A peer that is ahead by this many blocks has probably sent them already. */
export const GRACE_BLOCKS = 2

/** How long the node waits for blocks that a peer has probably sent already. */
export const GRACE_MS = 500

/** From a failed synchronisation to the next try, the first time. It doubles each time. */
export const FIRST_RETRY_MS = 1000

/** From a failed synchronisation to the next try, at most. */
export const LONGEST_RETRY_MS = 60_000

/** Options of {@link AutoSync}. */
export interface AutoSyncInit {
  chain: Pick<CheckedChain, 'tip'>
  synchroniser: Pick<Synchroniser, 'ahead' | 'sync' | 'onTipFailed'>
  clock: Clock
  log: Logger
}

/** Starts a synchronisation whenever a peer has something for us, and after a failure tries again, later each time. */
export class AutoSync {
  readonly #init: AutoSyncInit
  /** Set from a check to its end, with the synchronisation that it may have started. */
  #isBusy = false
  #isDue = false
  #controller = new AbortController()
  /** Fires when the grace or the wait after a failure is over. */
  #timer: unknown
  /** The tip that blocks are expected to follow on their own, and until when. */
  #grace: { tip: Tip, until: number } | undefined
  #failures = 0
  /** Whether the last failure was our chain's. */
  #isChainFault = false
  #retryAt = 0
  /** The peers that were ahead when the last synchronisation began. */
  #aheadBefore = new WeakSet<Session>()

  constructor (init: AutoSyncInit) {
    this.#init = init
  }

  /** Failures in a row, and in how many ms it tries again; `null` where it does not wait for that. */
  get status (): { failures: number, retryIn: number | null } {
    const wait = this.#retryAt - this.#init.clock.now()

    return { failures: this.#failures, retryIn: this.#retryAt > 0 && wait > 0 ? wait : null }
  }

  /** Checks whether a peer is ahead: one is ready, has told a greater height, or has sent a block that does not fit. */
  check (): void {
    this.#isDue = true

    if (!this.#isBusy) {
      void this.#work()
    }
  }

  /** Ends what is under way. {@link check} may be called again afterwards. */
  stop (): void {
    this.#controller.abort()
    this.#controller = new AbortController()
    this.#init.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = false
    this.#grace = undefined
    this.#onSuccess()
  }

  async #work (): Promise<void> {
    this.#isBusy = true

    while (this.#isDue) {
      this.#isDue = false
      const { signal } = this.#controller

      try {
        await this.#syncIfBehind(signal)
      } catch (err) {
        this.#onFailure(signal, err)
      }
    }

    this.#isBusy = false
  }

  async #syncIfBehind (signal: AbortSignal): Promise<void> {
    const { synchroniser, clock } = this.#init
    const pause = this.#isChainFault ? this.#retryAt - clock.now() : 0

    // whatever comes of peers meanwhile, the chain is left alone until then
    if (pause > 0) {
      this.#checkIn(pause)
      return
    }

    const tip = await this.#readTip(signal)
    const ahead = synchroniser.ahead(tip)
    const [highest] = ahead

    if (highest == null || signal.aborted) {
      return
    }

    if (ahead.some(({ peer }) => !this.#aheadBefore.has(peer))) {
      this.#retryAt = 0
    }

    const wait = Math.max(this.#retryAt - clock.now(), this.#graceFor(tip, highest.height))

    if (wait > 0) {
      this.#checkIn(wait)
      return
    }

    // a peer that is ahead now and still is after a failure is no reason to try again at once
    this.#aheadBefore = new WeakSet(ahead.map(({ peer }) => peer))
    const { height, reorganised } = await this.#sync(tip, signal)

    if (height === tip.height && !reorganised && synchroniser.ahead(tip).length > 0) {
      throw new Error('Nothing has come of it')
    }

    this.#onSuccess()
    this.#isDue = true
  }

  async #readTip (signal: AbortSignal): Promise<Tip> {
    const { chain, synchroniser } = this.#init

    try {
      return await chain.tip()
    } catch (err) {
      if (!signal.aborted) {
        synchroniser.onTipFailed(err as Error)
      }

      throw err
    }
  }

  /** A synchronisation that has grown the chain ends a row of failures: a peer that makes it fail then does not delay others. */
  async #sync (tip: Tip, signal: AbortSignal): Promise<SyncResult> {
    const { chain, synchroniser } = this.#init

    try {
      return await synchroniser.sync({ signal })
    } catch (err) {
      const after = signal.aborted || isChainFault(err) ? tip : await chain.tip().catch(() => tip)
      this.#failures = after.height > tip.height ? 0 : this.#failures

      throw err
    }
  }

  /** How long to wait for blocks that are probably on their way, in ms. Only once for each tip. */
  #graceFor (tip: Tip, height: number): number {
    const { clock } = this.#init

    if (height - tip.height > GRACE_BLOCKS) {
      return 0
    }

    if (this.#grace == null || this.#grace.tip.height !== tip.height) {
      this.#grace = { tip, until: clock.now() + GRACE_MS }
    }

    return this.#grace.until - clock.now()
  }

  #checkIn (ms: number): void {
    const { clock } = this.#init
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => { this.check() }, ms)
  }

  #onSuccess (): void {
    this.#failures = 0
    this.#isChainFault = false
    this.#retryAt = 0
    this.#aheadBefore = new WeakSet()
  }

  #onFailure (signal: AbortSignal, err: unknown): void {
    if (signal.aborted) {
      return
    }

    this.#failures++
    const wait = backoff({ first: FIRST_RETRY_MS, longest: LONGEST_RETRY_MS }, this.#failures)
    this.#isChainFault = isChainFault(err)
    this.#retryAt = this.#init.clock.now() + wait
    this.#init.log('could not synchronise: %s - %e', errorMessage(err), err)
    this.#checkIn(wait)
  }
}

/** Whether our chain has failed, and no peer. */
function isChainFault (err: unknown): boolean {
  return err instanceof SyncError && err.code === 'STORE'
}
