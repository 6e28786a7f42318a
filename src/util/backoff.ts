/** Pauses that double, in ms: the first, and the longest. */
export interface Backoff {
  readonly first: number
  readonly longest: number
}

/** The pause after the `failures`th failure in a row, from 1, in ms. */
export function backoff ({ first, longest }: Backoff, failures: number): number {
  return Math.min(longest, first * 2 ** Math.max(0, failures - 1))
}
