import { digestToKey, shortKeyOf, keyToDigest } from '../digest-key.ts'
import { digestKeyOf } from '../../codec/digest.ts'
import { checkReceivedSize, decodeTransaction, encodeTransaction } from '../../codec/items/items.ts'
import { HASH_BYTES, maxItemBytes } from '../../codec/limits.ts'
import { PoolError } from '../../errors.ts'
import { raceSignal } from '../../util/race-signal.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import type { PooledTransaction } from './pool.ts'
import type { PoolSource, StoredTransaction } from '../../types/pool.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Transactions that the node reads of the `pool` of the application at a time.
 *
 * @remarks The node does not answer peers that ask for more. They ask others, or again.
 */
export const MAX_POOL_READS = 256

/** How long the node takes the digests of the application's pool for known, before it asks for them again. */
export const POOL_DIGESTS_MS = 1000

/**
 * How long the `pool` of the application may take to give a transaction, or its digests.
 *
 * @remarks The node reports a `PoolError`. It reads one transaction at a time until the application gives one in time.
 */
export const POOL_TIMEOUT_MS = 10_000

/** Options of {@link ApplicationPool}. */
export interface ApplicationPoolInit {
  source: PoolSource
  clock: Clock
  maxFrameBytes: number
  /** Called with each error of the application: a {@link PoolError}. */
  onError: (error: PoolError) => void
}

/** The transactions of the application, as the node reads them. Nothing of it throws or rejects. */
export class ApplicationPool {
  readonly #init: ApplicationPoolInit
  /** The whole keys of the digests of the last two answers, by their short keys: peers ask for those of the one before too. */
  #known = new Map<string, string>()
  #knownBefore = new Map<string, string>()
  /** The reads under way, by short keys: peers may ask for the same transaction at the same time. */
  readonly #reads = new Map<string, Promise<PooledTransaction | undefined>>()
  /** Whether the last read took too long. */
  #isLate = false
  #asking: Promise<readonly string[]> | undefined
  #askedAt = -Infinity
  #isAsking = false

  constructor (init: ApplicationPoolInit) {
    this.#init = init
  }

  /** The pool of an application that has one. */
  static of (source: PoolSource | undefined, init: Omit<ApplicationPoolInit, 'source'>): ApplicationPool | undefined {
    return source == null ? undefined : new ApplicationPool({ ...init, source })
  }

  /** The short keys of its digests, at most so many. None where the application fails. */
  async keys (max: number): Promise<readonly string[]> {
    const now = this.#init.clock.now()

    if (this.#asking == null || (!this.#isAsking && now - this.#askedAt >= POOL_DIGESTS_MS)) {
      this.#askedAt = now
      this.#isAsking = true
      this.#asking = this.#ask(max).finally(() => { this.#isAsking = false })
    }

    return this.#asking
  }

  /** Reads the transaction of a digest that it has named. `undefined` where it has named none, or too many are being read. */
  read (key: string): Promise<PooledTransaction | undefined> | undefined {
    const short = shortKeyOf(key)
    const digest = this.#known.get(short) ?? this.#knownBefore.get(short)
    const underWay = this.#reads.get(short)

    if (underWay != null || digest == null || this.#reads.size >= (this.#isLate ? 1 : MAX_POOL_READS)) {
      return underWay
    }

    const reading = this.#read(digest).finally(() => { this.#reads.delete(short) })
    this.#reads.set(short, reading)

    return reading
  }

  async #ask (max: number): Promise<readonly string[]> {
    try {
      const known = await this.#limited(async (signal) => this.#takeDigests(max, signal))
      this.#knownBefore = this.#known
      this.#known = known

      return [...known.keys()]
    } catch (err) {
      this.#init.onError(new PoolError('The pool could not give its digests', { cause: err }))

      return []
    }
  }

  /** The keys of so many digests, those that come twice counted twice: there may be no end of them. */
  async #takeDigests (max: number, signal: AbortSignal): Promise<Map<string, string>> {
    const known = new Map<string, string>()
    let left = max

    for await (const digest of await this.#init.source.digests()) {
      if (left-- === 0 || signal.aborted) {
        break
      }

      if (!(digest instanceof Uint8Array) || digest.byteLength !== HASH_BYTES) {
        throw new TypeError(`Expected a digest of ${HASH_BYTES} bytes`)
      }

      const key = digestToKey(digest)
      known.set(shortKeyOf(key), key)
    }

    return known
  }

  async #read (digest: string): Promise<PooledTransaction | undefined> {
    try {
      const stored = await this.#limited(async () => this.#init.source.get(keyToDigest(digest)))
      this.#isLate = false

      return stored == null ? undefined : { digest, item: this.#check(stored, digest) }
    } catch (err) {
      this.#isLate = err instanceof Error && err.name === 'TimeoutError'
      this.#init.onError(new PoolError('The pool gave no transaction that can be sent', { cause: err }))

      return undefined
    }
  }

  /** Leaves a call of the application that takes too long: a TimeoutError is thrown. */
  async #limited<Result> (call: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return withTimeLimit({ clock: this.#init.clock, ms: POOL_TIMEOUT_MS }, async (signal) => raceSignal(call(signal), signal))
  }

  /** The bytes of a transaction. Throws where they are none, or have another digest. */
  #check (stored: StoredTransaction, digest: string): Uint8Array {
    const item = stored instanceof Uint8Array ? stored : encodeTransaction(stored)
    checkReceivedSize(item, maxItemBytes(this.#init.maxFrameBytes))
    decodeTransaction(item)

    if (digestKeyOf(item) !== digest) {
      throw new RangeError('Expected the transaction of the digest that was asked for, got one of another digest')
    }

    return item
  }
}
