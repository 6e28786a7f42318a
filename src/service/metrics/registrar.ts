import type { Metrics } from '@libp2p/interface'

/** Counts by label. */
export type Count<Key extends string> = (key: Key, by?: number) => void

/** Takes a time in ms. */
export type Time = (ms: number) => void

/** Numbers by a label, and how they are read. */
export interface Labelled { label: string, read: () => Record<string, number> }

/** How long answers take, in seconds: from the same machine, from the other side of the world, and late. */
export const ANSWER_BUCKETS: readonly number[] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** How long an item takes through a node, in seconds: from what is pushed and judged at once to a chain that is slow. */
export const SPREAD_BUCKETS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What the application does, in seconds: from a look into memory to a stall. */
export const WORK_BUCKETS: readonly number[] = [0.0001, 0.001, 0.005, 0.02, 0.1, 0.5, 2.5, 10]

/** Registers metrics with libp2p's. Their names begin with `vibecoin_`, and times are in seconds. */
export class Registrar {
  readonly #metrics: Metrics

  constructor (metrics: Metrics) {
    this.#metrics = metrics
  }

  /** Counters by a label, of which `keys` are there from the start. */
  counters<Key extends string> (name: string, help: string, { label, keys }: { label: string, keys: readonly Key[] }): Count<Key> {
    const group = this.#metrics.registerCounterGroup(name, { help, label })
    group.increment(Object.fromEntries(keys.map((key) => [key, 0])))
    const changes = changesOf(keys)

    return (key, by = 1) => { group.increment(change(changes, key, by)) }
  }

  /** Counters by a label, of something that counts by itself: `read` gives what there was in all. */
  totals (name: string, help: string, { label, read }: Labelled): void {
    let before: Record<string, number> = {}

    this.#metrics.registerCounterGroup(name, {
      help,
      label,
      // libp2p adds what is calculated to what there was
      calculate: () => {
        const now = read()
        const added = Object.entries(now).map(([key, total]) => [key, total - (before[key] ?? 0)])
        before = now

        return Object.fromEntries(added) as Record<string, number>
      }
    })
  }

  /** A gauge that is read when it is asked for. */
  gauge (name: string, help: string, read: () => number): void {
    this.#metrics.registerMetric(name, { help, calculate: read })
  }

  /** Gauges by a label that are read when they are asked for. */
  gauges (name: string, help: string, { label, read }: Labelled): void {
    this.#metrics.registerMetricGroup(name, { help, label, calculate: read })
  }

  /** A histogram of times, with the upper ends of its buckets in seconds. */
  times (name: string, help: string, buckets: readonly number[]): Time {
    const histogram = this.#metrics.registerHistogram(name, { help, buckets: [...buckets] })

    return (ms) => { histogram.observe(ms / 1000) }
  }

  /** A histogram of numbers, with the upper ends of its buckets. */
  numbers (name: string, help: string, buckets: readonly number[]): (value: number) => void {
    const histogram = this.#metrics.registerHistogram(name, { help, buckets: [...buckets] })

    return (value) => { histogram.observe(value) }
  }

  /** Histograms of times by a label, of which `keys` are there from the start, where the metrics can do that. */
  timesBy<Key extends string> (
    name: string, help: string, { label, keys, buckets }: { label: string, keys: readonly Key[], buckets: readonly number[] }
  ): (key: Key, ms: number) => void {
    // `keys` is an option of vibecoin-network/prometheus
    const group = this.#metrics.registerHistogramGroup(name, { help, label, buckets: [...buckets], ...{ keys } })

    const changes = changesOf(keys)

    return (key, ms) => { group.observe(change(changes, key, ms / 1000)) }
  }
}

type Changes = ReadonlyMap<string, Record<string, number>>

/** An object for each key, made once: to make one for each message would cost more than to count it. */
function changesOf (keys: readonly string[]): Changes {
  return new Map(keys.map((key) => [key, { [key]: 0 }]))
}

function change (changes: Changes, key: string, value: number): Record<string, number> {
  const change = changes.get(key) ?? {}
  change[key] = value

  return change
}
