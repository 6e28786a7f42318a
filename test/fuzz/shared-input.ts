import { MAX_INPUT_BYTES } from './mutate.ts'

const TURN = 0
const TARGET = 1
const LENGTH = 2
const HEAD_BYTES = 12

/** What is run at the moment, in memory that two threads see: what never ends can be told all the same. */
export class SharedInput {
  readonly buffer: SharedArrayBuffer
  readonly #head: Int32Array
  readonly #bytes: Uint8Array

  constructor (buffer: SharedArrayBuffer = new SharedArrayBuffer(HEAD_BYTES + MAX_INPUT_BYTES)) {
    this.buffer = buffer
    this.#head = new Int32Array(buffer, 0, HEAD_BYTES / 4)
    this.#bytes = new Uint8Array(buffer, HEAD_BYTES)
  }

  /** Inputs that were begun: it stands still when one does not end. */
  get turn (): number {
    return Atomics.load(this.#head, TURN)
  }

  /** The target, by its place in the list, and the input. */
  get current (): { target: number, input: Uint8Array } {
    return { target: this.#head[TARGET]!, input: this.#bytes.slice(0, this.#head[LENGTH]) }
  }

  set (target: number, input: Uint8Array): void {
    this.#head[TARGET] = target
    this.#head[LENGTH] = Math.min(input.byteLength, MAX_INPUT_BYTES)
    this.#bytes.set(input.subarray(0, MAX_INPUT_BYTES))
    Atomics.add(this.#head, TURN, 1)
  }
}
