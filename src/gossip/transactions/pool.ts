import { DigestRing } from './digest-ring.ts'
import { SlotMemory } from './slot-memory.ts'
import type { Usage } from '../../types/status.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Transactions that the node keeps for peers that ask for them, and to put compact blocks together.
 *
 * @remarks The oldest makes room. Peers that want it ask others, and the application where it has a `pool`.
 */
export const MAX_POOL_TRANSACTIONS = 16_384

/**
 * Bytes of the transactions that the node keeps, encoded.
 *
 * @remarks The oldest makes room. Peers that want it ask others, and the application where it has a `pool`.
 */
export const MAX_POOL_BYTES: number = 16 * 1024 * 1024

/**
 * How long the node keeps a transaction for peers.
 *
 * @remarks The node drops it. It announces it to no peer that comes later.
 */
export const POOL_TTL_MS: number = 5 * 60 * 1000

/** A transaction of the pool. */
export interface PooledTransaction {
  /** The whole digest, as `digestKeyOf` gives it. */
  readonly digest: string
  /** The encoded transaction. It stays as it is when the pool drops it. */
  readonly item: Uint8Array
}

/** The bounds of a {@link TransactionPool}. */
export interface PoolBounds {
  transactions: number
  /** Of encoded transactions. */
  bytes: number
  /** In ms. */
  ttl: number
}

const BOUNDS: PoolBounds = { transactions: MAX_POOL_TRANSACTIONS, bytes: MAX_POOL_BYTES, ttl: POOL_TTL_MS }

/**
 * The transactions that the node has made or accepted lately, by their digests. Bounded in number, bytes and time: the oldest makes room.
 *
 * Each transaction of the node comes here, and hardly any is read. So it makes no object for one that is added or dropped.
 */
export class TransactionPool {
  readonly #clock: Clock
  readonly #bounds: PoolBounds
  readonly #chance: Chance
  #ring: DigestRing
  readonly #memory: SlotMemory
  /** When each slot was filled, by the clock. */
  readonly #addedAt: Float64Array
  /** 1 for each slot whose transaction has come in a block. */
  readonly #settled: Uint8Array
  #timer: unknown

  constructor ({ clock, chance }: { clock: Clock, chance: Chance }, bounds: PoolBounds = BOUNDS) {
    this.#clock = clock
    this.#bounds = bounds
    this.#chance = chance
    this.#ring = new DigestRing(bounds.transactions, chance)
    this.#memory = new SlotMemory(bounds.transactions)
    this.#addedAt = new Float64Array(bounds.transactions)
    this.#settled = new Uint8Array(bounds.transactions)
  }

  get size (): number { return this.#ring.size }

  get usage (): Usage {
    return { items: this.size, maxItems: this.#bounds.transactions, bytes: this.#memory.bytes, maxBytes: this.#bounds.bytes }
  }

  /** Whether it has the transaction with this digest, or with this short one: the key of either. */
  has (key: string): boolean { return this.#ring.find(key) != null }

  /** The transaction with this digest, or with this short one: the key of either. */
  get (key: string): PooledTransaction | undefined {
    const slot = this.#ring.find(key)

    return slot == null ? undefined : { digest: this.#ring.keyOf(slot), item: this.#memory.get(slot) }
  }

  /** How long it has had a transaction, in ms; `undefined` where it does not have it. */
  ageOf (key: string): number | undefined {
    const slot = this.#ring.find(key)

    return slot == null ? undefined : this.#clock.now() - this.#addedAt[slot]!
  }

  /** The newest first, to be read before the next one comes. Hardly any of their items is looked at, so each is made then. */
  * newest (): Generator<PooledTransaction, void> {
    for (let age = 0; age < this.size; age++) {
      const slot = this.#ring.slotAt(age)
      yield new Entry(this.#ring.keyOf(slot), this.#memory, slot)
    }
  }

  /** The digests of those that have not come in a block, the newest first. */
  unsettled (): string[] {
    const digests: string[] = []

    for (let age = 0; age < this.size; age++) {
      const slot = this.#ring.slotAt(age)

      if (this.#settled[slot] === 0) {
        digests.push(this.#ring.keyOf(slot))
      }
    }

    return digests
  }

  /**
   * Takes note that a transaction has come in a block. The node announces it to no peer that comes. It keeps it: peers that have heard of
   * it may ask, and another block of the same height has it too.
   */
  settle (digest: string): void {
    const slot = this.#ring.find(digest)

    if (slot != null) {
      this.#settled[slot] = 1
    }
  }

  /** Keeps a copy of a transaction, as the newest. False where it is too large, or there already. */
  add (digest: string, item: Uint8Array): boolean {
    const { transactions, bytes, ttl } = this.#bounds

    if (item.byteLength > bytes || this.has(digest)) {
      return false
    }

    while (this.size >= transactions || this.#memory.bytes + item.byteLength > bytes) {
      this.#dropOldest()
    }

    const slot = this.#ring.add(digest)
    this.#memory.put(slot, item)
    this.#addedAt[slot] = this.#clock.recent()
    this.#settled[slot] = 0
    this.#timer ??= this.#clock.setTimeout(this.#expire, ttl)

    return true
  }

  /** Forgets all of them. */
  clear (): void {
    this.#ring = new DigestRing(this.#bounds.transactions, this.#chance)
    this.#memory.clear()
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #dropOldest (): void {
    this.#memory.free(this.#ring.shift())
  }

  readonly #expire = (): void => {
    const now = this.#clock.now()
    this.#timer = undefined

    while (this.size > 0) {
      const expires = this.#addedAt[this.#ring.oldest]! + this.#bounds.ttl

      if (expires > now) {
        this.#timer = this.#clock.setTimeout(this.#expire, expires - now)
        return
      }

      this.#dropOldest()
    }
  }
}

/** A transaction whose item is made when it is looked at. */
class Entry implements PooledTransaction {
  readonly digest: string
  readonly #memory: SlotMemory
  readonly #slot: number

  constructor (digest: string, memory: SlotMemory, slot: number) {
    this.digest = digest
    this.#memory = memory
    this.#slot = slot
  }

  get item (): Uint8Array { return this.#memory.get(this.#slot) }
}
