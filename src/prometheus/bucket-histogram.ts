type Labels = Record<string, string>

/** A line of a page. */
interface Value { metricName: string, labels: Labels, value: number }

/** What a registry of `prom-client` reads of a metric. */
interface Read { name: string, help: string, type: 'histogram', aggregator: 'sum', values: Value[] }

/** Options of {@link BucketHistogram}. */
export interface HistogramInit {
  name: string
  help: string
  /** The upper ends of the buckets, in ascending order. */
  buckets?: readonly number[]
  /** Called before the histogram is read. */
  collect: () => void | Promise<void>
}

/** What `prom-client` has too. */
const BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * A histogram for a registry of `prom-client`. That of `prom-client` makes a text of the labels for each value, which takes as long as half
 * of the work on a transaction. Here a series is looked up once, and a value is counted in plain numbers.
 */
export class BucketHistogram {
  readonly name: string
  readonly help: string
  readonly type = 'histogram'
  readonly #buckets: readonly number[]
  readonly #collect: () => void | Promise<void>
  readonly #series = new Map<string, BucketSeries>()

  constructor ({ name, help, buckets = BUCKETS, collect }: HistogramInit) {
    this.name = name
    this.help = help
    this.#buckets = buckets
    this.#collect = collect
  }

  /** The series of these labels, which is made where there is none. */
  series (labels: Labels): BucketSeries {
    const key = JSON.stringify(labels)
    const series = this.#series.get(key) ?? new BucketSeries(labels, this.#buckets)
    this.#series.set(key, series)

    return series
  }

  /** Reads it, as the registry does. */
  async get (): Promise<Read> {
    const pending = this.#collect()

    // all metrics of a page are of the same moment where nothing is waited for
    if (pending != null) {
      await pending
    }

    const { name, help, type } = this

    return { name, help, type, aggregator: 'sum', values: [...this.#series.values()].flatMap((series) => series.read(name)) }
  }

  /** Empties every series. */
  reset (): void {
    this.#series.forEach((series) => { series.reset() })
  }
}

/** The values of a histogram with the same labels. */
export class BucketSeries {
  readonly #labels: Labels
  readonly #buckets: readonly number[]
  /** How many values are in each bucket, and not in the ones below; at the end, those above all. */
  readonly #counts: Float64Array
  #sum = 0

  constructor (labels: Labels, buckets: readonly number[]) {
    this.#labels = labels
    this.#buckets = buckets
    this.#counts = new Float64Array(buckets.length + 1)
  }

  observe (value: number): void {
    let bucket = 0

    while (bucket < this.#buckets.length && value > this.#buckets[bucket]!) {
      bucket++
    }

    this.#counts[bucket]!++
    this.#sum += value
  }

  reset (): void {
    this.#counts.fill(0)
    this.#sum = 0
  }

  /** Its lines. */
  read (name: string): Value[] {
    let count = 0
    const lines = Array.from(this.#counts, (more, i) => {
      count += more

      return { metricName: `${name}_bucket`, labels: { le: String(this.#buckets[i] ?? '+Inf'), ...this.#labels }, value: count }
    })

    return [
      ...lines,
      { metricName: `${name}_sum`, labels: this.#labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.#labels, value: count }
    ]
  }
}
