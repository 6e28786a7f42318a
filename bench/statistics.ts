/** The smallest value that so many of all (from 0 to 1) are not above. Throws where there is none. */
export function percentile (values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]

  if (value == null) {
    throw new Error('There is nothing to take a percentile of')
  }

  return value
}

/** The smallest, the middle and the largest of some values. */
export interface Spread { min: number, median: number, max: number }

/** Of an even number, the median is the mean of the two in the middle. Throws where there is none. */
export function spread (values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [min, max, upper] = [sorted[0], sorted.at(-1), sorted[middle]]

  if (min == null || max == null || upper == null) {
    throw new Error('There is nothing to take a median of')
  }

  return { min, max, median: sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2 }
}
