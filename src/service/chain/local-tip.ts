import { HASH_BYTES } from '../../codec/limits.ts'
import { errorMessage } from '../../errors.ts'
import { isChainLeft } from '../../sync/chain/chain-gate.ts'
import type { Clock } from '../../util/clock.ts'
import type { ChainSource } from '../../types/chain.ts'
import type { Tip } from '../../types/block.ts'
import type { Logger } from '@libp2p/interface'

/**
 * How long the chain may take to tell its tip.
 *
 * @remarks The node tells peers the last tip that it knows.
 */
export const TIP_TIMEOUT_MS = 3000

/**
 * The best block that we say to have. A chain that answers late or not at all, or what fits no message, delays no ping:
 * the last answer stands in.
 */
export class LocalTip {
  readonly #chain: ChainSource | undefined
  readonly #clock: Clock
  readonly #log: Logger
  #tip: Tip
  #reading: Promise<Tip> | undefined

  constructor (init: { chain: ChainSource | undefined, genesisHash: Uint8Array, clock: Clock, log: Logger }) {
    this.#chain = init.chain
    this.#clock = init.clock
    this.#log = init.log
    this.#tip = { height: 0, hash: init.genesisHash }
  }

  /** The last known tip; asks for it anew. */
  get latest (): Tip {
    void this.read()

    return this.#tip
  }

  /** Height of the last known tip; asks for it anew. */
  get height (): number { return this.latest.height }

  /** The chain's tip, or the last known one where it fails or takes its time. While it has not answered it is not asked once more. */
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
    try {
      this.#tip = checkTip(await this.#chain?.tip() ?? this.#tip)
    } catch (err) {
      if (!isChainLeft(err)) {
        this.#log.error('the chain could not tell its tip: %s - %e', errorMessage(err), err)
      }
    }

    return this.#tip
  }
}

function checkTip (tip: Tip): Tip {
  if (!Number.isSafeInteger(tip.height) || tip.height < 0 || !(tip.hash instanceof Uint8Array) || tip.hash.byteLength !== HASH_BYTES) {
    throw new RangeError(`Expected a height from 0 to 2^53 - 1 and a hash of ${HASH_BYTES} bytes`)
  }

  return tip
}
