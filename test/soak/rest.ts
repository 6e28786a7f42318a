import { setTimeout as delay } from 'node:timers/promises'

/** How long it may take until everything is at rest, in ms. */
const REST_TIMEOUT_MS = 30_000

/** Waits until something is at rest, and looks seldom. Throws where that takes too long. */
export async function untilRest (isAtRest: () => boolean, describe: () => string): Promise<void> {
  const deadline = performance.now() + REST_TIMEOUT_MS

  while (!isAtRest()) {
    if (performance.now() > deadline) {
      throw new Error(`Not at rest after ${REST_TIMEOUT_MS} ms: ${describe()}`)
    }

    await delay(20)
  }
}
