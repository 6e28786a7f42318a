/** How long a condition may take to come true, in ms. */
const DEADLINE_MS = 10_000

/** Waits until `condition` is true, looking once per turn of the event loop. Throws with `what` when it takes too long. */
export async function eventually (what: string, condition: () => boolean, deadline: number = DEADLINE_MS): Promise<void> {
  const end = performance.now() + deadline

  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`Waited ${deadline} ms for ${what}`)
    }

    await new Promise((resolve) => { setImmediate(resolve) })
  }
}
