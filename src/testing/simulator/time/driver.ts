import type { VirtualTime } from './virtual-time.ts'

/** Steps in one turn of the event loop. Microtasks are done after each of them; signals and other programs have their turn after all. */
const STEPS_PER_TURN = 64

/** Options of {@link drive}. */
export interface DriveInit {
  /** Asked before each step: true ends the run. May throw, which ends it too. */
  isDone: () => boolean
  /** Called when nothing is left to happen and the run is not done. Throws. */
  onIdle: () => never
}

/** Has the events of a simulation happen, one after the other, each with its microtasks, until the run is done. */
export async function drive (time: VirtualTime, { isDone, onIdle }: DriveInit): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let isOver = false

  // Node.js runs the microtasks after each callback of setImmediate, and not only after all of them
  const step = (): void => {
    if (isOver) {
      return
    }

    try {
      if (isDone()) {
        isOver = true
        resolve()
      } else if (!time.step()) {
        onIdle()
      }
    } catch (err) {
      isOver = true
      reject(err)
    }
  }

  const turn = (): void => {
    if (!isOver) {
      for (let i = 0; i < STEPS_PER_TURN; i++) {
        setImmediate(step)
      }

      setImmediate(turn)
    }
  }

  turn()
  await promise
}
