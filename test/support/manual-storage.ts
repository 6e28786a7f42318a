import { errorMessage } from '../../src/errors.ts'
import type { TextStorage } from '../../src/store/entries/write-queue.ts'

type Changes = Map<string, string | undefined>

/** Keeps nothing, and lets a test end each write by hand. */
export class ManualStorage implements TextStorage {
  readonly writes: (PromiseWithResolvers<void> & { changes: Changes })[] = []
  closed = 0

  write (changes: Changes): Promise<void> {
    const write = { ...Promise.withResolvers<void>(), changes }
    this.writes.push(write)

    return write.promise
  }

  async close (): Promise<void> {
    this.closed++
  }

  /** The keys of each write so far, those that were removed with a minus. */
  get log (): string[][] {
    return this.writes.map(({ changes }) => Array.from(changes, ([key, value]) => value == null ? `-${key}` : key))
  }
}

/** Notes what has been done, in order, and what went wrong with it. */
export function createTracker (): { done: string[], track: (name: string, work: Promise<void>) => void } {
  const done: string[] = []

  return {
    done,
    track: (name, work) => {
      void work.then(() => { done.push(name) }).catch((err: unknown) => { done.push(`${name}: ${errorMessage(err)}`) })
    }
  }
}
