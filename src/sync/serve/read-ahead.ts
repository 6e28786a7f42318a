import { isPromise } from '../chain/chain-calls.ts'
import { errorMessage } from '../../errors.ts'
import type { Clock } from '../../util/clock.ts'
import type { Awaitable, ChainSource, StoredBlock } from '../../types/chain.ts'

/** Blocks that the node reads at a time for one answer, from a chain without `range` whose `get` gives promises. */
export const MAX_READS = 16

/** Bytes of the blocks that are read ahead for one answer, by the size of the largest that came. A larger block is read alone. */
export const MAX_AHEAD_BYTES: number = 1024 * 1024

/** Blocks that are read ahead for all answers together: those after them may be far larger than those before. */
export const MAX_READS_AHEAD = 64

/** What all answers from one chain share. */
export interface SharedReads {
  readonly chain: ChainSource
  readonly clock: Clock
  /** Blocks that are read ahead, and not taken. */
  ahead: number
}

type Given = Awaitable<StoredBlock | undefined>

/**
 * Reads the blocks of one range in order. Where the chain takes its time, it reads some at once: the next one at first, then twice as
 * many with each that is taken. What a chain gives at once is not read ahead.
 */
export class ReadAhead {
  readonly #shared: SharedReads
  readonly #endHeight: number
  /** The reads that have begun, in order. */
  readonly #begun: Given[] = []
  #next: number
  #taken = 0
  #largest = 0

  constructor (shared: SharedReads, { startHeight, endHeight }: { startHeight: number, endHeight: number }) {
    this.#shared = shared
    this.#endHeight = endHeight
    this.#next = startHeight
  }

  /** The next block, or `undefined` where the chain has none. It throws or rejects with what the chain fails with. */
  take (): Given {
    let given: Given

    if (this.#begun.length === 0) {
      given = this.#read()
    } else {
      given = this.#begun.shift()
      this.#shared.ahead--
    }

    if (isPromise(given)) {
      this.#fill()
    }

    return given
  }

  /** Takes note of the size of the block that was taken. */
  onBlock (bytes: number): void {
    this.#taken++
    this.#largest = Math.max(this.#largest, bytes)
  }

  /** To be called when no more is taken. The reads under way count until they settle. */
  end (): void {
    const release = (): void => { this.#shared.ahead-- }

    for (const given of this.#begun.splice(0)) {
      Promise.resolve(given).then(release, release)
    }
  }

  /** How many blocks may be read ahead. */
  get #width (): number {
    return Math.min(MAX_READS - 1, 2 ** this.#taken - 1, Math.floor(MAX_AHEAD_BYTES / Math.max(1, this.#largest)))
  }

  #fill (): void {
    while (this.#begun.length < this.#width && this.#next <= this.#endHeight && this.#shared.ahead < MAX_READS_AHEAD) {
      this.#shared.ahead++
      const given = this.#readAhead()
      this.#begun.push(given)

      if (isPromise(given)) {
        // one that fails is heard of in its turn
        given.then(undefined, () => {})
      }
    }
  }

  #read (): Given {
    return this.#shared.chain.get(this.#next++)
  }

  /** What throws is heard of in its turn, as what rejects. */
  #readAhead (): Given {
    try {
      return this.#read()
    } catch (err) {
      return Promise.reject(err instanceof Error ? err : new Error(errorMessage(err), { cause: err }))
    }
  }
}
