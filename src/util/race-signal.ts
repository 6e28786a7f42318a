/** Resolves or rejects as `promise` does, unless a signal is aborted before: it then rejects with the reason of that signal. */
export async function raceSignal<Value> (promise: Promise<Value>, ...signals: (AbortSignal | undefined)[]): Promise<Value> {
  const given = signals.filter((signal) => signal != null)
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => { aborted.reject(given.find((signal) => signal.aborted)?.reason) }
  // the promise that loses has no listener any more
  promise.catch(() => {})
  aborted.promise.catch(() => {})

  try {
    given.forEach((signal) => {
      signal.throwIfAborted()
      signal.addEventListener('abort', onAbort)
    })

    return await Promise.race([aborted.promise, promise])
  } finally {
    given.forEach((signal) => { signal.removeEventListener('abort', onAbort) })
  }
}

/**
 * Yields what `source` yields until `signal` is aborted, then throws its reason: at once, whether `source` takes notice or not.
 * When the caller takes no more, it ends `source`, and does not wait for that.
 */
export async function * untilAborted<T> (source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]()

  try {
    for (;;) {
      const next = await raceSignal(iterator.next(), signal)

      if (next.done === true) {
        return
      }

      yield next.value
    }
  } finally {
    iterator.return?.().catch(() => {})
  }
}
