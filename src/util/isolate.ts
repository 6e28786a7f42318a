/**
 * Calls a function of somebody else and gives what it returns; `undefined` where it throws. What it throws, or what the promise
 * that it returns rejects with, ends with `onError`, which must not throw.
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

/** Whether something is a promise, of whatever make. */
export function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
