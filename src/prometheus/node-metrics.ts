import { cleanName, metricsOf, NODE_LABEL } from './registry-metrics.ts'
import { CounterSeries, GaugeSeries, ObservedSeries, ONLY, refreshWith } from './series.ts'
import { ConfigError } from '../errors.ts'
import type { Kind, PromMetrics, Refresh, RegistryMetrics } from './registry-metrics.ts'
import type { LabelsOf } from './series.ts'
import type { CalculateMetric, Counter, CounterGroup, Histogram, HistogramGroup, Metric, MetricGroup } from '@libp2p/interface'
import type { Registry } from 'prom-client'

/** What libp2p and this package register a metric with. */
interface Options<Value> {
  help?: string | undefined
  label?: string | undefined
  calculate?: CalculateMetric<Value>
  /** The keys of a group that are there from the start. Only this package gives them. */
  keys?: readonly string[] | undefined
  buckets?: number[]
  percentiles?: number[]
  maxAgeSeconds?: number
  ageBuckets?: number
  pruneAgedBuckets?: boolean
  compressCount?: number
}

type Values = Record<string, number>

/** What is done for a metric when it is read, and when the node stops. */
interface Part {
  name: string
  refresh: Refresh
  onStop: () => void
}

/** The nodes that run, by registry and name. */
const running = new WeakMap<Registry, Map<string | undefined, NodeMetrics>>()

/** The metrics of one node in a registry of `prom-client`, as libp2p and this package use them. */
export class NodeMetrics {
  readonly [Symbol.toStringTag] = '@vibecoin/prometheus'
  readonly #registry: Registry
  readonly #name: string | undefined
  readonly #metrics: RegistryMetrics
  readonly #parts: Part[] = []
  #isStopped = false

  constructor (registry: Registry, name: string | undefined) {
    this.#registry = registry
    this.#name = name
    this.#metrics = metricsOf(registry)
  }

  /** Throws a ConfigError where a running node has the same name: their series would be mixed up. */
  start (): void {
    const names = running.get(this.#registry) ?? new Map<string | undefined, NodeMetrics>()
    running.set(this.#registry, names)

    if ((names.get(this.#name) ?? this) !== this) {
      throw new ConfigError(this.#name == null
        ? 'Another node has its metrics in the same registry: name each of them with `prometheusMetrics({ node })`'
        : `Another node has its metrics in the same registry under the name ${JSON.stringify(this.#name)}`)
    }

    names.set(this.#name, this)

    if (this.#isStopped) {
      this.#isStopped = false
      this.#parts.forEach(({ name, refresh }) => { this.#metrics.follow(this, name, refresh) })
    }
  }

  /** Leaves the counters as they are, and removes the gauges: they say nothing of a node that does not run. */
  stop (): void {
    if (running.get(this.#registry)?.get(this.#name) === this) {
      running.get(this.#registry)?.delete(this.#name)
    }

    this.#isStopped = true
    this.#metrics.leave(this)
    this.#parts.forEach(({ onStop }) => { onStop() })
  }

  /** Not done: the node counts the bytes of its messages by itself, and to count all others would cost every chunk a call. */
  trackMultiaddrConnection (): void {}

  /** See {@link trackMultiaddrConnection}. */
  trackProtocolStream (): void {}

  registerMetric (name: string, { calculate, help }: Options<number> = {}): Metric {
    const series = this.#addGauges(name, { help, calculate }, (series, value) => { series.update({ [ONLY]: value }) })
    series.update(calculate == null ? { [ONLY]: 0 } : {})

    return {
      update: (value) => { series.update({ [ONLY]: value }) },
      increment: (by = 1) => { series.increment({ [ONLY]: by }) },
      decrement: (by = 1) => { series.increment({ [ONLY]: by }, -1) },
      reset: () => { series.update({ [ONLY]: 0 }) },
      timer: () => series.timer(ONLY)
    }
  }

  registerMetricGroup (name: string, { calculate, help, label = name }: Options<Values> = {}): MetricGroup {
    const series = this.#addGauges(name, { help, label, calculate }, (series, values) => { series.replace(values) })

    return {
      update: (values) => { series.update(values as Values) },
      increment: (changes) => { series.increment(changes) },
      decrement: (changes) => { series.increment(changes, -1) },
      reset: () => { series.replace({}) },
      timer: (key) => series.timer(key)
    }
  }

  registerCounter (name: string, { calculate, help }: Options<number> = {}): Counter {
    const series = this.#addCounters(name, { help, keys: [ONLY], calculate }, (series, value) => { series.add(ONLY, value) })

    return { increment: (by = 1) => { series.add(ONLY, by) }, reset: () => {} }
  }

  registerCounterGroup (name: string, { calculate, help, label = name, keys }: Options<Values> = {}): CounterGroup {
    const series = this.#addCounters(name, { help, label, keys, calculate }, (series, values) => { series.increment(values) })

    return { increment: (changes) => { series.increment(changes) }, reset: () => {} }
  }

  registerHistogram (name: string, options: Options<number> = {}): Histogram {
    return this.#addOnly('histogram', name, options)
  }

  registerHistogramGroup (name: string, options: Options<Values> = {}): HistogramGroup {
    return this.#addGroup('histogram', name, options)
  }

  registerSummary (name: string, options: Options<number> = {}): Histogram {
    return this.#addOnly('summary', name, options)
  }

  registerSummaryGroup (name: string, options: Options<Values> = {}): HistogramGroup {
    return this.#addGroup('summary', name, options)
  }

  createTrace (): undefined {
    return undefined
  }

  traceFunction<F> (_: string, fn: F): F {
    return fn
  }

  #addGauges<Value> (name: string, options: Options<Value>, take: (series: GaugeSeries, value: Value) => void): GaugeSeries {
    const gauge = this.#add('gauge', name, options)
    const series = new GaugeSeries(this.#labelsOf(options.label))
    const refresh = refreshWith(options.calculate, (value) => { take(series, value) }, () => { series.writeTo(gauge) })
    this.#follow({ name, refresh, onStop: () => { series.removeFrom(gauge) } })

    return series
  }

  #addCounters<Value> (name: string, options: Options<Value>, take: (series: CounterSeries, value: Value) => void): CounterSeries {
    const counter = this.#add('counter', name, options)
    const series = new CounterSeries(this.#labelsOf(options.label), options.keys)
    const write = (): void => { series.writeTo(counter) }
    this.#follow({ name, refresh: refreshWith(options.calculate, (value) => { take(series, value) }, write), onStop: write })

    return series
  }

  #addOnly (kind: 'histogram' | 'summary', name: string, { label: _, ...options }: Options<number>): Histogram {
    const series = this.#addObserved(name, { ...options, kind, keys: [ONLY] }, (series, value) => { series.observe({ [ONLY]: value }) })

    return { observe: (value) => { series.observe({ [ONLY]: value }) }, reset: () => {}, timer: () => series.timer(ONLY) }
  }

  #addGroup (kind: 'histogram' | 'summary', name: string, options: Options<Values>): HistogramGroup {
    const series = this.#addObserved(name, { label: name, ...options, kind }, (series, values) => { series.observe(values) })

    return { observe: (values) => { series.observe(values as Values) }, reset: () => {}, timer: (key) => series.timer(key) }
  }

  #addObserved<Value> (
    name: string, options: Options<Value> & { kind: 'histogram' | 'summary' }, take: (series: ObservedSeries, value: Value) => void
  ): ObservedSeries {
    const { kind, calculate, label, keys = [] } = options
    const labelsOf = this.#labelsOf(label)
    const series = new ObservedSeries(this.#add(kind, name, options), labelsOf)
    keys.forEach((key) => { series.take(key) })

    if (calculate != null) {
      this.#follow({ name, refresh: refreshWith(calculate, (value) => { take(series, value) }, () => {}), onStop: () => {} })
    }

    return series
  }

  #follow (part: Part): void {
    this.#parts.push(part)
    this.#metrics.follow(this, part.name, part.refresh)
  }

  #add<K extends Kind> (kind: K, name: string, options: Options<unknown>): PromMetrics[K] {
    const { help, label, buckets, percentiles, maxAgeSeconds, ageBuckets, pruneAgedBuckets, compressCount } = options
    const given = { buckets, percentiles, maxAgeSeconds, ageBuckets, pruneAgedBuckets, compressCount }

    return this.#metrics.share({
      kind,
      name,
      label,
      help: help == null || help === '' ? name : help,
      options: Object.fromEntries(Object.entries(given).filter(([, value]) => value != null))
    })
  }

  #labelsOf (label: string | undefined): LabelsOf {
    const own: Record<string, string> = this.#name == null ? {} : { [NODE_LABEL]: this.#name }

    return label == null ? () => own : (key) => ({ [cleanName(label)]: key, ...own })
  }
}
