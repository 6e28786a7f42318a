import { Pace } from './pace.ts'
import { SpanRequest } from './span-request.ts'
import { errorMessage, RequestError } from '../errors.ts'
import type { RequestedSpan } from './span-request.ts'
import type { Clock } from '../clock.ts'
import type { Session } from '../peer/handler.ts'

/** Requests that one peer has under way at a time: while one is on its way here the next is on its way there. */
export const MAX_IN_FLIGHT = 4

/** What is waited for may be quiet for this long before somebody else is asked too, in ms, and longer for peers that are far away. */
export const HEDGE_AFTER_MS = 1000

/** A request that everything waits for may take this long before somebody else is asked too, in ms. */
export const SLOW_AFTER_MS = 5000

const FIRST_ANSWERS = 3

/** How many reasons an error gives. */
const MAX_REASONS = 8

/** What is known of one peer. */
interface Known {
  pace: Pace
  /** The last height that it can have, as far as it has shown. */
  ceiling: number
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

  /** Those that can take one more request, the fastest first; those that were never asked before them, to get to know them. */
  free (): Session[] {
    const now = this.#clock.now()
    const rates = new Map(this.#usable().map((peer) => [peer, this.#of(peer).pace.rate(now) ?? Infinity]))

    return [...rates.keys()]
      .filter((peer) => this.#of(peer).pace.underWay < MAX_IN_FLIGHT)
      .sort((a, b) => rates.get(b)! - rates.get(a)! || 0)
  }

  /** Whether a peer may have the block at `height`: it says so, or nobody does, for then they may have grown since. */
  mayHave (peer: Session, height: number): boolean {
    if (this.#of(peer).ceiling < height) {
      return false
    }

    return peer.bestHeight >= height || !this.#usable().some((other) => other.bestHeight >= height && this.#of(other).ceiling >= height)
  }

  /** The last height that a peer is asked for, where it is asked for `height`. */
  lastHeight (peer: Session, height: number): number {
    const { ceiling } = this.#of(peer)

    return peer.bestHeight >= height ? Math.min(ceiling, peer.bestHeight) : ceiling
  }

  /** Bytes to ask a peer for in one go. */
  requestBytes (peer: Session): number { return this.#of(peer).pace.requestBytes(this.#clock.now()) }

  /** Has a peer send what is missing of a span. */
  begin (span: RequestedSpan, peer: Session): SpanRequest {
    const request = new SpanRequest({ span, peer, startedAt: this.#clock.now() })
    span.requests.add(request)
    this.#of(peer).pace.onStart(request.startedAt)

    return request
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

  /** Whether what is waited for is late: quiet for too long, or under way for too long. */
  isLate ({ peer, startedAt }: SpanRequest, quietSince: number): boolean {
    const now = this.#clock.now()
    const patience = Math.max(HEDGE_AFTER_MS, FIRST_ANSWERS * (this.#of(peer).pace.firstAnswerMs ?? 0))

    return now - quietSince >= patience || now - startedAt >= Math.max(SLOW_AFTER_MS, patience)
  }

  /** Who else can be asked for `height`: the one that has least to do. */
  rivalOf (request: SpanRequest, height: number): Session | undefined {
    return this.#usable()
      .filter((peer) => peer !== request.peer && this.mayHave(peer, height) && this.#of(peer).pace.underWay <= MAX_IN_FLIGHT)
      .sort((a, b) => this.#of(a).pace.underWay - this.#of(b).pace.underWay)[0]
  }

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

  #usable (): Session[] {
    return [...this.#peers()].filter((peer) => !this.#excluded.has(peer))
  }

  #of (peer: Session): Known {
    let known = this.#known.get(peer)

    if (known == null) {
      known = { pace: new Pace(), ceiling: Infinity }
      this.#known.set(peer, known)
    }

    return known
  }
}
