import { setImmediate } from 'node:timers/promises'

/** How long to wait for what comes at once on an idle machine, in ms. */
const PATIENCE_MS = 8000

/**
 * Waits until `probe` gives something other than `undefined`, `null` or `false`, and returns it. Looks once per turn of
 * the event loop. Fails after `timeout` ms of the machine's own time, and says what was waited for.
 */
export async function eventually<T> (
  probe: () => T | undefined | null | false,
  what: string,
  { timeout = PATIENCE_MS }: { timeout?: number } = {}
): Promise<T> {
  const deadline = performance.now() + timeout

  for (;;) {
    const found = probe()

    if (found != null && found !== false) {
      return found
    }

    if (performance.now() > deadline) {
      throw new Error(`Waited ${timeout} ms in vain for ${what}`)
    }

    await setImmediate()
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
