import { BULK, NEWS, PRIORITIES, SendQueue, URGENT } from './send-queue.ts'
import type { FairShare } from '../../bandwidth/fair-share.ts'
import type { Lane } from '../../bandwidth/lane.ts'
import type { TrafficClass } from '../../bandwidth/traffic-class.ts'
import type { Frame, Priority } from './send-queue.ts'
import { FlushTurn } from './flush-turn.ts'
import { StallTimer } from './stall-timer.ts'
import { encodeFrame } from '../../codec/frame.ts'
import { encodeMessage } from '../../codec/message.ts'
import type { Clock } from '../../util/clock.ts'
import type { DisconnectMessage } from '../../types/message.ts'
import type { Stream } from '@libp2p/interface'

/**
 * The node joins small frames into sends of up to this size.
 *
 * A send costs system calls on both sides, a window update and encryptions. With the 12 bytes of yamux this fits into a stream's first
 * window and just fills four of noise's 65,535, 16 of which are the cipher's.
 */
export const JOIN_BYTES: number = 4 * (65_535 - 16) - 12

/** What waits to be sent to a peer, unless `limits.outboxSoftBytes` says otherwise. */
export const SOFT_BYTES: number = 1024 * 1024

/** What waits to be sent to a peer at most, unless `limits.outboxHardBytes` says otherwise. */
export const HARD_BYTES: number = 8 * 1024 * 1024

/** Options of {@link Outbox}. */
export interface OutboxInit {
  stream: Stream
  clock: Clock
  /** How long the stream may take nothing while something waits, in ms. */
  sendTimeout: number
  /** Called once when the peer takes too little for too long. The outbox queues nothing afterwards. */
  onTooSlow: (detail: string) => void
  /** Called with each frame that is handed to the stream. */
  onTaken?: (frame: Frame) => void
  /** The cap that all sessions share. Without it, there is none. */
  share?: FairShare
  /** Instead of {@link SOFT_BYTES}. */
  softBytes?: number
  /** Instead of {@link HARD_BYTES}. */
  hardBytes?: number
}

/** The frames that go in a turn of each traffic class. */
const PRIORITIES_OF: Readonly<Record<TrafficClass, readonly Priority[]>> = { live: NEWS, bulk: BULK }

/**
 * All that waits to be sent to one peer, bounded. The write buffer of libp2p has no bound and no order, so the node hands it little:
 * the next send follows when it has taken the one before.
 */
export class Outbox {
  readonly #init: OutboxInit
  readonly #queue: SendQueue
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
    this.#queue = new SendQueue(init.onTaken)
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
    this.#turn = new FlushTurn(init.clock, { isUrgent: () => this.#queue.isUrgent, flush: () => { this.#flush() } })
  }

  /** The bytes that wait, with a little for each frame. */
  get bytes (): number { return this.#queue.bytes }

  /** Bytes handed to the stream so far. */
  get sentBytes (): number { return this.#sentBytes }

  /** False where so much waits that the node should begin no response. */
  get belowMark (): boolean {
    return this.#queue.bytes < this.#softBytes
  }

  /** Resolves when {@link belowMark} is or becomes true, or the outbox takes nothing any more. */
  async whenBelowMark (): Promise<void> {
    while (!this.belowMark && this.#state === 'open') {
      await new Promise<void>((resolve) => { this.#waiters.push(resolve) })
    }
  }

  /**
   * Queues a whole frame. False where it drops the frame: nothing can be sent any more, or the queue is full for a transaction, or for a
   * block under a bandwidth cap.
   */
  push (priority: Priority, frame: Frame): boolean {
    if (this.#state !== 'open' || this.#isTooSlow || (priority === 'transaction' && !this.belowMark)) {
      return false
    }

    const isLimited = this.#lane?.isLimited === true

    // under a cap it waits for this node, and not for a slow peer
    if (isLimited && priority === 'block' && this.#queue.bytes + frame.byteLength > this.#hardBytes) {
      return false
    }

    this.#enqueue(priority, frame)

    // under a cap only urgent frames count: they are never held back, and responses begin below the soft mark alone
    if ((isLimited ? this.#queue.urgentBytes : this.#queue.bytes) > this.#hardBytes) {
      this.#tooSlow(`more than ${this.#hardBytes} bytes waited to be sent`)

      return false
    }

    return true
  }

  /**
   * Takes back a frame that was pushed, the very same and not an equal one, since the peer has its content. False where the stream has it
   * already, or too many wait behind it: see {@link SendQueue.cancel}.
   */
  cancel (priority: Priority, frame: Frame): boolean {
    const wasQueued = this.#queue.cancel(priority, frame)

    if (wasQueued) {
      this.#settle()
    }

    return wasQueued
  }

  /**
   * Queues `farewell` as the last message, and drops everything else that waits unless `keep` is true. Resolves when the stream has all of
   * it. A second call only waits for that.
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
      // behind frames that are kept; with none before it, no cap holds it back
      this.#queue.push(keep ? 'response' : 'control', encodeFrame(encodeMessage(farewell)))
    }

    this.#flush()
    this.#wake()
  }

  #isOpen (): boolean { return this.#state !== 'closed' }

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

  // libp2p continues with what it still has in a microtask that was queued before this one
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

  /** Sends frames of a class in a turn of this session, if they still wait and the stream takes them. */
  #onTurn (maxBytes: number, kind: TrafficClass): number {
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
      if (!this.#init.stream.send(batch)) {
        this.#init.stream.addEventListener('drain', this.#onDrain)
      }
    } catch {
      // the stream has just ended: its reader gets the error
      this.close()
    }
  }

  /** Reacts to a change of what waits. */
  #settle (): void {
    this.#stallTimer.check()

    if (this.belowMark) {
      this.#wake()
    }
  }

  /** Bytes that have left for the connection. */
  get #goneBytes (): number {
    return this.#sentBytes - this.#init.stream.writeBufferLength
  }

  get #isWaitingForPeer (): boolean {
    // what waits for its turn waits for this node
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
