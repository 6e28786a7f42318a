import type { Handlers } from '../../../types/handlers.ts'

/** What Node.js says to wait for, and is no sign of work outside of a simulation: its own turns, and what a terminal is. */
const HARMLESS = new Set(['Immediate', 'TTYWrap', 'PipeWrap', 'MessagePort', 'SignalWrap'])

/** Steps between two looks while something is waited for. */
const STEPS_BETWEEN = 1024

/**
 * Finds out where a handler or a script waits for something that is not simulated: a file, a socket, a timer of the machine. Time would
 * run away from it.
 */
export class Outside {
  readonly #before = resources()
  #pending = 0
  #untilLook = 0

  /** The same handlers, whose promises are watched. */
  watch (handlers: Partial<Handlers>): Partial<Handlers> {
    return Object.fromEntries(Object.entries(handlers).map(([type, handler]) => {
      const watched = (...args: never[]): unknown => {
        const result = (handler as (...args: never[]) => unknown)(...args)

        if (result instanceof Promise) {
          this.#await(result)
        }

        return result
      }

      return [type, watched]
    }))
  }

  /**
   * What was begun since the simulation began, such as `Timeout`, where a handler waits, or the script as `isScript` says.
   * `undefined` where there is nothing. The simulation asks before each step, and this looks only now and then.
   */
  found (isScript: boolean): string | undefined {
    if (this.#pending === 0 && !isScript) {
      this.#untilLook = 0
      return undefined
    }

    if (this.#untilLook-- > 0) {
      return undefined
    }

    this.#untilLook = STEPS_BETWEEN
    const before = new Map(this.#before)

    for (const [name, count] of resources()) {
      if (count > (before.get(name) ?? 0)) {
        return name
      }
    }

    return undefined
  }

  #await (result: Promise<unknown>): void {
    const settle = (): void => { this.#pending-- }
    this.#pending++
    this.#untilLook = 0
    result.then(settle, settle)
  }
}

function resources (): Map<string, number> {
  const counts = new Map<string, number>()

  for (const name of process.getActiveResourcesInfo()) {
    if (!HARMLESS.has(name)) {
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }

  return counts
}
