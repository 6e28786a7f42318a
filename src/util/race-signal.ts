/** Resolves or rejects as `promise` does, unless a signal is aborted before: it then rejects with the reason of that signal. */
export async function raceSignal<Value> (promise: Promise<Value>, ...signals: (AbortSignal | undefined)[]): Promise<Value> {
  const given = signals.filter((signal) => signal != null)
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => { aborted.reject(given.find((signal) => signal.aborted)?.reason) }
  // the one that loses has no listener any more
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
