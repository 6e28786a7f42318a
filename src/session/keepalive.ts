import { Deadline } from '../util/deadline.ts'
import type { Chance } from '../util/chance.ts'
import type { Clock } from '../util/clock.ts'

/** How far an interval may differ from the configured one, so that two nodes do not ping at the same moments. */
const JITTER = 0.1

/** How many intervals there are to choose from. Node.js keeps a list for each delay: so the timers of many sessions share a few. */
const INTERVALS = 21

/** Options of {@link Keepalive}. */
export interface KeepaliveInit {
  clock: Clock
  chance: Chance
  /** Between the pong of one ping and the next ping, in ms. */
  interval: number
  /** How long a pong may take, in ms. */
  timeout: number
  /** Sends a ping with this nonce. */
  sendPing: (nonce: bigint) => void
  /** Called when a pong has not come in time. Returns true to wait once more. */
  onTimeout: () => boolean
}

/**
 * Proves again and again that a peer both hears and answers. One ping is under way at a time. Only the pong with its nonce counts, and no
 * other traffic. {@link Deadline} says how it counts a stall of this node.
 */
export class Keepalive {
  readonly #init: KeepaliveInit
  readonly #deadline: Deadline
  /** For the next ping. */
  #timer: unknown
  #isStarted = false
  #nonce: bigint | undefined
  #sentAt = 0
  #rtt: number | undefined
  #leastRtt: number | undefined

  constructor (init: KeepaliveInit) {
    this.#init = init
    this.#deadline = new Deadline({
      clock: init.clock,
      timeout: init.timeout,
      onExpired: () => {
        if (init.onTimeout()) {
          this.#deadline.start()
        }
      }
    })
  }

  /** The last measured round trip, in ms. */
  get rtt (): number | undefined {
    return this.#rtt
  }

  /** The least round trip so far, in ms. */
  get leastRtt (): number | undefined {
    return this.#leastRtt
  }

  /** Sends the first ping, once. */
  start (): void {
    if (!this.#isStarted) {
      this.#isStarted = true
      this.#ping()
    }
  }

  /** Sends no more pings. */
  stop (): void {
    this.#init.clock.clearTimeout(this.#timer)
    this.#deadline.stop()
    this.#nonce = undefined
  }

  /** Takes a pong. False where it answers no ping that is under way. */
  onPong (nonce: bigint): boolean {
    if (nonce !== this.#nonce) {
      return false
    }

    const { clock } = this.#init
    this.#nonce = undefined
    this.#rtt = clock.now() - this.#sentAt
    this.#leastRtt = Math.min(this.#rtt, this.#leastRtt ?? Infinity)
    this.#deadline.stop()
    this.#timer = clock.setTimeout(() => { this.#ping() }, this.#nextInterval())

    return true
  }

  #nextInterval (): number {
    const { chance, interval } = this.#init
    const step = Math.floor(chance.random() * INTERVALS)

    return Math.round(interval * (1 - JITTER + 2 * JITTER * step / (INTERVALS - 1)))
  }

  #ping (): void {
    this.#nonce = this.#init.chance.fill(new BigUint64Array(1))[0]!
    this.#sentAt = this.#init.clock.now()
    // first: to send may end the session
    this.#deadline.start()
    this.#init.sendPing(this.#nonce)
  }
}
