import type { Target } from '../targets/target.ts'
import type { Slot } from '../../peers/slots.ts'

/** How long a dial keeps its slot from other dials. It may go on after that, as long as there is room. */
export const DIAL_PATIENCE_MS = 500

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
    for (const { slot, since } of this.#dials.values()) {
      if (now - since < DIAL_PATIENCE_MS) {
        return since + DIAL_PATIENCE_MS - now
      }

      slot.park()
    }

    return Infinity
  }
}
