import { Counter, Gauge, Summary } from 'prom-client'
import { BucketHistogram } from './bucket-histogram.ts'
import type { Metric, Registry } from 'prom-client'

/** What a metric of prom-client is, by its kind. */
export interface PromMetrics { counter: Counter, gauge: Gauge, histogram: BucketHistogram, summary: Summary }

/** The kinds of metrics. */
export type Kind = keyof PromMetrics

/** What a metric is registered with. */
export interface MetricInit<K extends Kind = Kind> {
  kind: K
  name: string
  help: string
  /** The label beside that of the node, if there is one. */
  label: string | undefined
  /** What else its kind has: the buckets of a histogram, and the options of a summary. */
  options?: object
}

/** Brings the series of one node up to date. */
export type Refresh = () => void | Promise<void>

/** A metric that all nodes of a registry have in common. */
interface SharedMetric {
  init: MetricInit
  metric: PromMetrics[Kind]
  /** Called before the metric is read, by the node: libp2p registers some metrics once for each address. */
  refreshes: Map<object, Refresh[]>
}

/** The label that tells the nodes of one registry apart. */
export const NODE_LABEL = 'node'

const CLASSES = { counter: Counter, gauge: Gauge, summary: Summary }
const registries = new WeakMap<Registry, RegistryMetrics>()

/** The metrics of nodes in one registry. The nodes share each metric, and a label tells their series apart. */
export class RegistryMetrics {
  readonly #registry: Registry
  readonly #metrics = new Map<string, SharedMetric>()

  /** Use {@link metricsOf}. */
  constructor (registry: Registry) {
    this.#registry = registry
  }

  /** The metric of this name, which is made where there is none. Throws where the registry has another metric of that name. */
  share<K extends Kind> (init: MetricInit<K>): PromMetrics[K] {
    const { kind, name, label } = init
    const shared = this.#find(name) ?? this.#create(init)

    if (shared.init.kind !== kind || shared.init.label !== label) {
      throw new TypeError(`Expected ${name} to be a ${shared.init.kind} with the label ${shared.init.label ?? NODE_LABEL}, as it was before`)
    }

    return shared.metric as PromMetrics[K]
  }

  /** Has `refresh` called before each reading of a metric, until {@link leave}. */
  follow (node: object, name: string, refresh: Refresh): void {
    const refreshes = this.#find(name)?.refreshes
    refreshes?.set(node, [...refreshes.get(node) ?? [], refresh])
  }

  /** Calls what a node follows its metrics with no more. */
  leave (node: object): void {
    this.#metrics.forEach(({ refreshes }) => { refreshes.delete(node) })
  }

  #find (name: string): SharedMetric | undefined {
    const shared = this.#metrics.get(cleanName(name))

    // the application may have cleared its registry
    return shared == null || (this.#registry.getSingleMetric(cleanName(name)) as unknown) !== shared.metric ? undefined : shared
  }

  #create (init: MetricInit): SharedMetric {
    const refreshes: SharedMetric['refreshes'] = new Map()
    const shared: SharedMetric = {
      init,
      refreshes,
      metric: this.#register(init, () => {
        // where nothing is waited for, all metrics of a page are of the same moment
        const pending = [...refreshes.values()].flat().map((refresh) => refresh()).filter((result) => result != null)

        return pending.length === 0 ? undefined : Promise.all(pending).then(() => {})
      })
    }
    this.#metrics.set(cleanName(init.name), shared)

    return shared
  }

  #register ({ kind, help, label, options, ...init }: MetricInit, collect: Refresh): SharedMetric['metric'] {
    const name = cleanName(init.name)

    if (kind === 'histogram') {
      const histogram = new BucketHistogram({ ...options, name, help, collect })
      this.#registry.registerMetric(histogram as unknown as Metric)

      return histogram
    }

    return new CLASSES[kind]({
      ...options,
      name,
      help,
      collect,
      labelNames: label == null ? [NODE_LABEL] : [cleanName(label), NODE_LABEL],
      registers: [this.#registry]
    })
  }
}

/** The metrics of nodes in a registry. */
export function metricsOf (registry: Registry): RegistryMetrics {
  const metrics = registries.get(registry) ?? new RegistryMetrics(registry)
  registries.set(registry, metrics)

  return metrics
}

/** A name as Prometheus takes it: libp2p has names of protocols in some. */
export function cleanName (name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_')
}
