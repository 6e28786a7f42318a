/**
 * The metrics of nodes for Prometheus, by `prom-client`.
 *
 * @packageDocumentation
 */
import { collectDefaultMetrics, register } from 'prom-client'
import { NodeMetrics } from './node-metrics.ts'
import { ConfigError } from '../errors.ts'
import type { Metrics } from '@libp2p/interface'
import type { Registry } from 'prom-client'

export { register, Registry } from 'prom-client'

/** Options of {@link prometheusMetrics}. */
export interface PrometheusOptions {
  /**
   * The registry of `prom-client` that the metrics go to. Several nodes may share one.
   *
   * @default register of prom-client
   */
  registry?: Registry

  /**
   * The name of the node among those of one registry: 1 to 64 characters. Each series has it as the label `node`. Without it there is no
   * such label.
   *
   * @default undefined
   */
  node?: string

  /**
   * Whether the registry gets the metrics of the process too, once: processor time, memory, delay of the event loop, garbage collection.
   *
   * @default true
   */
  process?: boolean
}

const MAX_NAME_CHARS = 64

/**
 * A metrics factory for the option `metrics` of `startNetwork`, and for that of `createLibp2p`.
 * Throws a `ConfigError` for a name that cannot be used. The node does not start where a running node of the registry has the same name.
 */
export function prometheusMetrics (options: PrometheusOptions = {}): () => Metrics {
  const { registry = register, node, process = true } = options

  if (node !== undefined && (typeof node !== 'string' || node.length < 1 || node.length > MAX_NAME_CHARS)) {
    throw new ConfigError(`Expected \`node\` to be a string of 1 to ${MAX_NAME_CHARS} characters`)
  }

  return () => {
    // the first of these metrics stands for all of them
    if (process && registry.getSingleMetric('process_cpu_user_seconds_total') == null) {
      collectDefaultMetrics({ register: registry })
    }

    return new NodeMetrics(registry, node)
  }
}
