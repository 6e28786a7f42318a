// What queries of the dashboard and of the alerts have in common.

/** The labels of one node: one process may have several. */
export const NODE = 'instance, node'

/** The series of a metric that the variables of the dashboard choose, with more matchers where there are some. */
export function of (metric: string, matchers = ''): string {
  return `${metric}{job=~"$job", instance=~"$instance"${matchers === '' ? '' : `, ${matchers}`}}`
}

/** What a counter grows by in a second. */
export function rate (metric: string, matchers = ''): string {
  return `rate(${of(metric, matchers)}[$__rate_interval])`
}

/** A rate of all series that have these labels in common. */
export function rateBy (labels: string, metric: string, matchers = ''): string {
  return `sum by (${labels}) (${rate(metric, matchers)})`
}

/** A quantile of a histogram, by these labels. */
export function quantile (share: number, labels: string, metric: string): string {
  return `histogram_quantile(${share}, ${rateBy(`le, ${labels}`, `${metric}_bucket`)})`
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** The same with all durations multiplied: tests do not wait for minutes. */
export function scale (text: string, factor: number): string {
  return factor === 1
    ? text
    : text.replace(/\b(\d+)(ms|s|m|h)\b/g, (_, count: string, unit: string) => `${Math.round(Number(count) * UNITS[unit]! * factor)}ms`)
}
