import { raceSignal } from '../util/race-signal.ts'

interface Wait { look: () => void }

/** Callers that wait until something is so. Their owner has them look whenever it may be. */
export class Waits {
  readonly #waiting = new Set<Wait>()

  /** Has every caller look again. */
  check (): void {
    for (const wait of [...this.#waiting]) {
      wait.look()
    }
  }

  /** Resolves with what `find` gives, at once or as soon as it is not `undefined`. Throws the reason of a signal that is aborted. */
  async until<Value> (find: () => Value | undefined, ...signals: (AbortSignal | undefined)[]): Promise<Value> {
    const { promise, resolve } = Promise.withResolvers<Value>()
    const wait: Wait = {
      look: () => {
        const found = find()

        if (found !== undefined) {
          resolve(found)
        }
      }
    }
    this.#waiting.add(wait)

    try {
      signals.forEach((signal) => { signal?.throwIfAborted() })
      wait.look()

      return await raceSignal(promise, ...signals)
    } finally {
      this.#waiting.delete(wait)
    }
  }
}
