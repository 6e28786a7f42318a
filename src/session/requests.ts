import { Deadline } from '../util/deadline.ts'
import { DisconnectedError, ProtocolViolationError, RequestError } from '../errors.ts'
import type { RequestErrorCode } from '../errors.ts'
import type { Clock } from '../util/clock.ts'
import type { MessageType } from '../types/message.ts'

/**
 * Requests to one peer that are under way at a time.
 *
 * @remarks A request throws a `RequestError` with the code `TOO_MANY`.
 */
export const MAX_REQUESTS = 64

/** How many times `requestTimeout` a request waits in all, while the peer answers others. */
export const MAX_TIMEOUTS = 6

/** Requests that the node has given up, and whose answers may still come. It ignores answers to even older ones. */
export const MAX_GIVEN_UP = 256

/**
 * Takes the body of a response. True where it is the last of its request. A RequestError that it throws ends the request. Any other error
 * ends the session too: the peer has not sent what the node asked for.
 */
export type OnResponse = (body: Uint8Array) => boolean | Promise<boolean>

/** A request to be made. */
export interface RequestInit {
  /** The type of the responses. */
  expects: MessageType
  /** Sends the request under this id. False where it could not be queued. */
  send: (id: bigint) => boolean
  onResponse: OnResponse
  signal?: AbortSignal
}

/** What became of a request: `answered`, `aborted` by its signal, or the code of the RequestError. */
export type RequestOutcome = 'answered' | 'aborted' | RequestErrorCode

/** What measures requests. None of it may throw. */
export interface RequestMeters {
  /** Takes the time from a request to its first answer, in ms. */
  answered: (ms: number) => void
  /** Takes note of a request that has ended. */
  requested: (outcome: RequestOutcome) => void
}

/** Options of {@link Requests}. */
export interface RequestsInit {
  clock: Clock
  /** How long a peer may answer nothing while it has a request, in ms. */
  timeout: number
  /** True while the node itself does not read. */
  isHeldUp?: () => boolean
  meters?: RequestMeters | undefined
}

interface Pending {
  expects: MessageType
  onResponse: OnResponse
  settle: (error?: Error) => void
  /** When the request was made, by the clock; `undefined` when its first answer has come. */
  askedAt: number | undefined
  /** When the request was made, or its last answer was taken, by the clock. */
  since: number
  /** It does not run while an answer is taken. */
  deadline: Deadline
}

/**
 * The requests that one peer has to answer. Each settles exactly once: by its last response, an error, its deadline, its signal or the end
 * of the session.
 */
export class Requests {
  readonly #clock: Clock
  readonly #timeout: number
  readonly #isHeldUp: () => boolean
  readonly #meters: RequestMeters | undefined
  /** When the last answer to any request came: a peer that answers one request after the other is not late with the last. */
  #answeredAt = -Infinity
  /** Absent before the first request: most sessions have none under way. */
  #pending: Map<bigint, Pending> | undefined
  #givenUp: Set<bigint> | undefined
  #nextId = 1n
  #forgottenBelow = 0n
  #ended: Error | undefined

  constructor ({ clock, timeout, isHeldUp = () => false, meters }: RequestsInit) {
    this.#meters = meters
    this.#clock = clock
    this.#timeout = timeout
    this.#isHeldUp = isHeldUp
  }

  /** Requests under way. */
  get size (): number {
    return this.#pending?.size ?? 0
  }

  /**
   * Makes a request and resolves when its last response was taken.
   * Throws a {@link RequestError}, the signal's reason, or what `onResponse` threw.
   */
  async start (init: RequestInit): Promise<void> {
    init.signal?.throwIfAborted()

    if (this.#ended != null) {
      throw this.#ended
    }

    if (this.size >= MAX_REQUESTS) {
      throw new RequestError('TOO_MANY', `Expected at most ${MAX_REQUESTS} requests to a peer at a time`)
    }

    const id = this.#nextId++
    const onAbort = (): void => { this.#giveUp(id, init.signal?.reason as Error) }

    try {
      await new Promise<void>((resolve, reject) => {
        // a signal may be aborted with any value, and `null` is one
        const settle = (error?: Error): void => {
          if (error === undefined) {
            resolve()
          } else {
            reject(error)
          }
        }

        const { expects, onResponse } = init
        const askedAt = this.#clock.now()
        this.#pending ??= new Map()
        this.#pending.set(id, { expects, onResponse, settle, askedAt, since: 0, deadline: this.#createDeadline(id) })
        this.#arm(id)
        init.signal?.addEventListener('abort', onAbort)

        if (!init.send(id)) {
          this.#settle(id, new RequestError('DISCONNECTED', 'The session takes no more requests'))
        }
      })
    } finally {
      init.signal?.removeEventListener('abort', onAbort)
      // does nothing, unless `send` has thrown
      this.#settle(id, new RequestError('DISCONNECTED', 'The request could not be sent'))
    }
  }

  /**
   * Takes a response. Returns what the reader waits for before it reads more from the peer.
   * Throws a {@link ProtocolViolationError} for one that the node has not asked for.
   */
  onResponse (type: MessageType, id: bigint | undefined, body: Uint8Array): Promise<void> | undefined {
    const pending = id == null ? undefined : this.#pending?.get(id)

    if (id == null || pending == null) {
      if (id != null && (this.#givenUp?.has(id) === true || id < this.#forgottenBelow)) {
        return
      }

      throw new ProtocolViolationError(`A ${type} that nobody asked for`)
    }

    if (type !== pending.expects) {
      throw this.#violation(id, new ProtocolViolationError(`A ${type} where a ${pending.expects} was asked for`))
    }

    pending.deadline.meet()
    this.#answeredAt = this.#clock.now()

    if (pending.askedAt != null) {
      this.#meters?.answered(this.#answeredAt - pending.askedAt)
      pending.askedAt = undefined
    }

    try {
      const last = pending.onResponse(body)

      if (typeof last === 'boolean') {
        this.#onTaken(id, last)
        return
      }

      return last.then((isLast) => { this.#onTaken(id, isLast) }, (err: unknown) => { this.#onUnusable(id, err) })
    } catch (err) {
      this.#onUnusable(id, err)
    }
  }

  /** Settles every request with `error`, and each that comes later. */
  end (error: Error): void {
    this.#ended = error

    for (const id of [...this.#pending?.keys() ?? []]) {
      this.#settle(id, error)
    }
  }

  #onTaken (id: bigint, last: boolean): void {
    if (last) {
      this.#settle(id)
    } else if (this.#pending?.has(id) === true) {
      this.#arm(id)
    }
  }

  #onUnusable (id: bigint, err: unknown): void {
    if (!(err instanceof RequestError)) {
      throw this.#violation(id, err)
    }

    this.#giveUp(id, err)
  }

  #violation (id: bigint, err: unknown): Error {
    const error = err instanceof Error ? err : new ProtocolViolationError(String(err))
    this.#settle(id, new RequestError('INVALID_RESPONSE', error.message, { cause: error }))

    return error
  }

  #createDeadline (id: bigint): Deadline {
    return new Deadline({ clock: this.#clock, timeout: this.#timeout, onExpired: () => { this.#onLate(id) } })
  }

  #arm (id: bigint): void {
    const pending = this.#pending?.get(id)

    if (pending != null) {
      pending.since = this.#clock.now()
      pending.deadline.start()
    }
  }

  #onLate (id: bigint): void {
    const pending = this.#pending?.get(id)

    if (pending == null) {
      return
    }

    if (this.#isHeldUp()) {
      pending.deadline.start()
      return
    }

    const left = Math.min(this.#answeredAt + this.#timeout, pending.since + MAX_TIMEOUTS * this.#timeout) - this.#clock.now()

    // timers are not exact to the millisecond
    if (left >= 1) {
      pending.deadline.start(left)
    } else {
      this.#giveUp(id, new RequestError('TIMEOUT', `No response within ${this.#timeout} ms`))
    }
  }

  #giveUp (id: bigint, error: Error): void {
    if (!this.#settle(id, error)) {
      return
    }

    this.#givenUp ??= new Set()
    this.#givenUp.add(id)

    if (this.#givenUp.size > MAX_GIVEN_UP) {
      const oldest = this.#givenUp.values().next().value!
      this.#givenUp.delete(oldest)
      this.#forgottenBelow = oldest + 1n
    }
  }

  #settle (id: bigint, error?: Error): boolean {
    const pending = this.#pending?.get(id)

    if (pending == null) {
      return false
    }

    this.#pending?.delete(id)
    pending.deadline.stop()
    pending.settle(error)
    this.#meters?.requested(outcomeOf(error))

    return true
  }
}

function outcomeOf (error: Error | undefined): RequestOutcome {
  if (error === undefined) {
    return 'answered'
  }

  return error instanceof RequestError ? error.code : error instanceof DisconnectedError ? 'DISCONNECTED' : 'aborted'
}
