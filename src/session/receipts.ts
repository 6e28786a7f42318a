import type { SendBudget } from './limits/send-budget.ts'
import type { Priority } from './send/send-queue.ts'
import type { WireMessage } from '../types/message.ts'
import type { Chance } from '../util/chance.ts'

/**
 * Pings behind large frames that wait for their pongs, in one session.
 *
 * @remarks The node sends further large frames without a ping, and does not learn when they arrive.
 */
export const MAX_RECEIPTS = 4

/** What of a session its receipts need. */
export interface FollowedSession {
  readonly budget: Pick<SendBudget, 'tryTake'>
  send: (priority: Priority, message: WireMessage) => boolean
}

/** Options of {@link Receipts}. */
export interface ReceiptsInit {
  chance: Chance
  /** The height of this node, which pings tell. */
  bestHeight: () => number
}

/**
 * Learns when a peer has received a frame: a ping follows the frame, and the peer reads the frame before it answers. These pings are within
 * the rate of pings.
 */
export class Receipts {
  readonly #session: FollowedSession
  readonly #init: ReceiptsInit
  readonly #waiting = new Map<bigint, () => void>()

  constructor (session: FollowedSession, init: ReceiptsInit) {
    this.#session = session
    this.#init = init
  }

  /**
   * Calls `onReceived` when the peer has received what was queued last with this priority. Never, where the session ends before. False
   * where no more can be asked for now.
   */
  ask (priority: Priority, onReceived: () => void): boolean {
    const { chance, bestHeight } = this.#init

    if (this.#waiting.size >= MAX_RECEIPTS || !this.#session.budget.tryTake('pings')) {
      return false
    }

    const nonce = chance.fill(new BigUint64Array(1))[0]!
    this.#waiting.set(nonce, onReceived)

    return this.#session.send(priority, { type: 'ping', nonce, bestHeight: bestHeight() })
  }

  /** Takes a pong. False where it answers no ping of these. */
  onPong (nonce: bigint): boolean {
    const onReceived = this.#waiting.get(nonce)
    this.#waiting.delete(nonce)
    onReceived?.()

    return onReceived != null
  }
}
