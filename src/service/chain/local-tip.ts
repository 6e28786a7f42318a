import { firstAnswer } from './first-answer.ts'
import { errorMessage } from '../../errors.ts'
import { bytesEqual } from '../../util/bytes.ts'
import { describe } from '../../config/checks.ts'
import { isChainLeft } from '../../sync/chain/chain-gate.ts'
import { checkTip, isHeight } from '../../sync/chain/checked-chain.ts'
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

/** Options of {@link LocalTip}. */
export interface LocalTipInit {
  chain: ChainSource | undefined
  genesisHash: Uint8Array
  clock: Clock
  log: Logger
  /** Called with an error of the chain. It must not throw. */
  onError: (error: unknown) => void
}

/**
 * The best block that this node reports to peers. Where the chain answers late, not at all, or with a tip that fits no message, the node
 * uses the last answer: so a chain delays no ping.
 */
export class LocalTip {
  readonly #chain: ChainSource | undefined
  readonly #clock: Clock
  readonly #log: Logger
  readonly #onError: (error: unknown) => void
  #tip: Tip
  #lowestHeight = 0
  /** How often the tip was noted: an answer of the chain from before that is out of date. */
  #notes = 0
  #reading: Promise<Tip> | undefined
  readonly #listeners: ((tip: Tip) => void)[] = []

  constructor ({ chain, genesisHash, clock, log, onError }: LocalTipInit) {
    this.#chain = chain
    this.#clock = clock
    this.#log = log
    this.#onError = onError
    this.#tip = { height: 0, hash: genesisHash }
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

  /** Reads the tip of the chain while the node starts. Throws a StorageError where the chain fails; one that is slow is not waited for. */
  async open (): Promise<void> {
    const onLate = (err: unknown): void => { this.#report(err) }
    await firstAnswer(this.#ask(), { clock: this.#clock, ms: TIP_TIMEOUT_MS, what: 'tell its tip and lowest height', onLate })
  }

  /** The tip of the chain, or the last known one where the chain fails or is slow. The node asks it one question at a time. */
  async read (): Promise<Tip> {
    this.#reading ??= this.#askSafely().finally(() => { this.#reading = undefined })
    const patience = Promise.withResolvers<undefined>()
    const timer = this.#clock.setTimeout(() => { patience.resolve(undefined) }, TIP_TIMEOUT_MS)

    try {
      return await Promise.race([this.#reading, patience.promise]) ?? this.#tip
    } finally {
      this.#clock.clearTimeout(timer)
    }
  }

  async #askSafely (): Promise<Tip> {
    try {
      await this.#ask()
    } catch (err) {
      this.#report(err)
    }

    return this.#tip
  }

  async #ask (): Promise<void> {
    const notes = this.#notes
    const tip = this.#chain == null ? this.#tip : checkTip(await this.#chain.tip())
    this.#lowestHeight = checkHeight(await this.#chain?.lowestHeight?.() ?? 0)

    if (notes === this.#notes) {
      this.#set(tip)
    }
  }

  #report (err: unknown): void {
    if (!isChainLeft(err)) {
      this.#log.error('the chain could not tell its tip and lowest height: %s - %e', errorMessage(err), err)
      this.#onError(err)
    }
  }

  #set (tip: Tip): void {
    const before = this.#tip
    this.#tip = tip

    if (tip.height !== before.height || !bytesEqual(tip.hash, before.hash)) {
      this.#listeners.forEach((listener) => { listener(tip) })
    }
  }
}

function checkHeight (height: unknown): number {
  if (!isHeight(height)) {
    throw new RangeError(`Expected \`lowestHeight\` of the chain to give a height from 0 to 2^53 - 1, got ${describe(height)}`)
  }

  return height
}
