import { Uint8ArrayList } from 'uint8arraylist'

/** A whole frame, in one piece or in several. */
export type Frame = Uint8Array | Uint8ArrayList

/** The order in which frames go, highest first. */
export const PRIORITIES = ['control', 'block', 'transaction', 'response'] as const

/** One of {@link PRIORITIES}. */
export type Priority = typeof PRIORITIES[number]

/** What can wait when the node may send little: old blocks. All else is news. */
export const BULK: readonly Priority[] = ['response']

/** What goes before {@link BULK}. */
export const NEWS: readonly Priority[] = ['block', 'transaction']

/** What keeps a session alive. It is small. */
export const URGENT: readonly Priority[] = ['control']

/** What a queued frame counts beside its bytes, so that the number of very small ones is bounded too. */
const FRAME_OVERHEAD_BYTES = 64

/** The latest frames of a priority among which the node searches for one that it need not send any more. */
export const MAX_CANCEL_SEARCH = 1024

/** First in, first out, without moving items. */
class Fifo {
  #frames: (Frame | undefined)[] | undefined
  #head = 0

  get first (): Frame | undefined {
    return this.#frames?.[this.#head]
  }

  push (frame: Frame): void {
    if (this.#frames == null) {
      this.#frames = [frame]
    } else {
      this.#frames.push(frame)
    }
  }

  shift (): void {
    const frames = this.#frames!
    frames[this.#head++] = undefined

    if (this.#head === frames.length) {
      this.#frames = undefined
      this.#head = 0
    } else if (this.#head >= 1024) {
      this.#frames = frames.slice(this.#head)
      this.#head = 0
    }
  }

  /** Takes a frame out of the last MAX_CANCEL_SEARCH. False where it is not among them. */
  remove (frame: Frame): boolean {
    const frames = this.#frames ?? []
    const end = Math.max(this.#head, frames.length - MAX_CANCEL_SEARCH)
    let at = frames.length - 1

    while (at >= end && frames[at] !== frame) {
      at--
    }

    if (at < end) {
      return false
    }

    frames.splice(at, 1)

    return true
  }
}

/** Frames that wait to be sent, in the order of their priority, and how much they are. */
export class SendQueue {
  #queues = emptyQueues()
  #bytes = 0
  #urgentBytes = 0
  readonly #onTaken: ((frame: Frame) => void) | undefined

  /** `onTaken` is called with each frame that {@link take} gives. */
  constructor (onTaken?: (frame: Frame) => void) {
    this.#onTaken = onTaken
  }

  /** The bytes that wait, with a little for each frame. */
  get bytes (): number {
    return this.#bytes
  }

  /** Whether only urgent frames wait. */
  get isUrgent (): boolean {
    return this.urgentBytes === this.bytes
  }

  /** The part of {@link bytes} that is control. */
  get urgentBytes (): number {
    return this.#urgentBytes
  }

  /** Whether any of these waits. */
  has (priorities: readonly Priority[]): boolean {
    return priorities.some((priority) => this.#queues[priority].first != null)
  }

  push (priority: Priority, frame: Frame): void {
    this.#queues[priority].push(frame)
    this.#count(priority, frame.byteLength + FRAME_OVERHEAD_BYTES)
  }

  /**
   * Takes back a frame that was pushed, the very same and not an equal one. False where it was taken already, or
   * {@link MAX_CANCEL_SEARCH} or more have come after it. So a peer that has many frames taken back costs little.
   */
  cancel (priority: Priority, frame: Frame): boolean {
    const wasQueued = this.#queues[priority].remove(frame)

    if (wasQueued) {
      this.#count(priority, -(frame.byteLength + FRAME_OVERHEAD_BYTES))
    }

    return wasQueued
  }

  clear (): void {
    if (this.#bytes > 0) {
      this.#queues = emptyQueues()
    }

    this.#bytes = 0
    this.#urgentBytes = 0
  }

  /**
   * Takes as many whole frames of these priorities as fit into `maxBytes`, but at least one, as one piece, the highest priority first. It
   * drops a frame of which the application has transferred a part: the peer could not read what follows. So the piece may be empty.
   */
  take (maxBytes: number, priorities: readonly Priority[] = PRIORITIES): Frame {
    const frames: Frame[] = []
    let length = 0

    for (const priority of priorities) {
      const queue = this.#queues[priority]

      for (let frame = queue.first; frame != null; frame = queue.first) {
        if (length > 0 && length + frame.byteLength > maxBytes) {
          return join(frames, length)
        }

        queue.shift()
        this.#count(priority, -(frame.byteLength + FRAME_OVERHEAD_BYTES))

        if (isWhole(frame)) {
          frames.push(frame)
          this.#onTaken?.(frame)
          length += frame.byteLength
        }
      }
    }

    return join(frames, length)
  }

  #count (priority: Priority, bytes: number): void {
    this.#bytes += bytes

    if (priority === 'control') {
      this.#urgentBytes += bytes
    }
  }
}

/** Whether no part of a frame was transferred: the application has the memory of large blocks too. Parts may be empty from the start. */
function isWhole (frame: Frame): boolean {
  if (frame instanceof Uint8Array) {
    return true
  }

  let bytes = 0

  for (const part of frame) {
    bytes += part.byteLength
  }

  return bytes === frame.byteLength
}

function join (frames: Frame[], length: number): Frame {
  if (frames.length === 1) {
    return frames[0]!
  }

  if (frames.some((frame) => !(frame instanceof Uint8Array))) {
    return new Uint8ArrayList(...frames)
  }

  const joined = new Uint8Array(length)
  let offset = 0

  for (const frame of frames as Uint8Array[]) {
    joined.set(frame, offset)
    offset += frame.byteLength
  }

  return joined
}

function emptyQueues (): Record<Priority, Fifo> {
  return { control: new Fifo(), block: new Fifo(), transaction: new Fifo(), response: new Fifo() }
}
