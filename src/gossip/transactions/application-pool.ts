import { digestToKey, shortKeyOf, keyToDigest } from '../digest-key.ts'
import { digestKeyOf } from '../../codec/digest.ts'
import { checkReceivedSize, decodeTransaction, encodeTransaction } from '../../codec/items/items.ts'
import { HASH_BYTES, maxItemBytes } from '../../codec/limits.ts'
import { PoolError } from '../../errors.ts'
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
  #reads = 0
  #asking: Promise<readonly string[]> | undefined
  #askedAt = -Infinity

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

    if (this.#asking == null || now - this.#askedAt >= POOL_DIGESTS_MS) {
      this.#askedAt = now
      this.#asking = this.#ask(max)
    }

    return this.#asking
  }

  /** Reads the transaction of a digest that it has named. `undefined` where it has named none, or too many are being read. */
  read (key: string): Promise<PooledTransaction | undefined> | undefined {
    const short = shortKeyOf(key)
    const digest = this.#known.get(short) ?? this.#knownBefore.get(short)

    if (digest == null || this.#reads >= MAX_POOL_READS) {
      return undefined
    }

    this.#reads++

    return this.#read(digest).finally(() => { this.#reads-- })
  }

  async #ask (max: number): Promise<readonly string[]> {
    const known = new Map<string, string>()

    try {
      for await (const digest of await this.#init.source.digests()) {
        if (known.size >= max) {
          break
        }

        if (!(digest instanceof Uint8Array) || digest.byteLength !== HASH_BYTES) {
          throw new TypeError(`Expected a digest of ${HASH_BYTES} bytes`)
        }

        const key = digestToKey(digest)
        known.set(shortKeyOf(key), key)
      }
    } catch (err) {
      this.#init.onError(new PoolError('The pool could not give its digests', { cause: err }))
    }

    this.#knownBefore = this.#known
    this.#known = known

    return [...known.keys()]
  }

  async #read (digest: string): Promise<PooledTransaction | undefined> {
    try {
      const stored = await this.#init.source.get(keyToDigest(digest))

      return stored == null ? undefined : { digest, item: this.#check(stored, digest) }
    } catch (err) {
      this.#init.onError(new PoolError('The pool gave no transaction that can be sent', { cause: err }))

      return undefined
    }
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
