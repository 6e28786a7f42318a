interface Waiting {
  begin: () => void
  fail: (reason: unknown) => void
}

/** Runs tasks one after the other, in the order in which they came. */
export class TaskQueue {
  readonly #waiting: Waiting[] = []
  #isBusy = false
  #closed: { reason: unknown } | undefined

  /** Tasks that wait for their turn. */
  get waiting (): number { return this.#waiting.length }

  /**
   * Runs a task when its turn comes and gives what it gives. Throws the signal's reason where that is aborted before,
   * and the reason for closing where that happens before; a task that has begun is not held up.
   */
  async run<Value> (task: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    await this.#turn(signal)

    try {
      return await task()
    } finally {
      this.#next()
    }
  }

  /** Lets nothing begin any more, until it is opened. */
  close (reason: unknown): void {
    this.#closed = { reason }
    this.#waiting.splice(0).forEach(({ fail }) => { fail(reason) })
  }

  open (): void {
    this.#closed = undefined
  }

  async #turn (signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()

    if (this.#closed != null) {
      throw this.#closed.reason as Error
    }

    if (!this.#isBusy) {
      this.#isBusy = true
      return
    }

    let onAbort: (() => void) | undefined

    try {
      await new Promise<void>((resolve, reject) => {
        const entry: Waiting = { begin: resolve, fail: reject }
        onAbort = () => {
          const index = this.#waiting.indexOf(entry)

          // its turn may have come in the same moment
          if (index >= 0) {
            this.#waiting.splice(index, 1)
            reject(signal?.reason as Error)
          }
        }
        this.#waiting.push(entry)
        signal?.addEventListener('abort', onAbort)
      })
    } finally {
      signal?.removeEventListener('abort', onAbort!)
    }
  }

  /** The next one is busy from now on, not only when it is told so. */
  #next (): void {
    const next = this.#waiting.shift()

    if (next == null) {
      this.#isBusy = false
    } else {
      next.begin()
    }
  }
}
