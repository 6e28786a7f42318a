import { raceSignal } from '../util/race-signal.ts'
import type { Session } from '../session/session.ts'
import type { Clock } from '../util/clock.ts'

/** How often the node looks for room while callers wait for it, in ms. */
export const ROOM_CHECK_MS = 10

/** What of a session tells whether there is room. */
export type RoomPeer = Pick<Session, 'budget' | 'outbox'>

/** Options of {@link Room}. */
export interface RoomInit {
  clock: Clock
  /** The ready peers. */
  peers: Iterable<RoomPeer>
}

/**
 * Lets callers wait until one more transaction can be broadcast: half of the ready peers, and at least one, may be sent one now, and have
 * taken most of what was sent to them. So a peer that takes nothing does not hold up the others.
 *
 * A caller that has been let in is counted until the next look, so that many callers at once are let in no faster than one.
 */
export class Room {
  readonly #init: RoomInit
  readonly #waiting = new Set<() => void>()
  /** Callers that were let in since the last look, and have not broadcast yet. */
  #granted = 0
  #timer: unknown

  constructor (init: RoomInit) {
    this.#init = init
  }

  /** Resolves when there is room, in the order of the calls. Throws the reason of the first signal that is aborted. */
  async wait (...signals: (AbortSignal | undefined)[]): Promise<void> {
    signals.forEach((signal) => { signal?.throwIfAborted() })

    if (this.#waiting.size === 0 && this.#grant()) {
      return
    }

    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    this.#watch()

    try {
      await raceSignal(promise, ...signals)
    } finally {
      this.#waiting.delete(resolve)
    }
  }

  /** Takes note of a transaction that was broadcast: it is in the budgets of the peers now. */
  noteSent (): void {
    this.#granted = Math.max(0, this.#granted - 1)
  }

  #grant (): boolean {
    const hasRoom = this.#hasRoomFor(this.#granted + 1)

    if (hasRoom) {
      this.#granted++
      this.#watch()
    }

    return hasRoom
  }

  #hasRoomFor (count: number): boolean {
    let ready = 0
    let free = 0

    for (const { budget, outbox } of this.#init.peers) {
      ready++
      free += outbox.belowMark && budget.has('transactions', count) && budget.has('digests', count) ? 1 : 0
    }

    return ready > 0 && 2 * free >= ready
  }

  #watch (): void {
    this.#timer ??= this.#init.clock.setTimeout(() => { this.#look() }, ROOM_CHECK_MS)
  }

  #look (): void {
    this.#timer = undefined
    this.#granted = 0

    for (const resolve of this.#waiting) {
      if (!this.#grant()) {
        break
      }

      this.#waiting.delete(resolve)
      resolve()
    }

    if (this.#waiting.size > 0) {
      this.#watch()
    }
  }
}
