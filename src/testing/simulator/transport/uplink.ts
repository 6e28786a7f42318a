import type { VirtualTime } from '../time/virtual-time.ts'

/** What may wait without taking turns, in ms: an event for each of many small pieces would take longer than all the rest. */
const SHORT_MS = 20

/** What is to leave a host, and for which connection. */
export interface Departure {
  /** Those of a lane leave in order, and lanes take turns. */
  lane: object
  bytes: number
  /** Called with the time at which the last byte has left. */
  onLeft: (time: number) => void
}

/** What a host sends leaves it one piece after the other, in as many bytes a second. Its connections take turns. */
export class Uplink {
  readonly #time: VirtualTime
  readonly #bytesPerSecond: number
  readonly #lanes = new Map<object, Departure[]>()
  #freeAt = 0

  constructor (time: VirtualTime, bytesPerSecond: number) {
    this.#time = time
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Sends a piece, from a time on that is not over. */
  send (departure: Departure, from: number): void {
    if (this.#bytesPerSecond === Infinity) {
      departure.onLeft(from)
    } else if (this.#lanes.size === 0 && this.#freeAt <= from + SHORT_MS) {
      this.#transmit(departure, Math.max(from, this.#freeAt))
    } else {
      this.#enqueue(departure)
    }
  }

  #enqueue (departure: Departure): void {
    const lane = this.#lanes.get(departure.lane)

    if (lane != null) {
      lane.push(departure)
      return
    }

    this.#lanes.set(departure.lane, [departure])

    if (this.#lanes.size === 1) {
      this.#time.at(this.#freeAt, () => { this.#next() })
    }
  }

  #next (): void {
    const [first] = this.#lanes

    if (first == null) {
      return
    }

    const [key, lane] = first
    const departure = lane.shift()!
    this.#lanes.delete(key)

    if (lane.length > 0) {
      this.#lanes.set(key, lane)
    }

    this.#transmit(departure, this.#time.now)

    if (this.#lanes.size > 0) {
      this.#time.at(this.#freeAt, () => { this.#next() })
    }
  }

  #transmit (departure: Departure, from: number): void {
    this.#freeAt = from + departure.bytes / this.#bytesPerSecond * 1000
    departure.onLeft(this.#freeAt)
  }
}
