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
 * A wait that has not ended as the test expects.
 *
 * @remarks Thrown as one of the three below it, which say what to look at.
 */
export abstract class WaitError extends VibeCoinError {
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
 * What a test waited for did not come in time.
 *
 * @remarks Look at `came`, which says what came in its place. On a busy machine, wait longer: each wait takes `within`.
 */
export class WaitTimeoutError extends WaitError {
  override readonly name = 'WaitTimeoutError'
}

/**
 * A message came that the test does not expect, or one that cannot be decoded.
 *
 * @remarks Look at `came`. Where the bytes are the fault, `cause` is the `DecodeError`.
 */
export class UnexpectedMessageError extends WaitError {
  override readonly name = 'UnexpectedMessageError'
}

/**
 * The session has ended while the test waited for something else.
 *
 * @remarks Look at `closure`, which says which side has ended it and what it said.
 */
export class UnexpectedEndError extends WaitError {
  override readonly name = 'UnexpectedEndError'

  /** How the session has ended. */
  readonly closure: RawClosure

  constructor (message: string, { closure, ...facts }: WaitFacts & { closure: RawClosure }) {
    super(message, facts)
    this.closure = closure
  }
}
