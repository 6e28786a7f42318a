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

/** How many times slower than the fastest a peer may be. A slower one only keeps everything waiting, and is not asked. */
export const MAX_SPREAD = 16

/**
 * The part of what a limited connection still carries that one request may ask for. A peer whose connection carries less than this part
 * of its first capacity is not asked at all.
 */
const CIRCUIT_SHARE = 0.8

/** Whether a peer keeps the block at `height`, as far as it says: all have the genesis block. */
export function keepsBlock ({ lowestHeight }: Pick<Session, 'lowestHeight'>, height: number): boolean {
  return height === 0 || lowestHeight <= height
}

/** How many reasons an error gives. */
const MAX_REASONS = 8

/** Options of {@link DownloadPeers}. */
export interface DownloadPeersInit {
  /** The peers that may be asked, read again and again: peers come and go. */
  peers: () => Iterable<Session>
  clock: Clock
}

/** What the download knows of one peer. */
interface Known {
  throughput: Throughput
  answers: AnswerSize
  /** The last height that it can have, by its answers. */
  ceiling: number
  /** The download has waited for it in vain. */
  isLate: boolean
  /** A block that it sent was handed out: it followed the one before. */
  isProven: boolean
}

/** The peers of one download: how fast each is, what each does not have, and which are excluded, and why. */
export class DownloadPeers {
  readonly #init: DownloadPeersInit
  readonly #known = new WeakMap<Session, Known>()
  readonly #excluded = new WeakSet<Session>()
  /** Why the last peers could not go on. */
  #reasons: RequestError[] = []

  constructor (init: DownloadPeersInit) {
    this.#init = init
  }

  /** Peers that may be asked. */
  get count (): number { return this.usable().length }

  /** Peers that have a request under way. */
  get busy (): number { return this.usable().filter((peer) => this.#of(peer).throughput.inFlight > 0).length }

  /** Whether any peer may have the block at `height`. */
  some (height: number): boolean { return this.usable().some((peer) => this.mayHave(peer, height)) }

  /**
   * The peers that can take one more request, for blocks of `blockBytes`, while the taker waits for the block at `height`, the fastest
   * first. A peer that was asked for as much as it takes is left out until it may be asked again.
   */
  free (height: number, blockBytes: number): Session[] {
    const slowest = this.bestRate(height) / MAX_SPREAD

    return this.usable()
      .filter((peer) => this.mayBeAsked(peer) && this.throughputOf(peer).hasRoom(this.#now, this.#maxAnswer(peer) * blockBytes))
      .filter((peer) => this.#hasRoom(peer, blockBytes))
      .filter((peer) => (this.rateOf(peer) ?? Infinity) >= slowest)
      .sort((a, b) => (this.rateOf(b) ?? 0) - (this.rateOf(a) ?? 0))
  }

  /** Whether a peer is to be asked for the block that everything waits for: where some have delivered, only one of those is. */
  isReliable (peer: Session, height: number): boolean {
    return this.#hasDelivered(peer) || !this.usable().some((other) => this.#hasDelivered(other) && this.mayHave(other, height))
  }

  /**
   * Whether a peer may have the block at `height`: it says so, or no peer does, for then they may have grown since. Relays are not for
   * whole chains: a peer that is reached through one is passed over where another one has the block.
   */
  mayHave (peer: Session, height: number): boolean {
    if (this.#of(peer).ceiling < height || !keepsBlock(peer, height)) {
      return false
    }

    const hasIt = (other: Session): boolean => other.bestHeight >= height && this.#of(other).ceiling >= height && keepsBlock(other, height)

    if (peer.bestHeight >= height) {
      return !peer.isRelayed || !this.usable().some((other) => !other.isRelayed && hasIt(other))
    }

    return !this.usable().some(hasIt)
  }

  /** The last height that a peer is asked for, where it is asked for `height`. */
  lastHeight (peer: Session, height: number): number {
    const { ceiling } = this.#of(peer)

    return peer.bestHeight >= height ? Math.min(ceiling, peer.bestHeight) : ceiling
  }

  /** Bytes to ask a peer for in one go. */
  requestBytes (peer: Session): number { return this.#of(peer).throughput.requestBytes(this.#now) }

  /**
   * Blocks that a peer may be asked for now, by its budget, the size of its answers and its connection; 1 or more for those that
   * {@link free} gives. `blockBytes` is the size of a block; `Infinity` where it is not known.
   */
  maxBlocks (peer: Session, blockBytes: number): number {
    const { room } = circuitOf(peer)
    const fitting = room === Infinity ? Infinity : Math.max(1, Math.floor(CIRCUIT_SHARE * room / blockBytes))

    return Math.min(this.#maxAnswer(peer), budgetOf(peer).left('blocksAsked'), fitting)
  }

  /** Creates the request to a peer for what is missing of a span, as far as it may be asked for it. */
  begin (span: RequestedSpan, peer: Session, blockBytes: number): SpanRequest {
    const request = new SpanRequest({ span, peer, startedAt: this.#now, maxBlocks: Math.max(1, this.maxBlocks(peer, blockBytes)) })
    budgetOf(peer).take('blocksAsked', request.left)
    span.requests.add(request)
    this.#of(peer).answers.onAsk(request.left)
    this.#of(peer).throughput.onStart(request.startedAt)

    return request
  }

  /** Takes note of a request that was answered to its end, in place of {@link finish}. */
  answered (request: SpanRequest): void {
    if (!request.isEmpty) {
      const asked = request.endHeight - request.startHeight + 1
      this.#of(request.peer).answers.onAnswer(asked, asked - request.left)
    }

    this.finish(request)
  }

  /** Takes note of a request that has ended by itself. */
  finish (request: SpanRequest): void {
    request.isOver = true
    request.span.requests.delete(request)
    this.#of(request.peer).throughput.onEnd(this.#now)
  }

  /** Gives a request up. What has come of it stays. */
  drop (request: SpanRequest): void {
    this.finish(request)
    request.giveUp()
  }

  /** Gives up every request for a span. */
  giveUp (span: RequestedSpan): void {
    [...span.requests].forEach((request) => { this.drop(request) })
  }

  onBytes (request: SpanRequest, bytes: number): void {
    const { throughput: pace } = this.#of(request.peer)
    const now = this.#now

    if (request.firstAt == null) {
      request.firstAt = now
      pace.onFirstAnswer(now - request.startedAt)
    }

    pace.onBytes(bytes, now)
  }

  /** Takes note of a peer of which a block was handed out. What others send ahead of that may be made up. */
  noteProven (peer: Session): void { this.#of(peer).isProven = true }

  /** Takes note of a peer that the download has waited for in vain. */
  noteLate (peer: Session): void { this.#of(peer).isLate = true }

  /** Whether the download has waited for a peer in vain. */
  isLate (peer: Session): boolean { return this.#of(peer).isLate }

  /** How fast a peer delivers, and what it has under way. */
  throughputOf (peer: Session): Throughput { return this.#of(peer).throughput }

  /** Bytes per ms that a peer delivers; `undefined` where that was not measured yet. */
  rateOf (peer: Session): number | undefined { return this.throughputOf(peer).rate(this.#now) }

  /** Takes note that a peer does not have the block at `height`, nor those above it. */
  lacks (peer: Session, height: number): void {
    const known = this.#of(peer)
    known.ceiling = Math.min(known.ceiling, height - 1)
    this.#note(new RequestError('UNAVAILABLE', `peer ${peer.id} does not have block ${height}`))
  }

  /** Excludes a peer: it is asked no more. */
  exclude (peer: Session, reason: unknown): void {
    this.#excluded.add(peer)
    this.#note(reason instanceof RequestError ? reason : new RequestError('DISCONNECTED', errorMessage(reason), { cause: reason }))
  }

  /** Why no peer can send the block at `height`. Blocks that are not linked say more than a peer that has gone. */
  error (height: number, endHeight: number): RequestError {
    const what = `blocks ${height} to ${endHeight}`
    const pruned = this.usable().filter((peer) => !keepsBlock(peer, height))

    for (const { id, lowestHeight } of pruned.slice(0, MAX_REASONS)) {
      this.#note(new RequestError('UNAVAILABLE', `peer ${id} keeps no blocks below ${lowestHeight}`))
    }

    const cause = this.#reasons.find(({ code }) => code === 'UNLINKED') ?? this.#reasons.at(-1)

    if (cause == null) {
      return new RequestError('NO_PEERS', `No peer to ask for ${what}`)
    }

    return new RequestError(cause.code, `No peer could send ${what}: ${this.#reasons.map(errorMessage).join('; ')}`, { cause })
  }

  get #now (): number { return this.#init.clock.now() }

  #note (reason: RequestError): void {
    this.#reasons = [...this.#reasons, reason].slice(-MAX_REASONS)
  }

  /** The rate of the fastest peer that may have the block at `height`, in bytes per ms. */
  bestRate (height: number): number {
    return Math.max(0, ...this.usable().map((peer) => this.mayHave(peer, height) ? this.rateOf(peer) ?? 0 : 0))
  }

  /** Whether the budget of a peer has enough left to be worth a request. */
  mayBeAsked (peer: Session): boolean {
    return budgetOf(peer).isWorthwhile('blocksAsked', this.#maxAnswer(peer))
  }

  /** Whether a block goes through the connection of a peer, where a relay limits it. Such a peer has one request at a time. */
  #hasRoom (peer: Session, blockBytes: number): boolean {
    const circuit = circuitOf(peer)

    return !circuit.isLimited ||
      (this.#of(peer).throughput.inFlight === 0 && circuit.fits(Math.min(blockBytes, CIRCUIT_SHARE * circuit.capacity)))
  }

  #maxAnswer (peer: Session): number {
    return Math.min(MAX_RANGE_BLOCKS, this.#of(peer).answers.max)
  }

  #hasDelivered (peer: Session): boolean {
    return this.#of(peer).isProven && !this.#of(peer).isLate
  }

  /** The peers that are not excluded. */
  usable (): Session[] {
    return [...this.#init.peers()].filter((peer) => !this.#excluded.has(peer))
  }

  #of (peer: Session): Known {
    let known = this.#known.get(peer)

    if (known == null) {
      known = { throughput: new Throughput(), answers: new AnswerSize(), ceiling: Infinity, isLate: false, isProven: false }
      this.#known.set(peer, known)
    }

    return known
  }
}
