interface Waiting {
  isPatient: boolean
  begin: () => void
  fail: (reason: unknown) => void
}

/** How a task waits for its turn. */
export interface TaskOptions {
  /** Ends the wait. */
  signal?: AbortSignal | undefined
  /** Lets everything else go first that waits. */
  isPatient?: boolean
}

/** Runs tasks one after the other, in the order in which they came: those that are patient after all others. */
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
  async run<Value> (task: () => Promise<Value>, options: TaskOptions = {}): Promise<Value> {
    await this.#turn(options)

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

  async #turn ({ signal, isPatient = false }: TaskOptions): Promise<void> {
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
        const entry: Waiting = { isPatient, begin: resolve, fail: reject }
        onAbort = () => {
          const index = this.#waiting.indexOf(entry)

          // its turn may have come in the same moment
          if (index >= 0) {
            this.#waiting.splice(index, 1)
            reject(signal?.reason as Error)
          }
        }
        this.#enter(entry)
        signal?.addEventListener('abort', onAbort)
      })
    } finally {
      signal?.removeEventListener('abort', onAbort!)
    }
  }

  #enter (entry: Waiting): void {
    const before = entry.isPatient ? -1 : this.#waiting.findIndex(({ isPatient }) => isPatient)
    this.#waiting.splice(before < 0 ? this.#waiting.length : before, 0, entry)
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
