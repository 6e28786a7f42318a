import { describe } from '../../config/checks.ts'
import { NotRunningError, StorageError } from '../../errors.ts'
import { ChainCalls, isPromise } from './chain-calls.ts'
import type { Clock } from '../../util/clock.ts'
import type { ChainCallsListener, ChainMethod } from './chain-calls.ts'
import type { Awaitable, Branch, ChainSource, ChainStore, StoredBlock } from '../../types/chain.ts'

/**
 * How long `stop()` waits for what the chain verifies or writes.
 *
 * @remarks `stop()` resolves, and the node logs an error. The chain may still be at work.
 */
export const LAST_WRITE_TIMEOUT_MS = 10_000

/**
 * How long `stop()` waits for what the chain reads.
 *
 * @remarks `stop()` resolves, and the node logs an error. The chain may still be at work.
 */
export const LAST_READ_TIMEOUT_MS = 1000

type Blocks = AsyncIterable<StoredBlock> | Iterable<StoredBlock>

const WRITES: readonly ChainMethod[] = ['verify', 'append', 'reorganise']

/** Thrown in place of a call to a chain that the network has left. */
export class ChainLeftError extends NotRunningError {
  constructor () {
    super('The network has stopped, and calls the chain no more')
  }
}

/** Whether a call has failed because the network has left the chain. */
export function isChainLeft (err: unknown): boolean {
  return err instanceof ChainLeftError || (err instanceof Error && err.cause != null && isChainLeft(err.cause))
}

/**
 * The application's chain as all of this package uses it. The network can leave it: from then on no method of it is called, and the
 * gate knows which calls are under way.
 */
export class ChainGate {
  /** The chain behind the gate; `undefined` where the application has none. */
  readonly chain: ChainSource | ChainStore | undefined
  readonly #clock: Clock
  readonly #calls: ChainCalls
  readonly #iterators = new Set<Iterator<StoredBlock> | AsyncIterator<StoredBlock>>()
  #leftAt: number | undefined
  #onOver: () => void = () => {}

  constructor (chain: ChainSource | ChainStore | undefined, clock: Clock, listener: ChainCallsListener = {}) {
    this.#clock = clock
    this.#calls = new ChainCalls(clock, listener)
    this.chain = chain == null ? undefined : new GatedChain(chain, this)
  }

  /** The methods that have not returned yet. */
  get underWay (): ChainMethod[] { return this.#calls.underWay }

  /** The calls that have been under way for {@link CALL_OVERDUE_MS}, and for how many ms: the first {@link MAX_LISTED_CALLS}. */
  get overdue (): { method: ChainMethod, ms: number }[] { return this.#calls.overdue }

  /** Allows calls of the chain. */
  open (): void {
    this.#leftAt = undefined
  }

  /** Refuses calls of the chain until {@link open}, and ends the ranges that are read. */
  leave (): void {
    this.#leftAt ??= this.#clock.now()
    this.#calls.endWatch()

    for (const iterator of [...this.#iterators]) {
      this.#iterators.delete(iterator)
      endIterator(iterator)
    }
  }

  /**
   * Resolves when no call is under way, or with those that still are when their time has passed since {@link leave}:
   * LAST_READ_TIMEOUT_MS for reads, LAST_WRITE_TIMEOUT_MS for writes.
   */
  async whenLeft (): Promise<ChainMethod[]> {
    for (const [timeout, isWaitedFor] of [[LAST_READ_TIMEOUT_MS, () => true], [LAST_WRITE_TIMEOUT_MS, isWrite]] as const) {
      await this.#whenOver((this.#leftAt ?? this.#clock.now()) + timeout, isWaitedFor)
    }

    return this.underWay
  }

  /** Calls the chain, for {@link GatedChain}. */
  call<Result> (method: ChainMethod, run: () => Awaitable<Result>): Awaitable<Result> {
    this.#checkOpen()
    const result = this.#calls.run(method, run, () => { this.#onOver() })

    return result
  }

  /** Wraps an iterator of the chain, which is asked for nothing more after {@link leave}. */
  iterate (create: () => AsyncIterator<StoredBlock>): AsyncIterator<StoredBlock> {
    const inner = this.call('range', create) as AsyncIterator<StoredBlock>
    this.#iterators.add(inner)

    return {
      next: async () => {
        const result = await this.call<IteratorResult<StoredBlock>>('range', () => inner.next())

        if (result.done === true) {
          this.#iterators.delete(inner)
        }

        return result
      },
      return: async (value?: unknown) => {
        // `leave` has ended the others
        if (this.#iterators.delete(inner)) {
          await inner.return?.(value)
        }

        return { done: true, value: undefined }
      }
    }
  }

  /** Wraps an iterator that gives blocks at once, as {@link iterate} does. */
  iterateSync (create: () => Iterator<StoredBlock>): Iterator<StoredBlock> {
    const inner = this.call('range', create) as Iterator<StoredBlock>
    this.#iterators.add(inner)

    return {
      next: () => {
        const result = this.call<IteratorResult<StoredBlock>>('range', () => inner.next()) as IteratorResult<StoredBlock>

        if (result.done === true) {
          this.#iterators.delete(inner)
        }

        return result
      },
      return: (value?: unknown) => {
        if (this.#iterators.delete(inner)) {
          inner.return?.(value)
        }

        return { done: true, value: undefined }
      }
    }
  }

  /** Gives blocks that are there already: to take one is no call of the chain. */
  * pass (blocks: readonly StoredBlock[]): Generator<StoredBlock> {
    for (const block of blocks) {
      this.#checkOpen()
      yield block
    }
  }

  #checkOpen (): void {
    if (this.#leftAt != null) {
      throw new ChainLeftError()
    }
  }

  async #whenOver (until: number, isWaitedFor: (method: ChainMethod) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.#clock.setTimeout(resolve, Math.max(0, until - this.#clock.now()))
    this.#onOver = () => {
      if (!this.underWay.some(isWaitedFor)) {
        resolve()
      }
    }
    this.#onOver()
    await promise
    this.#clock.clearTimeout(timer)
  }
}

/** Reads the optional methods of the application's chain anew each time: it may get or lose them. */
class GatedChain implements ChainSource {
  readonly #chain: ChainSource & Partial<ChainStore>
  readonly #gate: ChainGate

  constructor (chain: ChainSource, gate: ChainGate) {
    this.#chain = chain
    this.#gate = gate
  }

  get sharesMemory (): boolean { return this.#chain.sharesMemory ?? true }

  get range (): NonNullable<ChainSource['range']> | undefined {
    const chain = this.#chain

    if (chain.range == null) {
      return undefined
    }

    return (startHeight, endHeight) => {
      const blocks = this.#gate.call<Blocks>('range', () => chain.range!(startHeight, endHeight))

      // an application without types may give a promise
      return isPromise(blocks) ? (blocks.then((given) => this.#wrap(given)) as never) : this.#wrap(blocks)
    }
  }

  /** What is there at once costs no turn of the queue of promises for each block. */
  #wrap (blocks: Blocks): Blocks {
    checkBlocks(blocks)

    if (Array.isArray(blocks)) {
      return this.#gate.pass(blocks)
    }

    return Symbol.asyncIterator in blocks
      ? { [Symbol.asyncIterator]: () => this.#gate.iterate(() => blocks[Symbol.asyncIterator]()) }
      : { [Symbol.iterator]: () => this.#gate.iterateSync(() => blocks[Symbol.iterator]()) }
  }

  get lowestHeight (): ChainSource['lowestHeight'] {
    const chain = this.#chain

    return chain.lowestHeight == null ? undefined : () => this.#gate.call('lowestHeight', () => chain.lowestHeight!())
  }

  get verify (): ChainStore['verify'] {
    const chain = this.#chain

    return chain.verify == null
      ? undefined
      : (block, parent, bytes) => this.#gate.call('verify', () => chain.verify!(block, parent, bytes))
  }

  get verifyConcurrency (): number { return this.#chain.verifyConcurrency ?? 1 }

  get append (): ChainStore['append'] | undefined {
    const chain = this.#chain

    return chain.append == null ? undefined : (blocks) => this.#gate.call('append', () => chain.append!(blocks))
  }

  get reorganise (): ChainStore['reorganise'] {
    const chain = this.#chain

    return chain.reorganise == null ? undefined : (branch: Branch) => this.#gate.call('reorganise', () => chain.reorganise!(branch))
  }

  tip (): ReturnType<ChainSource['tip']> { return this.#gate.call('tip', () => this.#chain.tip()) }

  get (height: number): ReturnType<ChainSource['get']> { return this.#gate.call('get', () => this.#chain.get(height)) }
}

function isWrite (method: ChainMethod): boolean { return WRITES.includes(method) }

function checkBlocks (blocks: Blocks): void {
  // an application without types may give anything
  if (Object(blocks) !== blocks || !(Symbol.asyncIterator in blocks || Symbol.iterator in blocks)) {
    throw new StorageError(`Expected \`range\` of the chain to give an iterable of blocks, got ${describe(blocks)}`)
  }
}

function endIterator (iterator: Iterator<StoredBlock> | AsyncIterator<StoredBlock>): void {
  try {
    Promise.resolve(iterator.return?.()).catch(() => {})
  } catch {
    // the network has left the chain, and its errors are of no use any more
  }
}
