import { keepMemory } from './untransferable.ts'

/** What small pieces are cut from. Whoever keeps one of them keeps this much in memory: no more than a few times its size. */
const POOL_BYTES = 8192

/** Larger pieces have memory of their own. */
const MAX_POOLED_BYTES = 1024

/**
 * Memory for small pieces, not cleared. Making a typed array costs more than everything else that is done with a small message, so
 * small ones are cut from a larger one. The application gets such pieces: one that gives the memory of one away would empty all
 * others, so it cannot, where the platform allows that. Where it can, the next piece is of new memory.
 */
export class Pool {
  readonly #keep: (memory: Uint8Array) => void
  #memory: Uint8Array
  #used = 0

  /** `keep` keeps memory from being given away. */
  constructor (keep: (memory: Uint8Array) => void = keepMemory) {
    this.#keep = keep
    this.#memory = this.#renew()
  }

  /** Memory for `bytes` bytes, not shared with anybody. */
  allocate (bytes: number): Uint8Array {
    if (bytes > MAX_POOLED_BYTES) {
      return new Uint8Array(bytes)
    }

    // nothing is left of memory that was given away
    if (this.#used + bytes > this.#memory.byteLength) {
      this.#memory = this.#renew()
    }

    this.#used += bytes

    return view(this.#memory, this.#used - bytes, this.#used)
  }

  #renew (): Uint8Array {
    const memory = new Uint8Array(POOL_BYTES)
    this.#keep(memory)
    this.#used = 0

    return memory
  }
}

/** For what has come, of which the application gets views. */
export const received: Pool = new Pool()

/** For what is to be sent, of which the application gets nothing: what waits to be sent cannot be emptied by it. */
export const written: Pool = new Pool()

/** What `subarray` gives, in half the time; and of a Buffer not a Buffer. `start` and `end` must be within `bytes`. */
export function view (bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
}
