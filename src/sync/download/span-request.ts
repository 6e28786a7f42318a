import { FetchedFrame, FetchedBlock } from './fetched-block.ts'
import { isChild, tipOf } from '../chain/link.ts'
import { MAX_RANGE_BLOCKS } from '../serve/server.ts'
import { checkReceivedSize, decodeBlock, readRange } from '../../codec/items/items.ts'
import { ProtocolViolationError, RequestError } from '../../errors.ts'
import type { Session } from '../../session/session.ts'
import type { ReceivedBlock } from '../../types/chain.ts'
import type { Tip } from '../../types/block.ts'

/** One for all requests: no caller sees it, and to create an error takes longer than all other work on a request. */
const GIVEN_UP = new RequestError('UNAVAILABLE', 'The request was given up')

/** What a request needs of the {@link Span} that it is for. */
export interface RequestedSpan {
  readonly next: number
  readonly endHeight: number
  readonly isComplete: boolean
  readonly requests: Set<SpanRequest>
  progressAt: number
  push: (received: ReceivedBlock, peer: Session) => boolean
}

/** Options of {@link SpanRequest}. */
export interface SpanRequestInit {
  span: RequestedSpan
  peer: Session
  /** By the clock. */
  startedAt: number
  /** Blocks that the peer may be asked for. */
  maxBlocks: number
}

/** The request to one peer for what is missing of a span. It checks what the peer sends against what it was asked for. */
export class SpanRequest {
  readonly span: RequestedSpan
  readonly peer: Session
  readonly startedAt: number
  readonly startHeight: number
  readonly endHeight: number
  /** When the first answer came. */
  firstAt: number | undefined
  /** Blocks that no other peer had sent before, since the span has been asked of two. */
  gained = 0
  /** Ended, or given up: what still comes of it counts no more. */
  isOver = false
  readonly #controller = new AbortController()
  #next: number
  #previous: Tip | undefined

  constructor ({ span, peer, startedAt, maxBlocks }: SpanRequestInit) {
    this.span = span
    this.peer = peer
    this.startedAt = startedAt
    this.startHeight = span.next
    this.endHeight = Math.min(span.endHeight, span.next + Math.min(MAX_RANGE_BLOCKS, maxBlocks) - 1)
    this.#next = span.next
  }

  /** Blocks that the peer has not sent yet. */
  get left (): number { return this.endHeight - this.#next + 1 }

  /** True where no block has come. */
  get isEmpty (): boolean { return this.#next === this.startHeight }

  /** Sends the request. Resolves with the last answer. `onBlocks` is called for each, with its blocks and their bytes. */
  async send (onBlocks: (count: number, bytes: number) => void): Promise<void> {
    const { peer, startHeight, endHeight } = this

    await peer.request({
      expects: 'responseBlockRange',
      send: (id) => peer.send('control', { type: 'requestBlockRange', startHeight, endHeight }, id),
      onResponse: (body) => this.#onResponse(body, onBlocks),
      signal: this.#controller.signal
    })
  }

  giveUp (): void {
    this.isOver = true
    this.#controller.abort(GIVEN_UP)
  }

  #onResponse (body: Uint8Array, onBlocks: (count: number, bytes: number) => void): boolean {
    const { items, last } = readRange(body)
    let bytes = 0

    const frame = new FetchedFrame(body, items.length)

    for (const item of items) {
      this.#onBlock(item, frame)
      bytes += item.byteLength
    }

    // the memory of this frame may be free before the next one comes
    this.#previous &&= tipOf(this.#previous)

    onBlocks(items.length, bytes)

    return last
  }

  #onBlock (bytes: Uint8Array, frame: FetchedFrame): void {
    if (this.left <= 0) {
      throw new ProtocolViolationError('more blocks than were asked for')
    }

    const block = decodeBlock(checkReceivedSize(bytes, this.peer.maxItemBytes))

    if (block.height !== this.#next) {
      throw new ProtocolViolationError(`block ${block.height} where block ${this.#next} was due`)
    }

    if (this.#previous != null && !isChild(block, this.#previous)) {
      throw new ProtocolViolationError(`block ${block.height} is not linked to the one before`)
    }

    this.#previous = block
    this.#next++

    if (this.span.push(new FetchedBlock(block, bytes, frame), this.peer)) {
      this.gained++
    }
  }
}
