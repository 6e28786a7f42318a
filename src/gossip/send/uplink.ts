import type { Clock } from '../../util/clock.ts'

/** Frames of at least so many bytes are sent in turns, as many at a time as the node can send. */
export const TURN_BYTES: number = 48 * 1024

/** Frames of {@link TURN_BYTES} or more that the node begins to send at once, before it knows what it can send. */
export const FIRST_AT_ONCE = 2

/**
 * How long a frame of {@link TURN_BYTES} or more keeps others waiting, in ms: for a peer that reads slowly, or a node that sends slowly.
 *
 * @remarks The node begins to send the next one besides.
 */
export const MAX_TURN_MS = 2000

/** Frames under way whose arrival the node waits for. */
export const MAX_SENDINGS = 64

/** After this time a receipt says nothing, in ms: the peer may have been away meanwhile. */
const RECEIPT_MS = 30_000

/** The next frame begins when so much less time is over than the one before takes: otherwise a node that can send more never learns. */
const GAIN = 1.25

/** The weight of a rate below the one that is known. What is above it counts at once: it was reached. */
const FALL = 0.25

/** How many frames have to share the time of one, on average, for it to say that the rate is lower. */
const SHARED = 1.4

/** A frame under way, or one that has arrived while another one was. */
interface Sending {
  readonly bytes: number
  /** The least round trip to the peer, in ms. */
  readonly rtt: number
  readonly from: number
  /** When its last byte had left, as its receipt tells; `Infinity` before. */
  to: number
  /** In bytes per ms. */
  rate: number
}

/**
 * What this node can send to all its peers together, as receipts tell, and when the next large frame begins. Frames that are sent at the
 * same time share the uplink and arrive at the same time, late: one after the other, the first peers send them on meanwhile.
 *
 * No part of it holds a frame back for long: a frame counts for its share of the time alone, and {@link MAX_TURN_MS} at most. So a peer
 * that never says that it has received one gains nothing.
 */
export class Uplink {
  readonly #clock: Pick<Clock, 'now'>
  readonly #onArrived: () => void
  #sendings: Sending[] = []
  /** In bytes per ms; `undefined` before a first receipt. */
  #rate: number | undefined
  /** The highest rate to one peer; 0 before a first receipt. */
  #peerRate = 0
  /** When what was begun will have left. */
  #freeAt = 0
  /** Frames that were begun since none was under way. */
  #begun = 0

  /** `onArrived` is called at each receipt: another frame may begin. */
  constructor (clock: Pick<Clock, 'now'>, onArrived: () => void) {
    this.#clock = clock
    this.#onArrived = onArrived
  }

  /** What the node can send, in bytes a second, where it knows. */
  get bytesPerSecond (): number | undefined { return this.#rate == null ? undefined : 1000 * this.#rate }

  /** In how many ms the next large frame may begin, unless a receipt comes before; 0 for now. */
  get wait (): number {
    const now = this.#clock.now()

    if (this.#rate != null) {
      return this.#begun < this.#atOnce(this.#rate) ? 0 : Math.max(0, this.#freeAt - now)
    }

    const last = this.#underWay.at(-FIRST_AT_ONCE)

    return last == null ? 0 : Math.max(0, last.from + MAX_TURN_MS - now)
  }

  /**
   * Takes note of a large frame of so many bytes that the node has queued for a peer with this least round trip. `ask` has a function
   * called when it has arrived, or returns false.
   */
  begin (bytes: number, rtt: number, ask: (onArrived: () => void) => boolean): void {
    const now = this.#clock.now()
    this.#sendings = this.#sendings.filter(({ from }) => from > now - RECEIPT_MS).slice(1 - MAX_SENDINGS)

    this.#begun = this.#underWay.length === 0 ? 1 : this.#begun + 1
    this.#freeAt = Math.max(now, this.#freeAt) + this.#turnOf(bytes)
    const sending: Sending = { bytes, rtt, from: now, to: Infinity, rate: 0 }

    if (ask(() => { this.#arrived(sending) })) {
      this.#sendings.push(sending)
    }
  }

  get #underWay (): Sending[] { return this.#sendings.filter(({ to }) => to === Infinity) }

  #arrived (sending: Sending): void {
    if (!this.#sendings.includes(sending)) {
      return
    }

    const now = this.#clock.now()
    sending.to = Math.max(sending.from + 1, now - sending.rtt)
    sending.rate = sending.bytes / (sending.to - sending.from)
    const isFirst = this.#rate == null
    this.#measure(sending)
    const left = this.#underWay
    const oldest = Math.min(...left.map(({ from }) => from))
    this.#sendings = this.#sendings.filter(({ to }) => to > oldest)

    this.#begun = left.length === 0 ? 0 : this.#begun
    const leftAt = left.reduce((at, { bytes }) => at + this.#turnOf(bytes), now)
    this.#freeAt = isFirst ? leftAt : Math.min(this.#freeAt, leftAt)
    this.#onArrived()
  }

  /** Learns from a frame that has arrived, and from the others of that time. */
  #measure (arrived: Sending): void {
    const reached = this.#reachedBy(arrived)
    const shared = this.#sharedWith(arrived)

    if (this.#rate == null || reached > this.#rate) {
      this.#rate = reached
    } else if (shared > SHARED * arrived.rate && shared < this.#rate) {
      this.#rate += FALL * (shared - this.#rate)
    }

    this.#peerRate = Math.min(Math.max(this.#peerRate, arrived.rate), this.#rate)
  }

  /**
   * How many frames begin at once where none is under way: twice as many as have shared what it can send. So the node learns where its
   * peers are what is slow.
   */
  #atOnce (rate: number): number {
    return FIRST_AT_ONCE * (this.#peerRate === 0 ? 1 : rate / this.#peerRate)
  }

  /** The highest rate that was reached from the beginning of some frame to the end of this one. It counts whole frames alone. */
  #reachedBy ({ to }: Sending): number {
    return Math.max(...this.#sendings.map(({ from }) => {
      const bytes = this.#sendings.reduce((sum, other) => other.from >= from && other.to <= to ? sum + other.bytes : sum, 0)

      return bytes / (to - from)
    }))
  }

  /** The rate of all frames while this one was under way, taken that each was as fast from beginning to end. */
  #sharedWith ({ from, to, rate }: Sending): number {
    return this.#sendings.reduce((sum, other) => {
      const ms = Math.min(to, other.to) - Math.max(from, other.from)

      return ms <= 0 ? sum : sum + (other.to === Infinity ? rate : other.rate) * ms / (to - from)
    }, 0)
  }

  /** For how long a frame keeps others waiting, in ms. */
  #turnOf (bytes: number): number {
    return this.#rate == null ? 0 : Math.min(MAX_TURN_MS, bytes / (GAIN * this.#rate))
  }
}
