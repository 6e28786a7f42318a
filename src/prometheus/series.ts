import { BucketHistogram } from './bucket-histogram.ts'
import { systemClock } from '../util/clock.ts'
import type { Refresh } from './registry-metrics.ts'
import type { CalculateMetric } from '@libp2p/interface'
import type { Counter, Gauge, Summary } from 'prom-client'

/** The labels of a series. */
type Labels = Record<string, string>
/** By how much a series changes: anything but a number is 1. */
type Changes = Record<string, unknown>
/** The labels of the series of a key. */
export type LabelsOf = (key: string) => Labels

/** The key of a metric that has one series. */
export const ONLY = ''

/**
 * The counters of one node in a metric. They are kept as plain numbers until the metric is read: to count costs next to nothing, and
 * some of them count every message.
 */
export class CounterSeries {
  readonly #labelsOf: LabelsOf
  readonly #pending = new Map<string, number>()

  /** The series of `keys` are there from the start. */
  constructor (labelsOf: LabelsOf, keys: readonly string[] = []) {
    this.#labelsOf = labelsOf
    keys.forEach((key) => { this.#pending.set(key, 0) })
  }

  increment (changes: Changes): void {
    for (const key in changes) {
      this.add(key, amount(changes[key]))
    }
  }

  add (key: string, by: number): void {
    this.#pending.set(key, (this.#pending.get(key) ?? 0) + by)
  }

  /** Writes what has been counted since the last time. */
  writeTo (counter: Counter): void {
    this.#pending.forEach((value, key) => { counter.inc(this.#labelsOf(key), value) })
    this.#pending.clear()
  }
}

/** The gauges of one node in a metric. They too are written when the metric is read. */
export class GaugeSeries {
  readonly #labelsOf: LabelsOf
  #values = new Map<string, number>()
  /** Those that the metric has now. */
  readonly #written = new Set<string>()

  constructor (labelsOf: LabelsOf) {
    this.#labelsOf = labelsOf
  }

  update (values: Record<string, number>): void {
    Object.entries(values).forEach(([key, value]) => { this.#values.set(key, value) })
  }

  /** {@link update}, and forgets all others. */
  replace (values: Record<string, number>): void {
    this.#values = new Map(Object.entries(values))
  }

  increment (changes: Changes, sign: 1 | -1 = 1): void {
    Object.entries(changes).forEach(([key, change]) => {
      this.#values.set(key, (this.#values.get(key) ?? 0) + sign * amount(change))
    })
  }

  /** Begins to measure a time, in seconds. */
  timer (key: string): () => void {
    const since = systemClock.now()

    return () => { this.#values.set(key, (systemClock.now() - since) / 1000) }
  }

  writeTo (gauge: Gauge): void {
    this.#written.forEach((key) => {
      if (!this.#values.has(key)) {
        this.#written.delete(key)
        gauge.remove(this.#labelsOf(key))
      }
    })
    this.#values.forEach((value, key) => {
      this.#written.add(key)
      gauge.set(this.#labelsOf(key), value)
    })
  }

  /** Takes all series out of the metric. */
  removeFrom (gauge: Gauge): void {
    this.#written.forEach((key) => { gauge.remove(this.#labelsOf(key)) })
    this.#written.clear()
  }
}

/** What is observed of one node in a metric. */
export class ObservedSeries {
  readonly #metric: BucketHistogram | Summary
  readonly #labelsOf: LabelsOf
  /** What takes the values of each key. */
  readonly #takers = new Map<string, (value: number) => void>()

  constructor (metric: BucketHistogram | Summary, labelsOf: LabelsOf) {
    this.#metric = metric
    this.#labelsOf = labelsOf
  }

  observe (values: Record<string, number>): void {
    for (const key in values) {
      this.take(key)(values[key]!)
    }
  }

  /** Begins to measure a time, in seconds. */
  timer (key: string): () => void {
    const since = systemClock.now()

    return () => { this.take(key)((systemClock.now() - since) / 1000) }
  }

  /** What takes the values of a key. The series of a histogram is there from then on. */
  take (key: string): (value: number) => void {
    const taker = this.#takers.get(key) ?? this.#create(this.#labelsOf(key))
    this.#takers.set(key, taker)

    return taker
  }

  #create (labels: Labels): (value: number) => void {
    if (this.#metric instanceof BucketHistogram) {
      const series = this.#metric.series(labels)

      return (value) => { series.observe(value) }
    }

    const summary = this.#metric

    return (value) => { summary.observe(labels, value) }
  }
}

/** Has `take` take what a metric calculates, and `write` write it: at once where it is there at once. */
export function refreshWith<Value> (
  calculate: CalculateMetric<Value> | undefined, take: (value: Value) => void, write: () => void
): Refresh {
  return () => {
    const value = calculate?.()

    if (value instanceof Promise) {
      return value.then((value) => {
        take(value)
        write()
      })
    }

    if (value !== undefined) {
      take(value)
    }

    write()
  }
}

function amount (change: unknown): number {
  return typeof change === 'number' ? change : 1
}
