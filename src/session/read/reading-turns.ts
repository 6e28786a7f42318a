import { Stride } from '../../util/stride.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * How long the node goes on reading one session in a turn of the event loop, in ms. It reads the clock after each message, and after
 * some where messages take less than 0.05 ms: see `MAX_STRIDE`.
 *
 * @remarks The session goes on when its turn comes again. Its messages come late, and none is lost.
 */
export const READING_TURN_MS = 4

/**
 * How long the node reads all sessions in a turn of the event loop, in ms. After that each takes one message more.
 *
 * @remarks The sessions go on in later turns.
 */
export const READING_ROUND_MS = 16

/** The reading of one session. */
export interface ReadingTurn {
  /**
   * Called after each message. Returns what the session waits for before the next one, where it has been read for long enough.
   */
  next: () => Promise<void> | undefined
  /** Ends the wait, and all further ones. */
  close: () => void
}

/**
 * Shares the time of the event loop between the sessions that are read. An application may take long to judge a message, and a peer may
 * send many in one go. So no session is read for long at a time: those that have more wait, and one of them goes on in each turn of the
 * event loop. It is the one that has taken the least time: so a ping or a block waits behind no other peer's transactions.
 */
export class ReadingTurns {
  readonly #clock: Pick<Clock, 'now' | 'afterTurn'>
  /** In the order in which they came. */
  readonly #waiting = new Set<SessionTurn>()
  /** What the session that went on last had taken by then. One that was quiet for long has no more ahead of it than this. */
  #level = 0
  /** The number of this turn of the event loop, and when a message was first taken in it. */
  #turn = 0
  #since: number | undefined

  constructor (clock: Pick<Clock, 'now' | 'afterTurn'>) {
    this.#clock = clock
  }

  /** Sessions that wait. */
  get waiting (): number { return this.#waiting.size }

  /** One more session. */
  open (): ReadingTurn {
    return new SessionTurn(this)
  }

  /** What a session waits for after a message: nothing, where it has not been read for long in this turn of the event loop. */
  next (session: SessionTurn): Promise<void> | undefined {
    const messages = session.stride.pass()
    const isNew = session.turn !== this.#turn

    if (messages === 0 && !isNew) {
      return undefined
    }

    const now = this.#now()

    if (isNew) {
      session.turn = this.#turn
      session.since = now
      session.stride.restart()
    } else {
      session.stride.took((now - session.lookedAt) / messages)
    }

    session.lookedAt = now

    if (now - session.since < READING_TURN_MS && now - this.#since! < READING_ROUND_MS) {
      return undefined
    }

    session.taken = Math.max(session.taken, this.#level) + now - session.since

    return new Promise((resolve) => {
      session.wake = resolve
      this.#waiting.add(session)
    })
  }

  /** Ends the wait of a session. */
  leave (session: SessionTurn): void {
    if (this.#waiting.delete(session)) {
      session.wake?.()
    }
  }

  /** The time. Has the turn end when the event loop goes on. */
  #now (): number {
    const now = this.#clock.now()

    if (this.#since == null) {
      this.#since = now
      this.#clock.afterTurn(this.#endTurn)
    }

    return now
  }

  /** Begins the next turn, with the session that has taken the least time. */
  readonly #endTurn = (): void => {
    this.#turn++
    this.#since = undefined
    let next: SessionTurn | undefined

    for (const session of this.#waiting) {
      next = next == null || session.taken < next.taken ? session : next
    }

    if (next != null) {
      this.#waiting.delete(next)
      this.#level = Math.max(this.#level, next.taken)
      // others may wait behind it, also where it has no more to read
      this.#now()
      next.wake?.()
    }
  }
}

/** The reading of one session, and what {@link ReadingTurns} knows of it. */
class SessionTurn implements ReadingTurn {
  /** The turn of the event loop in which it was read last, and since when in it. */
  turn = -1
  since = 0
  /** When the clock was read last for it, in that turn, and after which messages it is. */
  lookedAt = 0
  readonly stride: Stride = new Stride()
  /** The time that it has taken, in ms: the less it is, the sooner it goes on. */
  taken = 0
  wake: (() => void) | undefined
  readonly #turns: ReadingTurns
  #isClosed = false

  constructor (turns: ReadingTurns) {
    this.#turns = turns
  }

  next (): Promise<void> | undefined {
    return this.#isClosed ? undefined : this.#turns.next(this)
  }

  close (): void {
    this.#isClosed = true
    this.#turns.leave(this)
  }
}
