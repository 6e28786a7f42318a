import { SendQueue } from './send-queue.ts'
import type { Frame, Priority } from './send-queue.ts'
import { encodeFrame } from '../codec/frame.ts'
import { encodeMessage } from '../codec/message.ts'
import type { Clock } from '../clock.ts'
import type { DisconnectMessage } from '../types/message.ts'
import type { Stream } from '@libp2p/interface'

/**
 * Small frames are joined into sends of up to this many bytes. A send costs system calls on both sides, a window update
 * and encryptions. With the 12 bytes of yamux this fits into a stream's first window and just fills four of noise's
 * 65,535, 16 of which are the cipher's.
 */
export const JOIN_BYTES: number = 4 * (65_535 - 16) - 12

/** Above this, no response is begun and transactions are dropped. */
export const SOFT_BYTES: number = 1024 * 1024

/** Above this, the peer is too slow. */
export const HARD_BYTES: number = 8 * 1024 * 1024

/** What {@link Outbox} is made with. */
export interface OutboxInit {
  stream: Stream
  clock: Clock
  /** How long the stream may take nothing while something waits, in ms. */
  sendTimeout: number
  /** Called once when the peer takes too little for too long. Nothing is queued afterwards. */
  onTooSlow: (detail: string) => void
}

// once per turn of the event loop, so that everything written in one turn is joined
const defer: (callback: () => void) => void = typeof setImmediate === 'function' ? setImmediate : queueMicrotask

/**
 * Everything that waits to be sent to one peer, bounded. libp2p's own write buffer has no bound and no order, so little
 * is handed to it: the next send is made when it has taken the one before.
 */
export class Outbox {
  readonly #init: OutboxInit
  readonly #queue = new SendQueue()
  #sentBytes = 0
  #deferred = false
  #state: 'open' | 'finishing' | 'closed' = 'open'
  #isTooSlow = false
  #timer: unknown
  #goneAtCheck = 0
  #waiters: (() => void)[] = []

  constructor (init: OutboxInit) {
    this.#init = init
    init.stream.addEventListener('drain', this.#onDrain)
  }

  /** What waits, in bytes, counted with a little for each frame. */
  get bytes (): number {
    return this.#queue.bytes
  }

  /** Bytes handed to the stream so far. */
  get sentBytes (): number {
    return this.#sentBytes
  }

  /** False when so much waits that responses should not be begun. */
  get belowMark (): boolean {
    return this.#queue.bytes < SOFT_BYTES
  }

  /** Resolves when {@link belowMark} is or becomes true, or nothing can be sent any more. */
  async whenBelowMark (): Promise<void> {
    while (!this.belowMark && this.#state === 'open') {
      await new Promise<void>((resolve) => { this.#waiters.push(resolve) })
    }
  }

  /** Queues a whole frame. False where it was dropped: nothing can be sent any more, or a transaction found the queue full. */
  push (priority: Priority, frame: Frame): boolean {
    if (this.#state !== 'open' || this.#isTooSlow || (priority === 'transaction' && !this.belowMark)) {
      return false
    }

    this.#enqueue(priority, frame)

    if (this.#queue.bytes > HARD_BYTES) {
      this.#tooSlow(`more than ${HARD_BYTES} bytes waited to be sent`)

      return false
    }

    return true
  }

  /**
   * Takes back a frame that was pushed, the very same and not an equal one, since the peer has what is in it. False where the
   * stream has it already, or too many wait behind it; see {@link SendQueue.cancel}.
   */
  cancel (priority: Priority, frame: Frame): boolean {
    const wasQueued = this.#queue.cancel(priority, frame)

    if (wasQueued) {
      this.#watch()
    }

    if (wasQueued && this.belowMark) {
      this.#wake()
    }

    return wasQueued
  }

  /**
   * Queues `farewell` as the last message, in place of everything that waits unless that is to be kept, and resolves when the
   * stream has all of it. Called again, it only resolves then.
   */
  async finish (farewell: DisconnectMessage | undefined, { keep }: { keep: boolean }): Promise<void> {
    if (this.#state === 'open') {
      this.#endWith(farewell, keep)
    }

    while (this.#queue.bytes > 0 && this.#isOpen()) {
      await new Promise<void>((resolve) => { this.#waiters.push(resolve) })
    }
  }

  /** Drops everything. Nothing is sent any more. */
  close (): void {
    this.#state = 'closed'
    this.#queue.clear()
    this.#init.clock.clearTimeout(this.#timer)
    this.#init.stream.removeEventListener('drain', this.#onDrain)
    this.#wake()
  }

  #endWith (farewell: DisconnectMessage | undefined, keep: boolean): void {
    if (!keep) {
      this.#queue.clear()
    }

    this.#state = 'finishing'

    if (farewell != null) {
      this.#queue.push('response', encodeFrame(encodeMessage(farewell)))
    }

    this.#flush()
    this.#wake()
  }

  #isOpen (): boolean {
    return this.#state !== 'closed'
  }

  #enqueue (priority: Priority, frame: Frame): void {
    this.#queue.push(priority, frame)

    if (!this.#deferred && this.#canSend()) {
      this.#deferred = true
      defer(() => {
        this.#deferred = false
        this.#flush()
      })
    } else if (!this.#deferred) {
      this.#watch()
    }
  }

  #canSend (): boolean {
    const { stream } = this.#init

    return this.#isOpen() && !stream.writableNeedsDrain && stream.writeStatus === 'writable'
  }

  // libp2p continues with what it still has in a microtask of its own that was queued before this one
  readonly #onDrain = (): void => {
    queueMicrotask(() => { this.#flush() })
  }

  #flush (): void {
    while (this.#queue.bytes > 0 && this.#canSend()) {
      const batch = this.#queue.take(JOIN_BYTES)
      this.#sentBytes += batch.byteLength

      try {
        this.#init.stream.send(batch)
      } catch {
        // the stream has just ended: whoever reads from it hears why
        this.close()
        return
      }
    }

    this.#watch()

    if (this.belowMark) {
      this.#wake()
    }
  }

  /** Bytes that left for the connection. */
  get #goneBytes (): number {
    return this.#sentBytes - this.#init.stream.writeBufferLength
  }

  /** Runs a timer while something waits, from anew whenever the stream has taken some of it. */
  #watch (): void {
    const { stream, clock, sendTimeout } = this.#init
    const isWaiting = this.#isOpen() && (this.#queue.bytes > 0 || stream.writeBufferLength > 0)

    if (isWaiting && this.#timer != null && this.#goneBytes === this.#goneAtCheck) {
      return
    }

    clock.clearTimeout(this.#timer)
    this.#timer = undefined

    if (!isWaiting) {
      return
    }

    this.#goneAtCheck = this.#goneBytes
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined

      if (this.#goneBytes === this.#goneAtCheck) {
        this.#tooSlow(`took nothing for ${sendTimeout} ms`)
      } else {
        this.#watch()
      }
    }, sendTimeout)
  }

  #tooSlow (detail: string): void {
    if (this.#state === 'open' && !this.#isTooSlow) {
      this.#isTooSlow = true
      this.#init.onTooSlow(detail)
    }
  }

  #wake (): void {
    const waiters = this.#waiters
    this.#waiters = []

    for (const resolve of waiters) {
      resolve()
    }
  }
}
