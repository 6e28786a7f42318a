import type { Session } from '../../session/session.ts'

/** What answers need of a session. */
type Receiver = Pick<Session, 'outbox'>

/** The requests of one peer that are served: at most `width` at a time, in order. They take turns with what they send. */
export class Lane {
  readonly #width: number
  #inside = 0
  readonly #waiting: (() => void)[] = []
  #lastTurn: Promise<void> | undefined

  constructor (width: number) {
    this.#width = width
  }

  async enter (): Promise<void> {
    if (this.#inside < this.#width) {
      this.#inside++
    } else {
      await new Promise<void>((resolve) => { this.#waiting.push(resolve) })
    }
  }

  leave (): void {
    const next = this.#waiting.shift()

    if (next == null) {
      this.#inside--
    } else {
      next()
    }
  }

  /**
   * Calls `send` when the peer has room, and no answer that came here before still waits for it. Answers that wait for the same room
   * would otherwise all send into it: large blocks together are more than may wait for a peer.
   */
  async send (peer: Receiver, send: () => void): Promise<void> {
    const before = this.#lastTurn
    const turn = Promise.withResolvers<void>()
    this.#lastTurn = turn.promise

    try {
      await before
      await peer.outbox.whenBelowMark()
      send()
    } finally {
      turn.resolve()

      if (this.#lastTurn === turn.promise) {
        this.#lastTurn = undefined
      }
    }
  }
}
