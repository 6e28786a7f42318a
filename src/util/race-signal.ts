/** What `promise` gives, or the reason of the first signal that is aborted before. What the promise does later counts no more. */
export async function raceSignal<Value> (promise: Promise<Value>, ...signals: (AbortSignal | undefined)[]): Promise<Value> {
  const given = signals.filter((signal) => signal != null)
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => { aborted.reject(given.find((signal) => signal.aborted)?.reason) }
  // whichever of the two loses is nobody's any more
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
