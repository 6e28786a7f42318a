import { StreamMessageEvent } from '@libp2p/interface'
import type { Clock } from '../../../util/clock.ts'
import type { MessageStream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** What a connection hands over in one turn: what TCP reads at once. A relayed one may have kept a megabyte while it was paused. */
export const MAX_HANDOVER_BYTES: number = 64 * 1024

/** The inside of the connections of @libp2p/utils 7. */
interface Inside {
  readonly readBuffer: Uint8ArrayList
  readonly readStatus: string
  dispatchReadBuffer: () => void
  sendPause: () => void
  sendResume: () => void
}

/**
 * Has a connection hand over at most {@link MAX_HANDOVER_BYTES} in one turn. Other work has its turn in between, and a pause in between
 * holds. What is below the connection is paused until nothing is left.
 *
 * Other kinds of connections than those of @libp2p/utils are left alone.
 */
export function boundHandover (connection: MessageStream, clock: Clock): void {
  const inside = connection as MessageStream & Partial<Inside>

  if (inside.readBuffer != null && inside.dispatchReadBuffer != null && inside.sendPause != null && inside.sendResume != null) {
    new BoundedHandover(connection as MessageStream & Inside, clock).install()
  }
}

class BoundedHandover {
  readonly #connection: MessageStream & Inside
  readonly #clock: Clock
  readonly #dispatch: () => void
  readonly #pauseBelow: () => void
  readonly #resumeBelow: () => void
  #isScheduled = false
  /** What is below is paused until all was handed over. */
  #isHeld = false
  #isResuming = false
  /** Asked for while what is below hands over what has come: a pause in between would be undone. */
  #wantsPause = false

  constructor (connection: MessageStream & Inside, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
    this.#dispatch = connection.dispatchReadBuffer.bind(connection)
    this.#pauseBelow = connection.sendPause.bind(connection)
    this.#resumeBelow = connection.sendResume.bind(connection)
  }

  install (): void {
    this.#connection.dispatchReadBuffer = () => {
      if (!this.#isScheduled) {
        this.#handOver()
        this.#settle()
      }
    }

    this.#connection.sendPause = () => { this.#pause() }

    this.#connection.sendResume = () => {
      this.#isHeld = this.#connection.readBuffer.byteLength > 0

      if (!this.#isHeld && this.#connection.readStatus === 'readable') {
        this.#resume()
      }
    }
  }

  /** Whether what comes is taken now. */
  get #isTaken (): boolean {
    return this.#connection.readStatus === 'readable' && this.#connection.listenerCount('message') > 0
  }

  #handOver (): void {
    const { readBuffer } = this.#connection

    if (readBuffer.byteLength <= MAX_HANDOVER_BYTES || !this.#isTaken) {
      this.#dispatch()

      return
    }

    const piece = readBuffer.sublist(0, MAX_HANDOVER_BYTES)
    readBuffer.consume(MAX_HANDOVER_BYTES)
    this.#connection.dispatchEvent(new StreamMessageEvent(piece))
  }

  #settle (): void {
    const { readBuffer, status } = this.#connection

    if (!this.#isTaken) {
      return
    }

    if (readBuffer.byteLength === 0) {
      if (this.#isHeld && status === 'open') {
        this.#resume()
      }

      return
    }

    if (!this.#isHeld && status === 'open') {
      this.#isHeld = true
      this.#pause()
    }

    if (!this.#isScheduled) {
      this.#isScheduled = true
      this.#clock.setTimeout(() => {
        this.#isScheduled = false

        // nothing else would catch it, and the process would end
        try {
          this.#connection.dispatchReadBuffer()
        } catch (err) {
          this.#connection.abort(err as Error)
        }
      }, 0)
    }
  }

  #pause (): void {
    this.#wantsPause = this.#isResuming

    if (!this.#isResuming) {
      this.#pauseBelow()
    }
  }

  #resume (): void {
    this.#isHeld = false
    this.#isResuming = true
    this.#wantsPause = false

    try {
      this.#resumeBelow()
    } finally {
      this.#isResuming = false
    }

    if (this.#wantsPause && this.#connection.status === 'open') {
      this.#pauseBelow()
    }
  }
}
