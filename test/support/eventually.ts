import { setImmediate, setTimeout } from 'node:timers/promises'

/** How long to wait for what comes at once on an idle machine, in ms. */
const PATIENCE_MS = 8000

/** So long each turn of the event loop is looked at, in ms. */
const EAGER_MS = 50

/** Between two looks after that, in ms: to look all the time would take a processor from what is waited for. */
const PAUSE_MS = 1

/**
 * Waits until `probe` gives something other than `undefined`, `null` or `false`, and returns it. Looks once per turn of
 * the event loop, and after a while each millisecond. Fails after `timeout` ms of the machine's own time, and says what was waited for.
 */
export async function eventually<T> (
  probe: () => T | undefined | null | false,
  what: string,
  { timeout = PATIENCE_MS }: { timeout?: number } = {}
): Promise<T> {
  const since = performance.now()

  for (;;) {
    const found = probe()

    if (found != null && found !== false) {
      return found
    }

    const waited = performance.now() - since

    if (waited > timeout) {
      throw new Error(`Waited ${timeout} ms in vain for ${what}`)
    }

    await (waited < EAGER_MS ? setImmediate() : setTimeout(PAUSE_MS))
  }
}

/** Whether a promise is not settled yet, after all that can happen in this turn of the event loop has happened. */
export async function isPending (promise: Promise<unknown>): Promise<boolean> {
  let pending = true
  const settle = (): void => { pending = false }
  promise.then(settle, settle)
  await setImmediate()

  return pending
}

/** Lets `count` turns of the event loop pass: enough for what is only written and read in memory. */
export async function turns (count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await setImmediate()
  }
}
