/**
 * Calls a function of the application, and returns what it returns, or `undefined` where it throws. What it throws, or its promise
 * rejects with, goes to `onError`, which must not throw.
 */
export function isolate<Value> (call: () => Value, onError: (error: unknown) => void): Value | undefined {
  try {
    const returned = call()

    if (isThenable(returned)) {
      returned.then(undefined, onError)
    }

    return returned
  } catch (err) {
    onError(err)

    return undefined
  }
}

/** Whether a value is a promise, of whatever library. */
export function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
