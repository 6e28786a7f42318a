import { AnswerSize } from './answer-size.ts'
import { Throughput } from './throughput.ts'
import { MAX_RANGE_BLOCKS } from '../serve/server.ts'
import { SpanRequest } from './span-request.ts'
import { errorMessage, RequestError } from '../../errors.ts'
import { circuitOf } from '../../session/circuit.ts'
import { budgetOf } from '../../session/limits/send-budget.ts'
import type { RequestedSpan } from './span-request.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/** How long what is waited for may be quiet before a second peer is asked, and longer for peers that are far away. */
export const HEDGE_AFTER_MS = 1000

/** How long a request that everything waits for may take before a second peer is asked, or 16 times what the fastest would take. */
export const SLOW_AFTER_MS = 5000

/** How many times slower than the fastest a peer may be. A slower one only keeps everything waiting, and is not asked. */
export const MAX_SPREAD = 16

/** How many times what a peer took so far it may take before that is quiet. */
const PATIENCE = 3

/** What a peer is asked for of what a limited connection still carries, and at least of what it carried at first to be asked at all. */
const CIRCUIT_SHARE = 0.8

/** How many reasons an error gives. */
const MAX_REASONS = 8

/** What is known of one peer. */
interface Known {
  pace: Throughput
  answers: AnswerSize
  /** The last height that it can have, as far as it has shown. */
  ceiling: number
  /** Everything has waited for it in vain. */
  isLate: boolean
  /** Something that it sent was taken: it followed what was before. */
  isProven: boolean
}

/** The peers of one download: how fast each is, what each does not have, and who is not asked any more, and why. */
export class DownloadPeers {
  readonly #peers: () => Iterable<Session>
  readonly #clock: Clock
  readonly #known = new WeakMap<Session, Known>()
  readonly #excluded = new WeakSet<Session>()
  /** What the last of those said or did who could not go on. */
  #reasons: RequestError[] = []

  constructor (peers: () => Iterable<Session>, clock: Clock) {
    this.#peers = peers
    this.#clock = clock
  }

  /** Peers that may be asked. */
  get count (): number { return this.#usable().length }

  /** Peers that have something to send. */
  get busy (): number { return this.#usable().filter((peer) => this.#of(peer).pace.underWay > 0).length }

  /** Whether anybody may have the block at `height`. */
  some (height: number): boolean { return this.#usable().some((peer) => this.mayHave(peer, height)) }

  /**
   * Those that can take one more request, for blocks of `blockBytes`, while everything waits for the block at `height`, the fastest
   * first. Whoever was asked for as much as it may be is left out until it may be asked again.
   */
  free (height: number, blockBytes: number): Session[] {
    const slowest = this.#bestRate(height) / MAX_SPREAD

    return this.#usable()
      .filter((peer) => this.#mayBeAsked(peer) && this.#of(peer).pace.hasRoom(this.#clock.now(), this.#maxAnswer(peer) * blockBytes))
      .filter((peer) => this.#hasRoom(peer, blockBytes))
      .filter((peer) => (this.#rateOf(peer) ?? Infinity) >= slowest)
      .sort((a, b) => (this.#rateOf(b) ?? 0) - (this.#rateOf(a) ?? 0))
  }

  /** Whether a peer is to be asked for the block that everything waits for: one that has shown to deliver, where there is such a one. */
  isReliable (peer: Session, height: number): boolean {
    return this.#hasDelivered(peer) || !this.#usable().some((other) => this.#hasDelivered(other) && this.mayHave(other, height))
  }

  /**
   * Whether a peer may have the block at `height`: it says so, or nobody does, for then they may have grown since. What comes
   * through a relay is not for whole chains: where somebody else has the block, such a peer is passed over.
   */
  mayHave (peer: Session, height: number): boolean {
    if (this.#of(peer).ceiling < height) {
      return false
    }

    const hasIt = (other: Session): boolean => other.bestHeight >= height && this.#of(other).ceiling >= height

    if (peer.bestHeight >= height) {
      return !peer.isRelayed || !this.#usable().some((other) => !other.isRelayed && hasIt(other))
    }

    return !this.#usable().some(hasIt)
  }

  /** The last height that a peer is asked for, where it is asked for `height`. */
  lastHeight (peer: Session, height: number): number {
    const { ceiling } = this.#of(peer)

    return peer.bestHeight >= height ? Math.min(ceiling, peer.bestHeight) : ceiling
  }

  /** Bytes to ask a peer for in one go. */
  requestBytes (peer: Session): number { return this.#of(peer).pace.requestBytes(this.#clock.now()) }

  /**
   * Blocks that a peer may be asked for now, as far as it answers with so many and they go through its connection, 1 or more for
   * those that are free. `blockBytes` is the size of a block; `Infinity` where it is not known.
   */
  maxBlocks (peer: Session, blockBytes: number): number {
    const { room } = circuitOf(peer)
    const fitting = room === Infinity ? Infinity : Math.max(1, Math.floor(CIRCUIT_SHARE * room / blockBytes))

    return Math.min(this.#maxAnswer(peer), budgetOf(peer).left('blocksAsked'), fitting)
  }

  /** Has a peer send what is missing of a span, as far as it may be asked for it. */
  begin (span: RequestedSpan, peer: Session, blockBytes: number): SpanRequest {
    const request = new SpanRequest({ span, peer, startedAt: this.#clock.now(), maxBlocks: Math.max(1, this.maxBlocks(peer, blockBytes)) })
    budgetOf(peer).take('blocksAsked', request.left)
    span.requests.add(request)
    this.#of(peer).pace.onStart(request.startedAt)

    return request
  }

  /** To be called in place of {@link finish} when a request was answered. */
  answered (request: SpanRequest): void {
    if (!request.isEmpty) {
      const asked = request.endHeight - request.startHeight + 1
      this.#of(request.peer).answers.onAnswer(asked, asked - request.left)
    }

    this.finish(request)
  }

  /** To be called when a request has ended by itself. */
  finish (request: SpanRequest): void {
    request.isOver = true
    request.span.requests.delete(request)
    this.#of(request.peer).pace.onEnd(this.#clock.now())
  }

  /** Ends a request. What has come of it stays. */
  drop (request: SpanRequest): void {
    this.finish(request)
    request.giveUp()
  }

  /** Ends every request for a span. */
  giveUp (span: RequestedSpan): void {
    [...span.requests].forEach((request) => { this.drop(request) })
  }

  onBytes (request: SpanRequest, bytes: number): void {
    const { pace } = this.#of(request.peer)
    const now = this.#clock.now()

    if (request.firstAt == null) {
      request.firstAt = now
      pace.onFirstAnswer(now - request.startedAt)
    }

    pace.onBytes(bytes, now)
  }

  /** Whether what is waited for is late: quiet for too long, or under way for too long by the measure of the fastest. */
  isLate (request: SpanRequest, { quietSince, blockBytes }: { quietSince: number, blockBytes: number }): boolean {
    const { peer, startedAt, startHeight, endHeight } = request
    const now = this.#clock.now()
    const { pace } = this.#of(peer)
    const perBlock = blockBytes * pace.underWay / (this.#rateOf(peer) ?? Infinity)
    const slowAfter = this.#slowAfter([request], (endHeight - startHeight + 1) * blockBytes)
    const patience = Math.max(HEDGE_AFTER_MS, PATIENCE * (pace.firstAnswerMs ?? 0), PATIENCE * perBlock)

    return now - Math.max(quietSince, startedAt) >= Math.min(patience, slowAfter) || now - startedAt >= slowAfter
  }

  /** Whether two that are both to send what is waited for have taken too long. */
  areLate (requests: readonly SpanRequest[], blockBytes: number): boolean {
    const [{ startHeight, endHeight }] = requests as [SpanRequest]
    const bytes = (endHeight - startHeight + 1) * blockBytes

    return this.#clock.now() - Math.max(...requests.map(({ startedAt }) => startedAt)) >= this.#slowAfter(requests, bytes)
  }

  /** Who else can be asked for `height`: the fastest that is clearly faster, then one of whom nothing is known yet, then any. */
  rivalOf (request: SpanRequest | undefined, height: number): Session | undefined {
    const slow = 2 * (request == null ? 0 : this.#rateOf(request.peer) ?? 0)
    const rank = (peer: Session): number => {
      const rate = this.#rateOf(peer)

      return rate == null ? 1 : rate > slow ? 2 : 0
    }

    return this.#usable()
      .filter((peer) => peer !== request?.peer && !this.#of(peer).isLate && this.#mayBeAsked(peer) && this.mayHave(peer, height))
      .sort((a, b) => rank(b) - rank(a) || (this.#rateOf(b) ?? 0) - (this.#rateOf(a) ?? 0))[0]
  }

  /** Takes note of a peer that has sent what follows what was handed out. What others send ahead of that may be made up. */
  noteProven (peer: Session): void { this.#of(peer).isProven = true }

  /** Takes note of a peer that everything has waited for in vain. */
  noteLate (peer: Session): void { this.#of(peer).isLate = true }

  /** Takes note that a peer does not have the block at `height`, nor those above it. */
  lacks (peer: Session, height: number): void {
    const known = this.#of(peer)
    known.ceiling = Math.min(known.ceiling, height - 1)
    this.#note(new RequestError('UNAVAILABLE', `peer ${peer.id} does not have block ${height}`))
  }

  /** Asks a peer no more. */
  exclude (peer: Session, reason: unknown): void {
    this.#excluded.add(peer)
    this.#note(reason instanceof RequestError ? reason : new RequestError('DISCONNECTED', errorMessage(reason), { cause: reason }))
  }

  /** Why nobody can send the block at `height`. That nobody's blocks are linked says more than that somebody has gone. */
  error (height: number, endHeight: number): RequestError {
    const what = `blocks ${height} to ${endHeight}`
    const cause = this.#reasons.find(({ code }) => code === 'UNLINKED') ?? this.#reasons.at(-1)

    if (cause == null) {
      return new RequestError('NO_PEERS', `No peer to ask for ${what}`)
    }

    return new RequestError(cause.code, `No peer could send ${what}: ${this.#reasons.map(errorMessage).join('; ')}`, { cause })
  }

  #note (reason: RequestError): void {
    this.#reasons = [...this.#reasons, reason].slice(-MAX_REASONS)
  }

  /** The rate of the fastest that may have the block at `height`, in bytes per ms. */
  #bestRate (height: number): number {
    return Math.max(0, ...this.#usable().map((peer) => this.mayHave(peer, height) ? this.#rateOf(peer) ?? 0 : 0))
  }

  /**
   * How long so many bytes may take whoever is asked for them, by the measure of the fastest. Where somebody else has them of whom nothing
   * is known yet, that is no measure: those who are asked would set it themselves.
   */
  #slowAfter (requests: readonly SpanRequest[], bytes: number): number {
    const [{ startHeight }] = requests as [SpanRequest]
    const asked = requests.map(({ peer }) => peer)
    const others = this.#usable().filter((peer) => !asked.includes(peer) && !this.#of(peer).isLate && this.mayHave(peer, startHeight))
    const best = others.some((peer) => this.#rateOf(peer) == null) ? 0 : this.#bestRate(startHeight)

    return best === 0 ? SLOW_AFTER_MS : Math.max(SLOW_AFTER_MS, MAX_SPREAD * bytes / best)
  }

  /** Whether a peer may be asked for as much as is worth a request. */
  #mayBeAsked (peer: Session): boolean {
    return budgetOf(peer).isWorthwhile('blocksAsked', this.#maxAnswer(peer))
  }

  /** Whether a block goes through the connection of a peer, where a relay limits it: one request at a time is sized by what is left. */
  #hasRoom (peer: Session, blockBytes: number): boolean {
    const circuit = circuitOf(peer)

    return !circuit.isLimited ||
      (this.#of(peer).pace.underWay === 0 && circuit.fits(Math.min(blockBytes, CIRCUIT_SHARE * circuit.capacity)))
  }

  #maxAnswer (peer: Session): number {
    return Math.min(MAX_RANGE_BLOCKS, this.#of(peer).answers.max)
  }

  #hasDelivered (peer: Session): boolean {
    return this.#of(peer).isProven && !this.#of(peer).isLate
  }

  #rateOf (peer: Session): number | undefined {
    return this.#of(peer).pace.rate(this.#clock.now())
  }

  #usable (): Session[] {
    return [...this.#peers()].filter((peer) => !this.#excluded.has(peer))
  }

  #of (peer: Session): Known {
    let known = this.#known.get(peer)

    if (known == null) {
      known = { pace: new Throughput(), answers: new AnswerSize(), ceiling: Infinity, isLate: false, isProven: false }
      this.#known.set(peer, known)
    }

    return known
  }
}
