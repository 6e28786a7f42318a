import { VibeCoinError } from '../errors.ts'

/** What was expected of the target, and what it did. */
export interface Finding {
  /** In words, such as `a Pong with the nonce 7`. */
  expected: string
  /** In words, the oldest first. */
  seen: string
}

/** The target did something else than the text says. */
export class CheckFailure extends VibeCoinError implements Finding {
  override readonly name = 'CheckFailure'

  /** What was expected, in words. */
  readonly expected: string

  /** What came in its place, in words. */
  readonly seen: string

  constructor ({ expected, seen }: Finding, options?: ErrorOptions) {
    super(`Expected ${expected}, saw ${seen}`, options)
    this.expected = expected
    this.seen = seen
  }
}

/** A check says nothing of this target: the text leaves it open, or the target's state does not allow it. */
export class CheckSkipped extends VibeCoinError {
  override readonly name = 'CheckSkipped'
}

/**
 * Nothing can be checked: the address cannot be reached, or no node of this protocol is there.
 *
 * @remarks The message says what to do.
 */
export class TargetError extends VibeCoinError {
  override readonly name = 'TargetError'
}
