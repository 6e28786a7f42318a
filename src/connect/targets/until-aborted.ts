import { raceSignal } from '../../util/race-signal.ts'

/**
 * What `source` yields until `signal` is aborted, then throws its reason: at once, whether `source` takes notice or not.
 * When nobody wants more of it `source` is told to end, and not waited for.
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
