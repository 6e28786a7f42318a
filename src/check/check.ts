import type { CheckContext } from './context.ts'

/**
 * What a check does to the target.
 *
 * - `polite`: Nothing that a node may hold against a peer.
 * - `rude`: The target may hold it against the peer: invented items, silence, more than it likes. No conforming node bans for it at once.
 * - `ban`: A violation: the target may ban the identity and the host.
 */
export type Manners = 'polite' | 'rude' | 'ban'

/** One check. */
export interface Check {
  /** Stable: lower case, words with hyphens, the first word is that of the group. */
  id: string
  /** What the target has to do, in a sentence. */
  title: string
  /** The heading of docs/protocol.md that it tests. */
  section: string
  /** The words there, as they are. */
  text: string
  manners: Manners
  /** How long it waits for a deadline of the protocol, in ms. @default 0 */
  lasts?: number
  /** Whether nearly every other check builds on what it tests. @default false */
  isBasic?: boolean
  /** Whether the target has to dial. @default false */
  listens?: boolean
  /**
   * When it runs: `alongside` all others, which it watches; `alone`, since it fills the target; `last`, since it says what all have seen.
   * By default beside others.
   */
  when?: 'alongside' | 'alone' | 'last'
  /** Throws a `CheckFailure` or a `CheckSkipped`. */
  run: (context: CheckContext) => Promise<void>
}

/** What came of a check. */
export type Verdict = 'ok' | 'failed' | 'skipped'

/** The outcome of a check. */
export interface CheckResult {
  check: Check
  verdict: Verdict
  /** How long it took, in ms. */
  ms: number
  /** Of a failure. */
  expected?: string
  /** Of a failure. */
  seen?: string
  /** Why it was skipped. */
  reason?: string
}
