import { reportOf } from './report.ts'
import { WaitTimeoutError } from '../wait/errors.ts'
import { systemClock } from '../../util/clock.ts'
import { Deadline } from '../../util/deadline.ts'
import type { Lack, TestNode } from './test-node.ts'
import type { ChainSource } from '../../types/chain.ts'

/** How often a wait looks again where no event tells of a change, in ms. */
const LOOK_INTERVAL_MS = 20

/** What to wait for. */
export interface NetworkWait {
  /** In words. */
  waitedFor: string
  /** What nodes lack now: nothing when the wait is over. What it throws ends the wait. */
  lacks: () => Promise<readonly Lack[]>
  /** At most so long, in ms. */
  within: number
}

/** Waits for nodes, whose chains answer when they like. Looks again after each event of a node, and now and then. */
export class NetworkWaits {
  readonly #nodes: readonly TestNode<ChainSource>[]
  readonly #wakes = new Set<() => void>()

  constructor (nodes: readonly TestNode<ChainSource>[]) {
    this.#nodes = nodes
  }

  /** Has all waits look again. */
  notify (): void {
    this.#wakes.forEach((wake) => { wake() })
  }

  /** Throws a {@link WaitTimeoutError} with a table of the nodes where something is lacking until the end. */
  async until ({ waitedFor, lacks, within }: NetworkWait): Promise<void> {
    const late = Promise.withResolvers<boolean>()
    const deadline = new Deadline({ clock: systemClock, timeout: within, onExpired: () => { late.resolve(true) } })
    const state = { lacks: [] as readonly Lack[] }
    deadline.start()

    try {
      for (;;) {
        const changed = this.#whenChanged()
        // a chain that hangs holds up the look, and not the deadline
        const look = lacks().then((found) => {
          state.lacks = found

          return found.length === 0
        })
        const outcome = await Promise.race([look, late.promise.then(() => 'late' as const)])

        if (outcome === true) {
          changed.stop()
          return
        }

        if (outcome === 'late' || await Promise.race([changed.promise, late.promise])) {
          changed.stop()
          throw await this.#lateError(waitedFor, within, state.lacks)
        }
      }
    } finally {
      deadline.stop()
    }
  }

  /** Resolves with false after the next event, or a short time. */
  #whenChanged (): { promise: Promise<boolean>, stop: () => void } {
    const { promise, resolve } = Promise.withResolvers<boolean>()

    const stop = (): void => {
      this.#wakes.delete(stop)
      systemClock.clearTimeout(timer)
      resolve(false)
    }
    const timer = systemClock.setTimeout(stop, LOOK_INTERVAL_MS)
    this.#wakes.add(stop)

    return { promise, stop }
  }

  async #lateError (waitedFor: string, within: number, lacks: readonly Lack[]): Promise<WaitTimeoutError> {
    const came = lacks.map(({ index, what }) => index < 0 ? what : `node ${index} lacks ${what}`)

    return new WaitTimeoutError(`Waited ${within} ms in vain for ${waitedFor}\n\n${await reportOf(this.#nodes, lacks)}`, { waitedFor, came })
  }
}
