import { BULK, NEWS, PRIORITIES, SendQueue, URGENT } from './send-queue.ts'
import type { FairShare, Lane } from '../../bandwidth/fair-share.ts'
import type { Kind } from '../../bandwidth/traffic-class.ts'
import type { Frame, Priority } from './send-queue.ts'
import { FlushTurn } from './flush-turn.ts'
import { StallTimer } from './stall-timer.ts'
import { encodeFrame } from '../../codec/frame.ts'
import { encodeMessage } from '../../codec/message.ts'
import type { Clock } from '../../util/clock.ts'
import type { DisconnectMessage } from '../../types/message.ts'
import type { Stream } from '@libp2p/interface'

/**
 * Small frames are joined into sends of up to this size.
 *
 * A send costs system calls on both sides, a window update and encryptions. With the 12 bytes of yamux this fits into a stream's first
 * window and just fills four of noise's 65,535, 16 of which are the cipher's.
 */
export const JOIN_BYTES: number = 4 * (65_535 - 16) - 12

/** What waits to be sent to a peer, unless `limits.outboxSoftBytes` says otherwise. */
export const SOFT_BYTES: number = 1024 * 1024

/** What waits to be sent to a peer at most, unless `limits.outboxHardBytes` says otherwise. */
export const HARD_BYTES: number = 8 * 1024 * 1024

/** What {@link Outbox} is made with. */
export interface OutboxInit {
  stream: Stream
  clock: Clock
  /** How long the stream may take nothing while something waits, in ms. */
  sendTimeout: number
  /** Called once when the peer takes too little for too long. Nothing is queued afterwards. */
  onTooSlow: (detail: string) => void
  /** Shares what may be sent with other sessions. Without it, everything may. */
  share?: FairShare
  /** Takes the place of SOFT_BYTES. */
  softBytes?: number
  /** Takes the place of HARD_BYTES. */
  hardBytes?: number
}

/** What waits in the queue for a turn of each kind. */
const PRIORITIES_OF: Readonly<Record<Kind, readonly Priority[]>> = { live: NEWS, bulk: BULK }

/**
 * Everything that waits to be sent to one peer, bounded. libp2p's own write buffer has no bound and no order, so little
 * is handed to it: the next send is made when it has taken the one before.
 */
export class Outbox {
  readonly #init: OutboxInit
  readonly #queue = new SendQueue()
  readonly #lane: Lane | undefined
  readonly #softBytes: number
  readonly #hardBytes: number
  readonly #stallTimer: StallTimer
  readonly #turn: FlushTurn
  #sentBytes = 0
  #state: 'open' | 'finishing' | 'closed' = 'open'
  #isTooSlow = false
  #waiters: (() => void)[] = []

  constructor (init: OutboxInit) {
    this.#init = init
    this.#lane = init.share?.open((maxBytes, kind) => this.#onTurn(maxBytes, kind))
    this.#softBytes = init.softBytes ?? SOFT_BYTES
    this.#hardBytes = init.hardBytes ?? HARD_BYTES
    this.#stallTimer = new StallTimer({
      clock: init.clock,
      timeout: init.sendTimeout,
      isWaiting: () => this.#isWaitingForPeer,
      progress: () => this.#goneBytes,
      onStall: () => { this.#tooSlow(`took nothing for ${init.sendTimeout} ms`) }
    })
    this.#turn = new FlushTurn({ isUrgent: () => this.#queue.urgentBytes === this.#queue.bytes, flush: () => { this.#flush() } })
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
    return this.#queue.bytes < this.#softBytes
  }

  /** Resolves when {@link belowMark} is or becomes true, or nothing can be sent any more. */
  async whenBelowMark (): Promise<void> {
    while (!this.belowMark && this.#state === 'open') {
      await new Promise<void>((resolve) => { this.#waiters.push(resolve) })
    }
  }

  /**
   * Queues a whole frame. False where it was dropped: nothing can be sent any more, a transaction found the queue full, or so did
   * a block while we hold back what is sent.
   */
  push (priority: Priority, frame: Frame): boolean {
    if (this.#state !== 'open' || this.#isTooSlow || (priority === 'transaction' && !this.belowMark)) {
      return false
    }

    const isLimited = this.#lane?.isLimited === true

    // it waits for us, and not for a peer that is too slow
    if (isLimited && priority === 'block' && this.#queue.bytes + frame.byteLength > this.#hardBytes) {
      return false
    }

    this.#enqueue(priority, frame)

    // of what we hold back, responses are begun below the soft mark only; what is urgent is never held back
    if ((isLimited ? this.#queue.urgentBytes : this.#queue.bytes) > this.#hardBytes) {
      this.#tooSlow(`more than ${this.#hardBytes} bytes waited to be sent`)

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
      this.#settle()
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
    this.#lane?.close()
    this.#stallTimer.stop()
    this.#init.stream.removeEventListener('drain', this.#onDrain)
    this.#wake()
  }

  #endWith (farewell: DisconnectMessage | undefined, keep: boolean): void {
    if (!keep) {
      this.#queue.clear()
    }

    this.#state = 'finishing'

    if (farewell != null) {
      // behind what is kept; with nothing before it, no cap holds it back
      this.#queue.push(keep ? 'response' : 'control', encodeFrame(encodeMessage(farewell)))
    }

    this.#flush()
    this.#wake()
  }

  #isOpen (): boolean {
    return this.#state !== 'closed'
  }

  #enqueue (priority: Priority, frame: Frame): void {
    this.#queue.push(priority, frame)

    if (this.#canSend()) {
      this.#turn.schedule()
    } else if (!this.#turn.isDue) {
      this.#stallTimer.check()
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
    const lane = this.#lane?.isLimited === true ? this.#lane : undefined
    const priorities = lane == null ? PRIORITIES : URGENT

    while (this.#queue.has(priorities) && this.#canSend()) {
      const batch = this.#queue.take(JOIN_BYTES, priorities)
      lane?.charge(batch.byteLength)
      this.#send(batch)
    }

    this.#askForTurns()
    this.#settle()
  }

  #askForTurns (): void {
    for (const kind of ['live', 'bulk'] as const) {
      if (this.#queue.has(PRIORITIES_OF[kind]) && this.#canSend()) {
        this.#lane?.wait(kind)
      }
    }
  }

  /** Sends what it is our turn for, if it still waits and the stream takes it. */
  #onTurn (maxBytes: number, kind: Kind): number {
    // the last message stays the last
    const priorities = this.#state === 'finishing' ? PRIORITIES : PRIORITIES_OF[kind]

    if (!this.#queue.has(priorities) || !this.#canSend()) {
      this.#settle()
      return 0
    }

    const batch = this.#queue.take(Math.min(maxBytes, JOIN_BYTES), priorities)
    const { byteLength } = batch
    this.#send(batch)
    this.#askForTurns()
    this.#settle()

    return byteLength
  }

  #send (batch: Frame): void {
    if (batch.byteLength === 0) {
      return
    }

    this.#sentBytes += batch.byteLength

    try {
      this.#init.stream.send(batch)
    } catch {
      // the stream has just ended: whoever reads from it hears why
      this.close()
    }
  }

  /** To be called when what waits may have changed. */
  #settle (): void {
    this.#stallTimer.check()

    if (this.belowMark) {
      this.#wake()
    }
  }

  /** Bytes that left for the connection. */
  get #goneBytes (): number {
    return this.#sentBytes - this.#init.stream.writeBufferLength
  }

  get #isWaitingForPeer (): boolean {
    // what waits for its turn waits for us
    const isQueued = this.#queue.bytes > 0 && this.#lane?.isWaiting !== true

    return this.#isOpen() && (isQueued || this.#init.stream.writeBufferLength > 0)
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
