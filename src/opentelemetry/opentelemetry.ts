/**
 * Spans of OpenTelemetry of what a node does, for an application that has a tracer.
 *
 * @packageDocumentation
 */
import { trace } from '@opentelemetry/api'
import { NetworkSpans } from './network-spans.ts'
import { VERSION } from '../version.ts'
import type { TracedNetwork } from './network-spans.ts'
import type { TracerProvider } from '@opentelemetry/api'

export type { TracedNetwork } from './network-spans.ts'

/** The name of the tracer, as instrumentation scope. */
export const TRACER_NAME = 'vibecoin-network'

/** Options of {@link traceNetwork}. */
export interface TracingOptions {
  /**
   * Where the tracer comes from.
   *
   * @default the one that is registered with `@opentelemetry/api`
   */
  tracerProvider?: TracerProvider
}

/** Spans that are being made. */
export interface Tracing {
  /** Makes no more of them. A synchronisation under way ends its span. May be called again. */
  stop (): void
}

/**
 * Makes spans of a running network, or of the service of a libp2p node, until `stop` is called: `vibecoin.block`,
 * `vibecoin.transaction`, `vibecoin.sync`, `vibecoin.dial` and `vibecoin.serve`, each with its steps as children.
 *
 * Without a registered tracer provider it does nothing of use. It listens to events: the node itself knows nothing of it.
 */
export function traceNetwork (network: TracedNetwork, options: TracingOptions = {}): Tracing {
  const provider = options.tracerProvider ?? trace.getTracerProvider()
  const spans = new NetworkSpans(network, provider.getTracer(TRACER_NAME, VERSION))
  spans.start()

  return { stop: () => { spans.stop() } }
}
