/** How long a condition may take, in ms. */
const TIMEOUT_MS = 60_000

/** Resolves after so many milliseconds. */
export async function sleep (ms: number): Promise<void> {
  await new Promise((resolve) => { setTimeout(resolve, ms) })
}

/** Resolves when something becomes true that is asked for now and then. Rejects where it does not in a minute. */
export async function until (isSo: () => Promise<boolean>, what: string, intervalMs = 10): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS

  while (!await isSo()) {
    if (performance.now() > deadline) {
      throw new Error(`Waited in vain for ${what}`)
    }

    await sleep(intervalMs)
  }
}
