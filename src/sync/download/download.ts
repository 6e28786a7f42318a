import { isChild, tipOf } from '../chain/link.ts'
import { DownloadPeers } from './peers.ts'
import { DownloadWindow } from './window.ts'
import { faultKindOf } from './fault.ts'
import { HEDGE_CHECK_MS, Hedging } from './hedging.ts'
import { errorMessage, RequestError } from '../../errors.ts'
import type { DownloadFault } from './fault.ts'
import type { DownloadPeersInit } from './peers.ts'
import type { DownloadRange } from './window.ts'
import type { SpanRequest } from './span-request.ts'
import type { Batch, Span } from './span.ts'
import type { Session } from '../../session/session.ts'
import type { Block, Tip } from '../../types/block.ts'
import type { FaultKind } from '../../types/sync.ts'

/** Options of {@link Download}. */
export interface DownloadInit extends DownloadPeersInit {
  onFault?: (fault: DownloadFault) => void
}

/**
 * Fetches a range of blocks from many peers at once and hands it out in order. It checks heights and links, and has a bounded window of
 * the range in memory. What one peer fails to deliver is asked of another, and the block that everything waits for of two. Used once.
 */
export class Download {
  readonly #init: DownloadInit
  readonly #range: DownloadRange
  readonly #peers: DownloadPeers
  readonly #window: DownloadWindow
  readonly #hedging: Hedging
  /** The block that was handed out last. */
  #last: Tip | undefined
  #timer: unknown
  #wake: (() => void) | undefined
  /** Since when the taker waits, by the clock. */
  #waitingSince: number | undefined
  #isOver = false

  constructor (init: DownloadInit, range: DownloadRange) {
    this.#init = init
    this.#range = range
    this.#last = range.previous
    this.#peers = new DownloadPeers(init)
    this.#window = new DownloadWindow(this.#peers, range)
    this.#hedging = new Hedging({
      peers: this.#peers,
      window: this.#window,
      clock: init.clock,
      ask: (span, peer) => { this.#ask(span, peer) },
      onLate: (request, error) => { this.#onLate(request, error) }
    })
  }

  /** Peers that have a request under way. */
  get busyPeers (): number { return this.#peers.busy }

  /** Bytes of blocks that wait to be taken. */
  get bufferedBytes (): number { return this.#window.bytes }

  /**
   * The blocks, in batches of one peer each. Throws a {@link RequestError} where no peer can go on, and the signal's reason.
   * A taker that leaves the iteration ends the download; the signal does so at once, and needs no taker for it.
   */
  async * batches (): AsyncGenerator<Batch, void, undefined> {
    const { signal } = this.#range
    const onAbort = (): void => { this.#end() }
    signal?.addEventListener('abort', onAbort)
    this.#watch()

    try {
      while (!this.#window.isComplete) {
        signal?.throwIfAborted()
        this.#fill()
        const batch = this.#next()

        if (batch != null) {
          yield batch
        } else if (!this.#window.isComplete) {
          await this.#progress()
        }
      }

      // an aborted download has nothing left to hand out, as a complete one
      signal?.throwIfAborted()
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#end()
    }
  }

  /** Waits until something has come. Throws where nothing can. */
  async #progress (): Promise<void> {
    const { head, height } = this.#window

    if ((head?.requests.size ?? 0) === 0 && !this.#peers.some(height)) {
      throw this.#peers.error(height, this.#range.endHeight)
    }

    // `onFault` may have aborted it
    this.#range.signal?.throwIfAborted()
    this.#waitingSince = this.#init.clock.now()
    await new Promise<void>((resolve) => { this.#wake = resolve })
    this.#waitingSince = undefined
  }

  #end (): void {
    this.#isOver = true
    this.#init.clock.clearTimeout(this.#timer)
    this.#window.spans.forEach((span) => { this.#peers.giveUp(span) })
    this.#window.clear()
    this.#wake?.()
  }

  /** The next batch, if its first block has come. */
  #next (): Batch | undefined {
    const { head } = this.#window

    if (head?.first == null) {
      return undefined
    }

    if (this.#last != null && !isChild(head.first.block, this.#last)) {
      this.#onUnlinked(head, head.first)
      return this.#next()
    }

    const batch = head.take()
    this.#last = tipOf(batch.blocks.at(-1)!.block)
    this.#peers.noteProven(batch.peer)

    if (head.isComplete && head.waiting === 0) {
      this.#peers.giveUp(head)
      this.#window.shift()
    }

    // there is room again
    this.#fill()

    return batch
  }

  /** Asks the peers that are free for what is missing. */
  #fill (): void {
    if (this.#isOver) {
      return
    }

    let isAsked = true

    // one request for each and then the next, so that a short range is shared out
    while (isAsked) {
      isAsked = false

      for (const peer of this.#peers.free(this.#window.height, this.#window.blockBytes)) {
        const span = this.#window.spanFor(peer)

        if (span != null) {
          this.#ask(span, peer)
          isAsked = true
        }
      }
    }
  }

  #ask (span: Span, peer: Session): void {
    const request = this.#peers.begin(span, peer, this.#window.knownBlockBytes)

    request.send((count, bytes) => { this.#onBlocks(request, count, bytes) }).then(
      () => { this.#onDone(request) },
      (err: unknown) => { this.#onFailed(request, err) }
    )
  }

  #onBlocks (request: SpanRequest, count: number, bytes: number): void {
    const { span } = request
    span.progressAt = this.#init.clock.now()
    this.#peers.onBytes(request, bytes)
    this.#window.onBlocks(count, bytes)

    if (span.requests.size > 1) {
      this.#hedging.onBlocks(request)
    }

    if (this.#window.isOverfull) {
      this.#makeRoom(request)
    }

    this.#wake?.()
  }

  #makeRoom (request: SpanRequest): void {
    this.#window.trim().forEach((span) => { this.#peers.giveUp(span) })

    // what has come of the head is good: only the rest is asked for once more
    if (this.#window.isOverfull && request.left > 0 && !request.isOver) {
      this.#peers.drop(request)
    }
  }

  #onDone (request: SpanRequest): void {
    if (request.isOver) {
      return
    }

    const { peer, startHeight } = request
    this.#peers.answered(request)

    if (request.isEmpty) {
      this.#peers.lacks(peer, startHeight)
    }

    if (request.isEmpty && peer.bestHeight >= startHeight) {
      this.#fault(request, 'unavailable', `does not have block ${startHeight}`)
    }

    this.#onChange()
  }

  #onFailed (request: SpanRequest, err: unknown): void {
    if (request.isOver) {
      return
    }

    const kind = faultKindOf(err)
    this.#peers.finish(request)

    // too many requests to this peer wait: the timer tries again
    if (err instanceof RequestError && err.code === 'TOO_MANY') {
      return
    }

    this.#exclude(request.peer, err)

    if (kind === 'unlinked' || kind === 'violation') {
      this.#dropBlocks(request.peer)
    }

    if (kind != null) {
      this.#fault(request, kind, errorMessage(err))
    }

    this.#onChange()
  }

  /** Handles a head whose first block does not follow what was handed out: it is asked for again, with all that is linked to it. */
  #onUnlinked (head: Span, { block, peer }: { block: Block, peer: Session }): void {
    const error = new RequestError('UNLINKED', `block ${block.height} does not follow the block before`)
    this.#peers.giveUp(head)
    this.#window.restartHead(block.height)
    this.#exclude(peer, error)
    this.#dropBlocks(peer)
    this.#init.onFault?.({ peer, kind: 'unlinked', height: block.height, detail: error.message })
    this.#fill()
  }

  /** Excludes a peer. What it was asked for is asked of others. */
  #exclude (peer: Session, reason: unknown): void {
    this.#peers.exclude(peer, reason)

    for (const span of this.#window.spans) {
      [...span.requests].filter((request) => request.peer === peer).forEach((request) => { this.#peers.drop(request) })
    }
  }

  /** Drops the blocks of a peer that were not handed out, and with them what others send after them. */
  #dropBlocks (peer: Session): void {
    this.#window.spans.filter((span) => span.dropFrom(peer)).forEach((span) => { this.#peers.giveUp(span) })
  }

  /** Asks a late peer no more for what everything waits for, and for nothing where it has sent nothing at all. */
  #onLate (request: SpanRequest, error: RequestError): void {
    this.#peers.noteLate(request.peer)

    if (request.gained === 0) {
      this.#exclude(request.peer, error)
    }

    this.#fault(request, 'stalled', error.message)
  }

  #watch (): void {
    this.#timer = this.#init.clock.setTimeout(() => {
      this.#hedging.check(this.#waitingSince)
      this.#fill()
      this.#watch()
    }, HEDGE_CHECK_MS)
  }

  #fault ({ peer, startHeight }: SpanRequest, kind: FaultKind, detail: string): void {
    this.#init.onFault?.({ peer, kind, height: startHeight, detail })
  }

  #onChange (): void {
    this.#fill()
    this.#wake?.()
  }
}
