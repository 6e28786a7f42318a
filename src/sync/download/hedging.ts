import { HEDGE_AFTER_MS } from './peers.ts'
import { RequestError } from '../../errors.ts'
import type { DownloadPeers } from './peers.ts'
import type { DownloadWindow } from './window.ts'
import type { Span } from './span.ts'
import type { SpanRequest } from './span-request.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/** What {@link Hedge} is made with. */
export interface HedgeInit {
  peers: DownloadPeers
  window: DownloadWindow
  clock: Clock
  /** Has a peer send what is missing of a span. */
  ask: (span: Span, peer: Session) => void
  /** Called with a request that everything has waited for in vain, and that is over. */
  onLate: (request: SpanRequest, error: RequestError) => void
}

/** Who of two has lost, and whether it was the first and has kept everybody waiting. */
export interface HedgeResult {
  loser: SpanRequest
  isLate: boolean
}

/** The race for the block that everything waits for: it is asked of a second peer where the first takes long. */
export class Hedge {
  readonly #init: HedgeInit

  constructor (init: HedgeInit) {
    this.#init = init
  }

  /** To be called now and then. `waitingSince` is since when the taker waits, by the clock, if it does. */
  check (waitingSince: number | undefined): void {
    const { head, blockBytes } = this.#init.window
    const [request, second] = head?.requests ?? []

    if (head == null || waitingSince == null) {
      return
    }

    if (request == null) {
      this.#findSomebody(head, Math.max(waitingSince, head.progressAt))
    } else if (second == null) {
      this.#begin(head, { request, quietSince: Math.max(waitingSince, head.progressAt) })
    } else if (this.#init.peers.areLate([request, second], blockBytes)) {
      // the one that has sent less makes room for a third
      this.#lose(request.gained < second.gained ? request : second)
    }
  }

  /** To be called when a request that is one of two has sent something. */
  onBlocks (sender: SpanRequest): void {
    const { loser, isLate } = settleHedge(sender) ?? {}

    if (loser != null && isLate === true) {
      this.#lose(loser)
    } else if (loser != null) {
      this.#init.peers.drop(loser)
    }
  }

  /** All who may have it are busy with what comes after it, which is of no use without it. */
  #findSomebody (head: Span, quietSince: number): void {
    const { peers, clock, ask } = this.#init
    const peer = clock.now() - quietSince >= HEDGE_AFTER_MS ? peers.rivalOf(undefined, head.next) : undefined

    if (peer != null) {
      ask(head, peer)
    }
  }

  #begin (head: Span, { request, quietSince }: { request: SpanRequest, quietSince: number }): void {
    const { peers, window, ask } = this.#init
    const rival = peers.isLate(request, { quietSince, blockBytes: window.blockBytes }) ? peers.rivalOf(request, head.next) : undefined

    if (rival != null) {
      request.gained = 0
      ask(head, rival)
    }
  }

  #lose (request: SpanRequest): void {
    this.#init.peers.drop(request)
    this.#init.onLate(request, new RequestError('TIMEOUT', `block ${request.startHeight} took too long`))
  }
}

/**
 * The end of a race between two that are to send the same, when one of them has sent something: the first has lost where it
 * has sent nothing new by then, and either of them when the other has completed it. `undefined` while it goes on.
 */
export function settleHedge (sender: SpanRequest): HedgeResult | undefined {
  const loser = [...sender.span.requests].find((request) => request !== sender)

  if (loser == null || sender.gained === 0) {
    return undefined
  }

  const isFirst = loser.startedAt < sender.startedAt

  if (!sender.span.isComplete && !(isFirst && loser.gained === 0)) {
    return undefined
  }

  return { loser, isLate: isFirst && loser.gained < sender.gained }
}
