import { isolate, isThenable } from '../../util/isolate.ts'
import type { Metrics } from '@libp2p/interface'

/** Called with the name of a metric that failed for the first time. */
type OnError = (name: string, error: unknown) => void
type Method = (...args: unknown[]) => unknown
/** What a metric is registered with, as far as it is looked at here. */
interface Options { calculate?: Method }

/** What registers a metric, and gives something to measure with unless it calculates itself. */
const REGISTER = new Set<PropertyKey>([
  'registerMetric', 'registerMetricGroup', 'registerCounter', 'registerCounterGroup',
  'registerHistogram', 'registerHistogramGroup', 'registerSummary', 'registerSummaryGroup'
])

/** What is only told of something. */
const TRACK = new Set<PropertyKey>(['trackMultiaddrConnection', 'trackProtocolStream'])

/** Everything that any kind of metric can do, apart from timers. */
const MEASURE = ['update', 'increment', 'decrement', 'observe', 'reset'] as const

/**
 * The same metrics, which neither throw nor reject. A metric that fails measures nothing. `onError` is called once for each: a metric may
 * be used for every message.
 */
export function isolatedMetrics (metrics: Metrics, onError: OnError): Metrics {
  const failed = new Set<string>()
  const onErrorOf = (name: string) => (err: unknown): void => {
    if (!failed.has(name)) {
      failed.add(name)
      onError(name, err)
    }
  }

  return new Proxy(metrics, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target)

      if (typeof value !== 'function') {
        return value
      }

      const call = (args: unknown[]): unknown => (value as Method).apply(target, args)

      if (REGISTER.has(key)) {
        const none = typeof key === 'string' && key.endsWith('Group') ? {} : 0

        return (name: string, options: Options | undefined, ...args: unknown[]) => {
          const onError = onErrorOf(name)

          return wrap(isolate(() => call([name, withSafeCalculate(options, { none, onError }), ...args]), onError), onError)
        }
      }

      if (TRACK.has(key)) {
        return (...args: unknown[]) => { isolate(() => call(args), onErrorOf(String(key))) }
      }

      // a function that cannot be traced is called as it is
      if (key === 'traceFunction') {
        return (name: string, fn: unknown, ...args: unknown[]) => isolate(() => call([name, fn, ...args]), onErrorOf(name)) ?? fn
      }

      return (...args: unknown[]) => call(args)
    }
  })
}

/** A metric that cannot be calculated is nothing: an exception would take all metrics of the page with it. */
function withSafeCalculate (
  options: Options | undefined, { none, onError }: { none: unknown, onError: (error: unknown) => void }
): Options | undefined {
  const { calculate } = options ?? {}

  if (calculate == null) {
    return options
  }

  return {
    ...options,
    calculate: () => {
      const value = isolate(calculate, onError)

      return isThenable(value) ? Promise.resolve(value).catch(() => none) : value ?? none
    }
  }
}

/** One that failed to be made takes everything and does nothing. */
function wrap (metric: unknown, onError: (error: unknown) => void): unknown {
  const target = (metric ?? {}) as Record<string, Method | undefined>
  const safe: Record<string, Method> = {}

  // not a proxy: these are called for each message
  for (const name of MEASURE) {
    safe[name] = (...args) => { isolate(() => target[name]?.(...args), onError) }
  }

  safe['timer'] = (...args) => {
    const stop = isolate(() => target['timer']?.(...args), onError) as (() => void) | undefined

    return () => { isolate(() => stop?.(), onError) }
  }

  return safe
}
