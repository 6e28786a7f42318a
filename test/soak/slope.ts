/** A straight line through measurements. */
export interface Slope {
  /** How fast it rises, in units an hour. */
  perHour: number
  /** The standard error of that. */
  error: number
  /** How much it rises from the first measurement to the last. */
  rise: number
}

const HOUR_MS = 3_600_000

/** The line through values at moments in ms that is nearest to all of them (least squares). Throws for less than three of them. */
export function slopeOf (points: readonly { at: number, value: number }[]): Slope {
  const count = points.length

  if (count < 3) {
    throw new Error('A slope with an error takes three measurements')
  }

  const at = mean(points.map(({ at }) => at))
  const value = mean(points.map(({ value }) => value))
  const spread = sum(points.map((point) => (point.at - at) ** 2))
  const perMs = sum(points.map((point) => (point.at - at) * (point.value - value))) / spread
  const squares = sum(points.map((point) => (point.value - value - perMs * (point.at - at)) ** 2))
  const error = Math.sqrt(squares / (count - 2) / spread)

  return { perHour: perMs * HOUR_MS, error: error * HOUR_MS, rise: perMs * (points.at(-1)!.at - points[0]!.at) }
}

function mean (values: number[]): number {
  return sum(values) / values.length
}

function sum (values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
