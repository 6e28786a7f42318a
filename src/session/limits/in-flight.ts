/**
 * Messages of one peer that are with the application's handlers at a time.
 *
 * @remarks The node reads nothing more of the peer until a handler is done.
 */
export const WORKLOAD_MESSAGES = 64

/**
 * Bytes of the messages of one peer that are with the application's handlers at a time.
 *
 * @remarks The node reads nothing more of the peer until a handler is done.
 */
export const WORKLOAD_BYTES: number = 4 * 1024 * 1024

/**
 * The messages of one peer that are being handled, bounded. What comes beyond the bound waits in the network, at the
 * sender, and not in memory here.
 */
export class InFlight {
  #messages = 0
  #bytes = 0
  #wake: (() => void) | undefined

  /** Messages being handled. */
  get messages (): number {
    return this.#messages
  }

  /**
   * Counts a message until `task` is settled, which must not reject.
   * Returns what to wait for before the next message is read, or `undefined` where there is room.
   */
  add (task: Promise<void>, bytes: number): Promise<void> | undefined {
    this.#messages++
    this.#bytes += bytes

    void task.then(() => {
      this.#messages--
      this.#bytes -= bytes

      if (this.#hasRoom()) {
        this.#wake?.()
        this.#wake = undefined
      }
    })

    return this.#hasRoom() ? undefined : new Promise((resolve) => { this.#wake = resolve })
  }

  #hasRoom (): boolean {
    return this.#messages < WORKLOAD_MESSAGES && this.#bytes < WORKLOAD_BYTES
  }
}
