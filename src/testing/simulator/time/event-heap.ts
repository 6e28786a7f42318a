import type { Event } from './event.ts'

/** Cancelled events are removed together when there are as many of them as of others, and at least so many. */
const MIN_CANCELLED = 1024

/** Events in the order of time and number. A binary heap. */
export class EventHeap {
  #events: Event[] = []
  #cancelled = 0

  /** How many there are, cancelled ones too. */
  get size (): number {
    return this.#events.length
  }

  push (event: Event): void {
    const events = this.#events
    let at = events.length
    events.push(event)

    while (at > 0) {
      const above = (at - 1) >>> 1

      if (!isBefore(event, events[above]!)) {
        break
      }

      events[at] = events[above]!
      at = above
    }

    events[at] = event
  }

  /** Removes the first of them, which may be cancelled. */
  pop (): Event | undefined {
    const events = this.#events
    const first = events[0]
    const last = events.pop()

    if (last != null && events.length > 0) {
      this.#sink(last, 0)
    }

    if (first != null && first.run == null) {
      this.#cancelled--
    }

    return first
  }

  /** Cancels an event that is in the heap. */
  cancel (event: Event): void {
    event.run = undefined
    this.#cancelled++

    if (this.#cancelled >= MIN_CANCELLED && 2 * this.#cancelled > this.#events.length) {
      this.#events = this.#events.filter(({ run }) => run != null)
      this.#cancelled = 0

      for (let at = this.#events.length >>> 1; at-- > 0;) {
        this.#sink(this.#events[at]!, at)
      }
    }
  }

  #sink (event: Event, from: number): void {
    const events = this.#events
    let at = from

    for (let below = 2 * at + 1; below < events.length; below = 2 * at + 1) {
      if (below + 1 < events.length && isBefore(events[below + 1]!, events[below]!)) {
        below++
      }

      if (!isBefore(events[below]!, event)) {
        break
      }

      events[at] = events[below]!
      at = below
    }

    events[at] = event
  }
}

function isBefore (one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
