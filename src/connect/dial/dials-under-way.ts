import type { Target } from '../targets/target.ts'
import type { Slot } from '../../peers/slots.ts'

/** How long a dial keeps its slot from other dials. It may go on after that, as long as there is room. */
export const DIAL_PATIENCE_MS = 500

/** The same for a dial whose peer answers: the handshakes still take a few round trips. */
export const ANSWERED_PATIENCE_MS = 2500

/** Dials under way, those to reserved peers apart. */
export const MAX_PARALLEL_DIALS = 64

/** The dials under way, the oldest first. */
export class DialsUnderWay {
  readonly #dials = new Map<Target, { slot: Slot, since: number }>()

  get size (): number { return this.#dials.size }

  /** Whom they are to. */
  get targets (): Iterable<Target> { return this.#dials.keys() }

  /** Whether the most dials allowed are under way. */
  get isBusy (): boolean { return [...this.#dials.keys()].filter(({ source }) => source !== 'reserved').length >= MAX_PARALLEL_DIALS }

  begin (target: Target, slot: Slot, now: number): void {
    target.isDialling = true
    this.#dials.set(target, { slot, since: now })
  }

  end (target: Target): void {
    target.isDialling = false
    this.#dials.delete(target)
  }

  /** Parks the slots of slow dials. Returns the time until the next dial is slow, in ms. */
  park (now: number): number {
    let next = Infinity

    for (const { slot, since } of this.#dials.values()) {
      const left = since + (slot.isAnswered ? ANSWERED_PATIENCE_MS : DIAL_PATIENCE_MS) - now

      if (left > 0) {
        next = Math.min(next, left)
      } else {
        slot.park()
      }
    }

    return next
  }
}
