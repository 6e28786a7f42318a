import { VibeCoinError } from '../../errors.ts'
import type { RawClosure } from './closure.ts'

/** What an error of a wait tells. */
export interface WaitFacts {
  /** What the test waited for, in words. */
  waitedFor: string
  /** What came in its place, in words, the oldest first. At most the last 32. */
  came: readonly string[]
  /** The error behind it, where there is one. */
  cause?: unknown
}

/**
 * What a test waited for did not come in time.
 *
 * @remarks Look at `came`, which says what came in its place. On a busy machine, wait longer: each wait takes `within`.
 */
export class WaitTimeoutError extends VibeCoinError {
  override readonly name = 'WaitTimeoutError'

  /** What the test waited for, in words. */
  readonly waitedFor: string

  /** What came in its place, in words, the oldest first. At most the last 32. */
  readonly came: readonly string[]

  constructor (message: string, { waitedFor, came, cause }: WaitFacts) {
    super(message, { cause })
    this.waitedFor = waitedFor
    this.came = came
  }
}

/**
 * A message came that the test does not expect, or one that cannot be decoded.
 *
 * @remarks Look at `came`. Where the bytes are the fault, `cause` is the `DecodeError`.
 */
export class UnexpectedMessageError extends VibeCoinError {
  override readonly name = 'UnexpectedMessageError'

  /** What the test waited for, in words. */
  readonly waitedFor: string

  /** What came in its place, in words, the oldest first. At most the last 32. */
  readonly came: readonly string[]

  constructor (message: string, { waitedFor, came, cause }: WaitFacts) {
    super(message, { cause })
    this.waitedFor = waitedFor
    this.came = came
  }
}

/**
 * The session has ended while the test waited for something else.
 *
 * @remarks Look at `closure`, which says which side has ended it and what it said.
 */
export class UnexpectedEndError extends VibeCoinError {
  override readonly name = 'UnexpectedEndError'

  /** What the test waited for, in words. */
  readonly waitedFor: string

  /** What came in its place, in words, the oldest first. At most the last 32. */
  readonly came: readonly string[]

  /** How the session has ended. */
  readonly closure: RawClosure

  constructor (message: string, { waitedFor, came, closure, cause }: WaitFacts & { closure: RawClosure }) {
    super(message, { cause })
    this.waitedFor = waitedFor
    this.came = came
    this.closure = closure
  }
}
