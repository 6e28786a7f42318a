interface Waiting {
  isPatient: boolean
  begin: () => void
  fail: (reason: unknown) => void
}

/** Options of {@link TaskQueue.run}. */
export interface TaskOptions {
  /** Ends the wait. */
  signal?: AbortSignal | undefined
  /** Whether all other tasks that wait go first. */
  isPatient?: boolean
}

/** Runs tasks one after the other, in the order in which they came. Patient ones come after all others. */
export class TaskQueue {
  readonly #waiting: Waiting[] = []
  #isBusy = false
  #closed: { reason: unknown } | undefined

  /** Tasks that wait for their turn. */
  get waiting (): number { return this.#waiting.length }

  /**
   * Runs a task when its turn comes, and returns what it returns. Where the signal is aborted or the queue is closed before, it throws
   * the reason for that. A task that has begun goes on.
   */
  async run<Value> (task: () => Promise<Value>, options: TaskOptions = {}): Promise<Value> {
    await this.#turn(options)

    try {
      return await task()
    } finally {
      this.#next()
    }
  }

  /** Ends what waits with `reason`, and takes no more tasks until {@link open} is called. */
  close (reason: unknown): void {
    this.#closed = { reason }
    this.#waiting.splice(0).forEach(({ fail }) => { fail(reason) })
  }

  /** Takes tasks again. */
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

          // its turn may have come in the same microtask
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

  /** Begins the next task. The queue stays busy meanwhile, so that no other task comes in between. */
  #next (): void {
    const next = this.#waiting.shift()

    if (next == null) {
      this.#isBusy = false
    } else {
      next.begin()
    }
  }
}
