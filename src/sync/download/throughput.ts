/** The time that one request aims to take a peer: short enough to be lost, long enough to be worth a round trip. */
export const TARGET_MS = 500

/** The size of a request to a peer before its throughput is known. */
export const FIRST_REQUEST_BYTES: number = 512 * 1024

/** The least size of a request. */
export const MIN_REQUEST_BYTES: number = 64 * 1024

/** The largest size of a request. */
export const MAX_REQUEST_BYTES: number = 4 * 1024 * 1024

/** Range requests that one peer has under way at a time: while one is on its way here the next is on its way there. */
export const MAX_IN_FLIGHT = 4

/**
 * {@link MAX_IN_FLIGHT} of a peer that answers with less than {@link MIN_REQUEST_BYTES}: as many as are worth the same together, and
 * no more than this. With few of them a round trip would bring next to nothing.
 */
export const MAX_SHORT_IN_FLIGHT = 32

/** How much of the past counts, in ms with a request under way. */
const MEMORY_MS = 4000

/** Weight of the last answer in {@link Throughput.firstAnswerMs}. */
const SMOOTHING = 0.25

/** How fast a peer delivers, which decides how much it is asked for. */
export class Throughput {
  #bytes = 0
  #busyMs = 0
  #busySince = 0
  #underWay = 0
  #firstAnswerMs: number | undefined

  /** Requests under way. */
  get inFlight (): number { return this.#underWay }

  /** From a request to its first answer, in ms; `undefined` where that was not measured yet. */
  get firstAnswerMs (): number | undefined { return this.#firstAnswerMs }

  /** Bytes per ms; `undefined` where that was not measured yet. */
  rate (now: number): number | undefined {
    const busyMs = this.#busyMs + (this.#underWay > 0 ? now - this.#busySince : 0)

    return this.#bytes === 0 ? undefined : this.#bytes / Math.max(1, busyMs)
  }

  /** Bytes to ask for in one go. */
  requestBytes (now: number): number {
    const rate = this.rate(now)

    return rate == null ? FIRST_REQUEST_BYTES : Math.min(MAX_REQUEST_BYTES, Math.max(MIN_REQUEST_BYTES, rate * TARGET_MS))
  }

  /**
   * Whether one more request is worth it. A peer that has sent nothing yet has one. A slow peer has no more than it sends during a
   * round trip: more would wait at its end and come late. `maxBytes` is the most that a request may come to.
   */
  hasRoom (now: number, maxBytes: number): boolean {
    const rate = this.rate(now)

    if (rate == null || this.#underWay === 0) {
      return this.#underWay === 0
    }

    const useful = rate * ((this.#firstAnswerMs ?? 0) + 2 * TARGET_MS) / Math.min(maxBytes, this.requestBytes(now))

    return this.#underWay + 1 <= Math.min(maxInFlight(maxBytes), useful)
  }

  onStart (now: number): void {
    this.#busySince = this.#underWay === 0 ? now : this.#busySince
    this.#underWay++
  }

  onFirstAnswer (ms: number): void {
    this.#firstAnswerMs = this.#firstAnswerMs == null ? ms : this.#firstAnswerMs + SMOOTHING * (ms - this.#firstAnswerMs)
  }

  onBytes (bytes: number, now: number): void {
    this.#settle(now)
    this.#bytes += bytes

    if (this.#busyMs > MEMORY_MS) {
      this.#busyMs /= 2
      this.#bytes /= 2
    }
  }

  onEnd (now: number): void {
    this.#settle(now)
    this.#underWay--
  }

  #settle (now: number): void {
    this.#busyMs += now - this.#busySince
    this.#busySince = now
  }
}

/** Requests under way at a time, where an answer comes to `maxBytes` at most. */
function maxInFlight (maxBytes: number): number {
  return Math.min(MAX_SHORT_IN_FLIGHT, Math.max(MAX_IN_FLIGHT, Math.floor(MAX_IN_FLIGHT * MIN_REQUEST_BYTES / maxBytes)))
}
