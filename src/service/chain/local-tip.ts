import { HASH_BYTES } from '../../codec/limits.ts'
import { errorMessage } from '../../errors.ts'
import { bytesEqual } from '../../util/bytes.ts'
import { isChainLeft } from '../../sync/chain/chain-gate.ts'
import type { Clock } from '../../util/clock.ts'
import type { ChainSource } from '../../types/chain.ts'
import type { Tip } from '../../types/block.ts'
import type { Logger } from '@libp2p/interface'

/**
 * How long the chain may take to return its tip.
 *
 * @remarks The node tells peers the last tip that it knows.
 */
export const TIP_TIMEOUT_MS = 3000

/**
 * The best block that this node reports to peers. Where the chain answers late, not at all, or with a tip that fits no message, the node
 * uses the last answer: so a chain delays no ping.
 */
export class LocalTip {
  readonly #chain: ChainSource | undefined
  readonly #clock: Clock
  readonly #log: Logger
  #tip: Tip
  #lowestHeight = 0
  /** How often the tip was noted: an answer of the chain from before that is out of date. */
  #notes = 0
  #reading: Promise<Tip> | undefined
  readonly #listeners: ((tip: Tip) => void)[] = []

  constructor (init: { chain: ChainSource | undefined, genesisHash: Uint8Array, clock: Clock, log: Logger }) {
    this.#chain = init.chain
    this.#clock = init.clock
    this.#log = init.log
    this.#tip = { height: 0, hash: init.genesisHash }
  }

  /** Has a listener called with each tip that differs from the one before, whatever has moved it. It must not throw. */
  subscribe (listener: (tip: Tip) => void): void {
    this.#listeners.push(listener)
  }

  /** Takes note of the tip after a write to the chain. */
  note ({ height, hash }: Tip): void {
    this.#notes++
    // it may be a view of a block, whose memory is given back
    this.#set({ height, hash: new Uint8Array(hash) })
  }

  /** The last known tip. */
  get known (): Tip { return this.#tip }

  /** The last known tip. Also asks the chain for its tip. */
  get latest (): Tip {
    void this.read()

    return this.#tip
  }

  /** Height of the last known tip. Also asks the chain for its tip. */
  get height (): number { return this.latest.height }

  /** The first block after genesis that the chain had when it was asked last; 0 where it has them all. */
  get lowestHeight (): number { return this.#lowestHeight }

  /** The tip of the chain, or the last known one where the chain fails or is slow. The node asks it one question at a time. */
  async read (): Promise<Tip> {
    this.#reading ??= this.#ask().finally(() => { this.#reading = undefined })
    const patience = Promise.withResolvers<undefined>()
    const timer = this.#clock.setTimeout(() => { patience.resolve(undefined) }, TIP_TIMEOUT_MS)

    try {
      return await Promise.race([this.#reading, patience.promise]) ?? this.#tip
    } finally {
      this.#clock.clearTimeout(timer)
    }
  }

  async #ask (): Promise<Tip> {
    const notes = this.#notes

    try {
      const tip = checkTip(await this.#chain?.tip() ?? this.#tip)
      this.#lowestHeight = checkHeight(await this.#chain?.lowestHeight?.() ?? 0)

      if (notes === this.#notes) {
        this.#set(tip)
      }
    } catch (err) {
      if (!isChainLeft(err)) {
        this.#log.error('the chain could not tell its tip and lowest height: %s - %e', errorMessage(err), err)
      }
    }

    return this.#tip
  }

  #set (tip: Tip): void {
    const before = this.#tip
    this.#tip = tip

    if (tip.height !== before.height || !bytesEqual(tip.hash, before.hash)) {
      this.#listeners.forEach((listener) => { listener(tip) })
    }
  }
}

function checkHeight (height: number): number {
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new RangeError('Expected the lowest height to be from 0 to 2^53 - 1')
  }

  return height
}

function checkTip (tip: Tip): Tip {
  if (!Number.isSafeInteger(tip.height) || tip.height < 0 || !(tip.hash instanceof Uint8Array) || tip.hash.byteLength !== HASH_BYTES) {
    throw new RangeError(`Expected a height from 0 to 2^53 - 1 and a hash of ${HASH_BYTES} bytes`)
  }

  return tip
}
