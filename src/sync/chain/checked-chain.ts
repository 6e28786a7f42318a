import { MAX_RECENT_HASHES, RecentHashes } from './recent-hashes.ts'
import { bytesEqual } from '../../util/bytes.ts'
import { describe } from '../../config/checks.ts'
import { HASH_BYTES } from '../../codec/limits.ts'
import { decodeBlock } from '../../codec/items/items.ts'
import { errorMessage, InvalidBlockError, SyncError } from '../../errors.ts'
import type { Clock } from '../../util/clock.ts'
import type { Block, Tip } from '../../types/block.ts'
import type { ChainStore, ReceivedBlock } from '../../types/chain.ts'

/** Calls of `verify` that may be under way. */
export const MAX_VERIFY_CONCURRENCY = 1024

/** How long the node verifies blocks in one go. Then other work goes first, such as answers to pings. */
export const MAX_VERIFY_MS = 20

/**
 * Reads the application's chain, and checks all that it gives. Where the chain fails, a {@link SyncError} with the code `STORE` is
 * thrown.
 */
export class CheckedChain {
  readonly #chain: ChainStore
  readonly #clock: Clock
  readonly #recent = new RecentHashes()
  /** Since when blocks have been verified without a break, by the clock. */
  #turnSince: number

  constructor (chain: ChainStore, clock: Clock) {
    this.#chain = chain
    this.#clock = clock
    this.#turnSince = clock.now()
  }

  /** The best block. */
  async tip (): Promise<Tip> {
    let tip: Tip

    try {
      tip = checkTip(await this.#chain.tip())
    } catch (err) {
      throw chainError('could not tell its tip', err)
    }

    this.#recent.settle(tip)

    return tip
  }

  /** The block at `height`, or `undefined` where there is none. */
  async block (height: number): Promise<Block | undefined> {
    try {
      const stored = await this.#chain.get(height)
      const block = stored instanceof Uint8Array ? decodeBlock(stored) : stored

      if (block != null && block.height !== height) {
        throw new RangeError(`block ${block.height} where block ${height} was asked for`)
      }

      return block
    } catch (err) {
      throw chainError(`could not give block ${height}`, err)
    }
  }

  /** The block of this tip, or `undefined` where the tip has moved. */
  async head (tip: Tip): Promise<Block | undefined> {
    const block = await this.block(tip.height)

    if (block != null && isSame(block, tip)) {
      return block
    }

    if (isSame(await this.tip(), tip)) {
      throw new SyncError('STORE', `The chain does not have block ${tip.height}, which it says is its tip`)
    }

    return undefined
  }

  /** Whether the chain has a `verify`. */
  get verifies (): boolean { return this.#chain.verify != null }

  /** How many calls of `verify` may be under way. One where the chain says by now what is no such number: none would never end. */
  get verifyConcurrency (): number {
    const given = this.#chain.verifyConcurrency ?? 1

    return Number.isInteger(given) && given > 0 ? Math.min(given, MAX_VERIFY_CONCURRENCY) : 1
  }

  /** Lets other work go first, where blocks have been verified for {@link MAX_VERIFY_MS}. To be called before {@link verify}. */
  async takeTurn (): Promise<void> {
    if (this.#clock.now() - this.#turnSince >= MAX_VERIFY_MS) {
      await new Promise<void>((resolve) => { this.#clock.setTimeout(resolve, 0) })
      this.#turnSince = this.#clock.now()
    }
  }

  /** The chain's error for a block that it calls invalid. */
  async verify ({ block, bytes }: ReceivedBlock, parent: Block): Promise<Error | undefined> {
    try {
      await this.#chain.verify?.(block, parent, bytes)
    } catch (err) {
      if (isInvalidBlock(err)) {
        return err
      }

      throw chainError(`could not verify block ${block.height}`, err)
    }

    return undefined
  }

  /** Whether a block is known to be on the chain, without reading it: known of those that were appended last. */
  has (block: Tip): boolean {
    return this.#recent.has(block)
  }

  /** Takes note of blocks that have been appended. */
  noteAppended (blocks: readonly Tip[]): void {
    blocks.slice(-MAX_RECENT_HASHES).forEach((block) => { this.#recent.push(block) })
  }
}

/** Whether two tips are the same block. */
export function isSame (a: Tip, b: Tip): boolean {
  return a.height === b.height && bytesEqual(a.hash, b.hash)
}

/** Whether a chain has thrown this because a block is invalid. */
export function isInvalidBlock (err: unknown): err is Error {
  return err instanceof Error && (err instanceof InvalidBlockError || err.name === 'InvalidBlockError')
}

/** The error to throw where a chain has failed. */
export function chainError (what: string, err: unknown): SyncError {
  return err instanceof SyncError ? err : new SyncError('STORE', `The chain ${what}: ${errorMessage(err)}`, { cause: err })
}

/** A tip as a chain has told it. Throws a RangeError for one that fits no message, and for nothing: a chain has its genesis block. */
export function checkTip (tip: unknown): Tip {
  const { height, hash } = (tip ?? {}) as Partial<Tip>

  if (!isHeight(height) || !(hash instanceof Uint8Array) || hash.byteLength !== HASH_BYTES) {
    throw new RangeError(`Expected \`tip\` of the chain to give a height from 0 to 2^53 - 1 and a hash of ${HASH_BYTES} bytes, got ${describeTip(tip)}`)
  }

  return { height, hash }
}

/** Whether a chain may give this as a height. */
export function isHeight (height: unknown): height is number {
  return Number.isSafeInteger(height) && (height as number) >= 0
}

function describeTip (tip: unknown): string {
  const { height, hash } = (tip ?? {}) as Partial<Tip>

  return typeof tip === 'object' && tip !== null ? `the height ${describe(height)} and the hash ${describe(hash)}` : describe(tip)
}
