import { MAX_RANGE_BLOCKS } from '../serve/server.ts'
import { Span } from './span.ts'
import type { DownloadPeers } from './peers.ts'
import type { Session } from '../../session/session.ts'
import type { Tip } from '../../types/block.ts'

/**
 * Bytes of blocks that are fetched ahead of the taker, by the size of the last blocks.
 *
 * @remarks The node asks for no more until the application, or the chain, takes blocks.
 */
export const WINDOW_BYTES: number = 32 * 1024 * 1024

/**
 * Blocks that are fetched ahead of the taker.
 *
 * @remarks The node asks for no more until the application, or the chain, takes blocks.
 */
export const WINDOW_BLOCKS = 16_384

/** The range of a download, and its signal. */
export interface DownloadRange {
  startHeight: number
  /** Inclusive. */
  endHeight: number
  /** The block below `startHeight`, which the first one has to follow. */
  previous?: Pick<Tip, 'height' | 'hash'> | undefined
  signal?: AbortSignal | undefined
}

/** Bytes above the window at which a request is cut short: its blocks are larger than the last ones. */
export const WINDOW_SLACK_BYTES: number = 8 * 1024 * 1024

/** The size of a block before any has come, in bytes, and how many of the last blocks the estimate goes by. */
const FIRST_BLOCK_BYTES = 16 * 1024
const SIZE_MEMORY_BLOCKS = 1000

/** The smallest piece in which the end of a range is shared out. */
const MIN_SHARE_BLOCKS = 16

/**
 * The part of a range that is under way: what was asked for and not handed out, in ascending height. It decides what a peer is asked
 * for next, and for how much.
 */
export class DownloadWindow {
  readonly #peers: DownloadPeers
  readonly #endHeight: number
  readonly #spans: Span[] = []
  /** The first height that is in no span yet. */
  #nextHeight: number
  #blockBytes = FIRST_BLOCK_BYTES
  #blocksSeen = 1

  constructor (peers: DownloadPeers, { startHeight, endHeight }: { startHeight: number, endHeight: number }) {
    this.#peers = peers
    this.#nextHeight = startHeight
    this.#endHeight = endHeight
  }

  get spans (): readonly Span[] { return this.#spans }

  /** The span that is handed out next. */
  get head (): Span | undefined { return this.#spans[0] }

  /** The height that everything waits for. */
  get height (): number { return this.head?.next ?? this.#nextHeight }

  /** Everything has been handed out. */
  get isComplete (): boolean { return this.#spans.length === 0 && this.#nextHeight > this.#endHeight }

  /** Bytes of blocks that wait to be taken. */
  get bytes (): number { return this.#spans.reduce((bytes, span) => bytes + span.bytes, 0) }

  /** The estimated size of a block, in bytes. */
  get blockBytes (): number { return this.#blockBytes }

  /** {@link blockBytes}; `Infinity` where no block has come. */
  get knownBlockBytes (): number { return this.#blocksSeen > 1 ? this.#blockBytes : Infinity }

  /** Whether more has come than can be kept: blocks are larger than the last ones. */
  get isOverfull (): boolean { return this.bytes > WINDOW_BYTES + WINDOW_SLACK_BYTES }

  /** Drops what is handed out last until half of the window is free. Returns the dropped spans, whose requests are to be given up. */
  trim (): Span[] {
    const dropped: Span[] = []

    for (let index = this.#spans.length - 1; index > 0 && this.bytes > WINDOW_BYTES / 2; index--) {
      const span = this.#spans[index]!

      if (span.waiting > 0) {
        dropped.push(span)
        this.#spans[index] = new Span(span.startHeight, span.endHeight)
      }
    }

    return dropped
  }

  /** What to ask a peer for now, of a size that suits it: what another one failed to send goes before what was not asked for. */
  spanFor (peer: Session): Span | undefined {
    return this.#openSpan(peer) ?? this.#newSpan(peer)
  }

  /** Takes note of how large blocks are. */
  onBlocks (count: number, bytes: number): void {
    if (count > 0) {
      this.#blocksSeen = Math.min(SIZE_MEMORY_BLOCKS, this.#blocksSeen + count)
      this.#blockBytes += (bytes / count - this.#blockBytes) * Math.min(1, count / this.#blocksSeen)
    }
  }

  /** Goes on with what is after the head. */
  shift (): void {
    this.#spans.shift()
  }

  /** Forgets what has come of the head from `height` on. */
  restartHead (height: number): void {
    this.#spans[0] = new Span(height, this.#spans[0]!.endHeight)
  }

  clear (): void {
    this.#spans.length = 0
  }

  #openSpan (peer: Session): Span | undefined {
    const hasRoom = this.#hasRoom(1)

    const index = this.#spans.findIndex((span, index) => {
      // the head is asked for even where there is no room: nothing goes on without it
      const isFirst = index === 0 && span.first == null

      return span.isOpen && (isFirst || hasRoom) && this.#mayBeAsked(peer, span.next, index)
    })

    return index < 0 ? undefined : this.#cut(index, peer)
  }

  /** The head is not for peers that have delivered nothing yet, where others have. */
  #mayBeAsked (peer: Session, height: number, index: number): boolean {
    return this.#peers.mayHave(peer, height) && (index > 0 || this.#peers.isReliable(peer, height))
  }

  /**
   * The part of an open span that a peer is asked for, as a span of its own. What has come of it stays a span with its sender. The
   * taker checks whether the rest follows that, by then with what is below it.
   */
  #cut (index: number, peer: Session): Span {
    let span = this.#spans[index]!
    let at = index

    if (span.waiting > 0) {
      span = span.splitAfter(span.next - 1)
      this.#spans.splice(++at, 0, span)
    }

    const lastHeight = span.next + this.#shareOf(peer, span.endHeight - span.next + 1) - 1

    if (lastHeight < span.endHeight) {
      this.#spans.splice(at + 1, 0, span.splitAfter(lastHeight))
    }

    return span
  }

  #newSpan (peer: Session): Span | undefined {
    const start = this.#nextHeight

    if (start > this.#endHeight || !this.#mayBeAsked(peer, start, this.#spans.length)) {
      return undefined
    }

    const left = Math.min(this.#endHeight, this.#peers.lastHeight(peer, start)) - start + 1
    const count = this.#shareOf(peer, left)

    if (this.#spans.length > 0 && !this.#hasRoom(count)) {
      return undefined
    }

    const span = new Span(start, start + count - 1)
    this.#nextHeight += count
    this.#spans.push(span)

    return span
  }

  /** How many of the blocks that are left this peer is asked for in one go. */
  #shareOf (peer: Session, left: number): number {
    const byThroughput = Math.floor(this.#peers.requestBytes(peer) / this.#blockBytes)
    const fair = Math.max(MIN_SHARE_BLOCKS, Math.ceil(left / Math.max(1, this.#peers.count)))

    return Math.max(1, Math.min(left, byThroughput, fair, MAX_RANGE_BLOCKS, this.#peers.maxBlocks(peer, this.knownBlockBytes)))
  }

  /** Whether there is room for so many more blocks. */
  #hasRoom (blocks: number): boolean {
    let count = blocks
    let bytes = blocks * this.#blockBytes

    for (const span of this.#spans) {
      const asked = span.requests.size === 0 ? 0 : span.endHeight - span.next + 1
      count += span.waiting + asked
      bytes += span.bytes + asked * this.#blockBytes
    }

    return count <= WINDOW_BLOCKS && bytes <= WINDOW_BYTES
  }
}
