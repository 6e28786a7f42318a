import type { Metrics } from '@libp2p/interface'

/** Metrics of libp2p that only count messages, by their type. */
export function countingMetrics (count: (type: string) => void): () => Metrics {
  const nothing = { update: () => {}, increment: () => {}, decrement: () => {}, observe: () => {}, reset: () => {}, timer: () => () => {} }
  const register = (name: string): typeof nothing => name !== 'vibecoin_messages_received_total'
    ? nothing
    : { ...nothing, increment: (values: Record<string, unknown> = {}) => { Object.keys(values).forEach(count) } }

  const metrics = {
    trackMultiaddrConnection: () => {},
    trackProtocolStream: () => {},
    registerMetric: register,
    registerMetricGroup: register,
    registerCounter: register,
    registerCounterGroup: register,
    registerHistogram: register,
    registerHistogramGroup: register,
    registerSummary: register,
    registerSummaryGroup: register,
    traceFunction: (_name: string, fn: unknown) => fn,
    createTrace: () => undefined
  }

  return () => metrics
}
