/**
 * Messages of one peer that are with the application's handlers at a time.
 *
 * @remarks The node reads nothing more of the peer until a handler is done.
 */
export const MAX_IN_FLIGHT_MESSAGES = 64

/**
 * Bytes of the messages of one peer that are with the application's handlers at a time.
 *
 * @remarks The node reads nothing more of the peer until a handler is done.
 */
export const MAX_IN_FLIGHT_BYTES: number = 4 * 1024 * 1024

/**
 * The messages of one peer that handlers have at a time, bounded. What comes beyond the bound waits in the network and at the sender,
 * not in the memory of this node.
 */
export class InFlight {
  readonly #onError: (err: unknown) => void
  #messages = 0
  #bytes = 0
  #wake: (() => void) | undefined

  /** `onError` is called with what a task has rejected with. None should, but a remote has a part in it: no process is to end for it. */
  constructor (onError: (err: unknown) => void = () => {}) {
    this.#onError = onError
  }

  /** Messages that handlers have now. */
  get messages (): number {
    return this.#messages
  }

  /** Bytes of these messages. */
  get bytes (): number {
    return this.#bytes
  }

  /**
   * Counts a message until `task` settles.
   * Returns what the reader waits for before it reads the next message, or `undefined` where there is room.
   */
  add (task: Promise<void>, bytes: number): Promise<void> | undefined {
    this.#messages++
    this.#bytes += bytes

    const end = (): void => {
      this.#messages--
      this.#bytes -= bytes

      if (this.#hasRoom()) {
        this.#wake?.()
        this.#wake = undefined
      }
    }

    task.then(end, (err: unknown) => {
      end()
      this.#onError(err)
    })

    return this.#hasRoom() ? undefined : new Promise((resolve) => { this.#wake = resolve })
  }

  #hasRoom (): boolean {
    return this.#messages < MAX_IN_FLIGHT_MESSAGES && this.#bytes < MAX_IN_FLIGHT_BYTES
  }
}
