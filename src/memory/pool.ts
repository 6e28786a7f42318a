import { keepMemory } from './untransferable.ts'

/** What small pieces are cut from. A piece that is kept keeps all of it in memory. */
const POOL_BYTES = 8192

/** Larger pieces have memory of their own. */
const MAX_POOLED_BYTES = 1024

/**
 * Memory for small pieces, not cleared. To make a typed array costs more than all else that the node does with a small message, so it
 * cuts small ones from a larger one. An application that transfers a piece would empty all others: `keepMemory` forbids that where
 * the platform can. Where it cannot, the next piece is of new memory.
 */
export class Pool {
  readonly #keep: (memory: Uint8Array) => void
  #memory: Uint8Array<ArrayBuffer>
  #buffer: ArrayBuffer
  #used = 0

  /** `keep` keeps the application from transferring memory. */
  constructor (keep: (memory: Uint8Array) => void = keepMemory) {
    this.#keep = keep
    this.#memory = this.#renew()
    this.#buffer = this.#memory.buffer
  }

  /** A piece of `bytes` bytes that overlaps no other. */
  allocate (bytes: number): Uint8Array {
    if (bytes > MAX_POOLED_BYTES) {
      return new Uint8Array(bytes)
    }

    // memory that was transferred has a length of 0
    if (this.#used + bytes > this.#memory.byteLength) {
      this.#memory = this.#renew()
      this.#buffer = this.#memory.buffer
    }

    this.#used += bytes

    return cut(this.#buffer, this.#used - bytes, this.#used)
  }

  #renew (): Uint8Array<ArrayBuffer> {
    const memory = new Uint8Array(POOL_BYTES)
    this.#keep(memory)
    this.#used = 0

    return memory
  }
}

/** For what the node has received. The application gets views of it. */
export const received: Pool = new Pool()

/** For what the node sends. The application gets no view of it, so it cannot empty what waits to be sent. */
export const written: Pool = new Pool()

/** Like `subarray` in half the time, and a Uint8Array also of a Buffer. `start` and `end` must be within `bytes`. */
export function view (bytes: Uint8Array, start: number, end: number): Uint8Array {
  return cut(bytes.buffer, bytes.byteOffset + start, bytes.byteOffset + end)
}

/** {@link view} of the memory itself. An array is slow to give its memory: code that makes several views asks for it once. */
export function cut (memory: ArrayBufferLike, start: number, end: number): Uint8Array {
  return new Uint8Array(memory, start, end - start)
}
