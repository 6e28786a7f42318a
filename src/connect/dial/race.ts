import { isRelayedAddress } from '../../address/multiaddr.ts'
import { raceSignal } from '../../util/race-signal.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import { explainTimeout } from './dial-error.ts'
import type { Clock } from '../../util/clock.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * From the dial of one address of a peer to that of the next, while nothing has come back.
 *
 * @remarks Both dials go on, and the first connection is taken.
 */
export const RACE_STAGGER_MS = 250

/** The same where the other end has answered, and encryption is under way. */
export const RACE_ANSWERED_STAGGER_MS = 1000

/** How long the dial of one address in a race may take. */
export const RACE_DIAL_TIMEOUT_MS = 3000

/** Options of {@link Race}. */
export interface RaceInit<Result> {
  /** In the order of {@link raceOrder}. */
  addresses: readonly Multiaddr[]
  clock: Clock
  /** Ends the race. */
  signal: AbortSignal
  /** Dials an address, and calls `onAnswer` when the other end has answered. */
  dial: (address: Multiaddr, signal: AbortSignal, onAnswer: () => void) => Promise<Result>
  /** Takes what comes of a dial when another one has won already. */
  discard: (result: Result) => void
}

/**
 * Dials the addresses of a peer one after the other, the next one before the last has failed ("happy eyeballs", RFC 8305). One through a
 * relay waits until all others have failed.
 */
export class Race<Result> {
  /** The first connection; rejects when all addresses have failed. */
  readonly winner: Promise<Result>
  readonly #init: RaceInit<Result>
  readonly #outcome = Promise.withResolvers<Result>()
  readonly #running = new Map<Multiaddr, AbortController>()
  readonly #errors = new Map<string, unknown>()
  #begun = 0
  #isOver = false
  #timer: unknown

  constructor (init: RaceInit<Result>) {
    this.#init = init
    this.winner = this.#outcome.promise
    this.winner.catch(() => {})
    this.#next()
  }

  /** Why the dial of an address has failed. */
  errorOf (address: Multiaddr): unknown {
    return this.#errors.get(address.toString())
  }

  /** Begins the next dial, where it is its turn. */
  #next (): void {
    const { addresses, clock, signal } = this.#init
    const address = addresses[this.#begun]
    clock.clearTimeout(this.#timer)

    if (this.#isOver || (address != null && isRelayedAddress(address) && this.#running.size > 0)) {
      return
    }

    if (address != null && !signal.aborted) {
      this.#begun++
      void this.#dial(address)
      this.#nextAfter(RACE_STAGGER_MS)
    } else if (this.#running.size === 0) {
      this.#isOver = true
      this.#outcome.reject(signal.aborted ? signal.reason : new AggregateError(this.#errors.values(), 'No address of the peer answers'))
    }
  }

  #nextAfter (ms: number): void {
    const { addresses, clock } = this.#init
    clock.clearTimeout(this.#timer)

    if (this.#begun < addresses.length && !this.#isOver) {
      this.#timer = clock.setTimeout(() => { this.#next() }, ms)
    }
  }

  async #dial (address: Multiaddr): Promise<void> {
    const { clock, signal, dial } = this.#init
    const own = new AbortController()
    let hasAnswered = false
    const onAnswer = (): void => {
      hasAnswered = true
      this.#nextAfter(RACE_ANSWERED_STAGGER_MS)
    }
    this.#running.set(address, own)

    try {
      await withTimeLimit({ clock, ms: RACE_DIAL_TIMEOUT_MS, signals: [signal] }, async (limit) => {
        const onLimit = (): void => { own.abort(limit.reason) }
        limit.addEventListener('abort', onLimit)
        const dialling = dial(address, own.signal, onAnswer)
        // a transport may take no notice of the signal: what comes of it later is discarded
        void dialling.then((result) => { this.#onResult(address, result) }, () => {})
        await raceSignal(dialling, own.signal)
        // a socket keeps to its signal for as long as it lives, and the connection outlives the dial
        limit.removeEventListener('abort', onLimit)
      })
    } catch (err) {
      this.#running.delete(address)
      this.#errors.set(address.toString(), explainTimeout(err, hasAnswered))
      this.#next()
    }
  }

  #onResult (address: Multiaddr, result: Result): void {
    if (this.#isOver || !this.#running.delete(address)) {
      this.#init.discard(result)
      return
    }

    this.#isOver = true
    this.#init.clock.clearTimeout(this.#timer)
    this.#running.forEach((loser) => { loser.abort(new Error('Another address of the peer was quicker')) })
    this.#outcome.resolve(result)
  }
}
