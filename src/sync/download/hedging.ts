import { MAX_SPREAD } from './peers.ts'
import { RequestError } from '../../errors.ts'
import type { DownloadPeers } from './peers.ts'
import type { DownloadWindow } from './window.ts'
import type { Span } from './span.ts'
import type { SpanRequest } from './span-request.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/** How often the node checks whether to ask a second peer for the block that everything waits for. */
export const HEDGE_CHECK_MS = 250

/** How long the block that everything waits for may be quiet before a second peer is asked, and longer for peers that are far away. */
export const HEDGE_AFTER_MS = 1000

/** How long a request that everything waits for may take before a second peer is asked, or 16 times what the fastest would take. */
export const SLOW_AFTER_MS = 5000

/** How many times as long as its last answers a peer may be quiet. */
const PATIENCE = 3

/** Options of {@link Hedging}. */
export interface HedgingInit {
  peers: DownloadPeers
  window: DownloadWindow
  clock: Clock
  /** Asks a peer for what is missing of a span. */
  ask: (span: Span, peer: Session) => void
  /** Called with a request that everything has waited for in vain, and that is over. */
  onLate: (request: SpanRequest, error: RequestError) => void
}

/** The request that a hedge has ended, and whether it was the first and has kept the download waiting. */
export interface HedgeResult {
  loser: SpanRequest
  isLate: boolean
}

/**
 * Hedged requests for the head of the window, which everything waits for: where the peer that was asked is late, a second one is asked
 * for the same. Long is measured by the fastest peer.
 */
export class Hedging {
  readonly #init: HedgingInit

  constructor (init: HedgingInit) {
    this.#init = init
  }

  /** Asks a second peer where the first is late. Called at intervals; `waitingSince` is since when the taker waits, by the clock. */
  check (waitingSince: number | undefined): void {
    const { head } = this.#init.window
    const [request, second] = head?.requests ?? []

    if (head == null || waitingSince == null) {
      return
    }

    if (request == null) {
      this.#askForHead(head, Math.max(waitingSince, head.progressAt))
    } else if (second == null) {
      this.#hedge(head, request, Math.max(waitingSince, head.progressAt))
    } else if (this.#areLate([request, second])) {
      // the one that has sent less makes room for a third
      this.#giveUp(request.gained < second.gained ? request : second)
    }
  }

  /** Takes note that one of two requests for the same span has sent something. */
  onBlocks (sender: SpanRequest): void {
    const { loser, isLate } = settleHedge(sender) ?? {}

    if (loser != null && isLate === true) {
      this.#giveUp(loser)
    } else if (loser != null) {
      this.#init.peers.drop(loser)
    }
  }

  /** Asks for a head that was asked of no peer: all that may have it are busy with what comes after it, which is of no use without it. */
  #askForHead (head: Span, quietSince: number): void {
    const { clock, ask } = this.#init
    const peer = clock.now() - quietSince >= HEDGE_AFTER_MS ? this.#alternativeTo(undefined, head.next) : undefined

    if (peer != null) {
      ask(head, peer)
    }
  }

  #hedge (head: Span, request: SpanRequest, quietSince: number): void {
    const second = this.#isLate(request, quietSince) ? this.#alternativeTo(request, head.next) : undefined

    if (second != null) {
      request.gained = 0
      this.#init.ask(head, second)
    }
  }

  #giveUp (request: SpanRequest): void {
    this.#init.peers.drop(request)
    this.#init.onLate(request, new RequestError('TIMEOUT', `block ${request.startHeight} took too long`))
  }

  /** Whether a request is late: quiet for too long, or under way for too long by the measure of the fastest peer. */
  #isLate (request: SpanRequest, quietSince: number): boolean {
    const { peers, clock, window: { blockBytes } } = this.#init
    const { peer, startedAt } = request
    const { inFlight, firstAnswerMs = 0 } = peers.throughputOf(peer)
    const now = clock.now()
    const perBlock = blockBytes * inFlight / (peers.rateOf(peer) ?? Infinity)
    const slowAfter = this.#slowAfter([request])
    const patience = Math.max(HEDGE_AFTER_MS, PATIENCE * firstAnswerMs, PATIENCE * perBlock)

    return now - Math.max(quietSince, startedAt) >= Math.min(patience, slowAfter) || now - startedAt >= slowAfter
  }

  /** Whether two requests for the same span have both taken too long. */
  #areLate (requests: readonly [SpanRequest, SpanRequest]): boolean {
    return this.#init.clock.now() - Math.max(...requests.map(({ startedAt }) => startedAt)) >= this.#slowAfter(requests)
  }

  /**
   * How long the first of these requests may take, by the measure of the fastest peer. Where another peer has its blocks and was not
   * measured yet, that is no measure: the peers that are asked would set it themselves.
   */
  #slowAfter (requests: readonly [SpanRequest, ...SpanRequest[]]): number {
    const { peers, window } = this.#init
    const [{ startHeight, endHeight }] = requests
    const asked = requests.map(({ peer }) => peer)
    const bytes = (endHeight - startHeight + 1) * window.blockBytes
    const others = peers.usable().filter((peer) => !asked.includes(peer) && !peers.isLate(peer) && peers.mayHave(peer, startHeight))
    const best = others.some((peer) => peers.rateOf(peer) == null) ? 0 : peers.bestRate(startHeight)

    return best === 0 ? SLOW_AFTER_MS : Math.max(SLOW_AFTER_MS, MAX_SPREAD * bytes / best)
  }

  /** Another peer to ask for `height`: the fastest that is clearly faster, then one that was not measured yet, then any. */
  #alternativeTo (request: SpanRequest | undefined, height: number): Session | undefined {
    const { peers } = this.#init
    const slow = 2 * (request == null ? 0 : peers.rateOf(request.peer) ?? 0)
    const rank = (peer: Session): number => {
      const rate = peers.rateOf(peer)

      return rate == null ? 1 : rate > slow ? 2 : 0
    }

    return peers.usable()
      .filter((peer) => peer !== request?.peer && !peers.isLate(peer) && peers.mayBeAsked(peer) && peers.mayHave(peer, height))
      .sort((a, b) => rank(b) - rank(a) || (peers.rateOf(b) ?? 0) - (peers.rateOf(a) ?? 0))[0]
  }
}

/**
 * The end of a hedge, when one of two requests for a span has sent something. The first has lost where it has sent nothing new by then,
 * and either of them when the other has completed the span. `undefined` while both go on.
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
