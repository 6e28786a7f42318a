import assert from 'node:assert/strict'
import { isolatedMetrics } from '../../../src/service/metrics/isolated.ts'
import { turns } from '../../support/eventually.ts'
import type { Metrics, MultiaddrConnection, Stream } from '@libp2p/interface'

const ERROR = new Error('a bug')
const REGISTER = [
  'registerMetric', 'registerMetricGroup', 'registerCounter', 'registerCounterGroup',
  'registerHistogram', 'registerHistogramGroup', 'registerSummary', 'registerSummaryGroup'
] as const

type Fake = Record<string, (...args: never[]) => unknown>
type Instrument = Record<'update' | 'increment' | 'decrement' | 'observe' | 'reset', (value?: number) => void> & { timer: () => () => void }

describe('service/metrics/isolated', () => {
  let errors: [name: string, error: unknown][]

  const wrap = (metrics: Fake): Metrics => isolatedMetrics(metrics as unknown as Metrics, (name, err) => { errors.push([name, err]) })

  function useAll (metric: Instrument): void {
    metric.update(1)
    metric.increment(2)
    metric.decrement(3)
    metric.observe(4)
    metric.reset()
    metric.timer()()
  }

  /** A metric that does the same whatever is asked of it. */
  function instrument (does: (name: string, ...args: unknown[]) => unknown): unknown {
    const method = (name: string) => (...args: unknown[]): unknown => does(name, ...args)

    return Object.fromEntries(['update', 'increment', 'decrement', 'observe', 'reset', 'timer'].map((name) => [name, method(name)]))
  }

  beforeEach(() => {
    errors = []
  })

  for (const register of REGISTER) {
    describe(register, () => {
      const create = (made: () => unknown): Instrument =>
        (wrap({ [register]: made })[register] as unknown as (name: string) => Instrument)('a_metric')

      it('passes everything on', () => {
        const calls: unknown[][] = []
        useAll(create(() => instrument((...args) => {
          calls.push(args)

          return () => { calls.push(['stop']) }
        })))

        assert.deepEqual(calls, [['update', 1], ['increment', 2], ['decrement', 3], ['observe', 4], ['reset'], ['timer'], ['stop']])
        assert.deepEqual(errors, [])
      })

      it('gives what does nothing where it throws, or gives nothing', () => {
        useAll(create(() => { throw ERROR }))
        useAll(create(() => undefined))
        assert.deepEqual(errors, [['a_metric', ERROR]])
      })

      it('gives what neither throws nor rejects, and tells of a metric that does once', async () => {
        useAll(create(() => instrument(() => { throw ERROR })))
        assert.deepEqual(errors, [['a_metric', ERROR]])
        errors = []
        useAll(create(() => instrument(async () => Promise.reject(ERROR))))
        await turns(1)
        // the first is that a promise is no function to stop a timer with
        assert.deepEqual(errors.map(([name]) => name), ['a_metric'])
      })
    })
  }

  it('is told of connections and streams, and may throw', () => {
    const seen: unknown[] = []
    const good = wrap({ trackMultiaddrConnection: (it) => { seen.push(it) }, trackProtocolStream: (it) => { seen.push(it) } })
    const bad = wrap({ trackMultiaddrConnection: () => { throw ERROR }, trackProtocolStream: () => { throw ERROR } })

    for (const metrics of [good, bad]) {
      metrics.trackMultiaddrConnection('connection' as unknown as MultiaddrConnection)
      metrics.trackProtocolStream('stream' as unknown as Stream)
    }

    assert.deepEqual(seen, ['connection', 'stream'])
    assert.deepEqual(errors, [['trackMultiaddrConnection', ERROR], ['trackProtocolStream', ERROR]])
  })

  it('leaves a function that cannot be traced as it is', () => {
    const fn = (): void => {}
    const traced = (): void => {}

    assert.equal(wrap({ traceFunction: () => traced }).traceFunction('a', fn), traced)
    assert.equal(wrap({ traceFunction: () => { throw ERROR } }).traceFunction('a', fn), fn)
  })

  it('has everything else that the metrics have, called as theirs', () => {
    class Own {
      readonly #count = 3

      get count (): number { return this.#count }
      start (): number { return this.#count }
    }

    const metrics = wrap(new Own() as unknown as Fake) as unknown as Own
    assert.deepEqual([metrics.count, metrics.start(), 'start' in metrics], [3, 3, true])
  })

  for (const register of REGISTER) {
    const none = register.endsWith('Group') ? {} : 0

    it(`calculates nothing where that fails: ${register}`, async () => {
      const calculates: (() => unknown)[] = []
      const metrics = wrap({ [register]: (_: string, options: { calculate: () => unknown }) => { calculates.push(options.calculate) } })
      const create = metrics[register] as unknown as (name: string, options: object) => void
      create('a', { calculate: () => { throw ERROR } })
      create('b', { calculate: async () => Promise.reject(ERROR) })
      create('c', { calculate: () => undefined })
      create('d', { calculate: async () => 5 })

      assert.deepEqual(await Promise.all(calculates.map((calculate) => calculate())), [none, none, none, 5])
      await Promise.all(calculates.map((calculate) => calculate()))
      assert.deepEqual(errors, [['a', ERROR], ['b', ERROR]], 'each is told of once')
    })
  }

  it('leaves other options of a metric as they are', () => {
    const seen: unknown[] = []
    const metrics = wrap({ registerCounter: (...args: unknown[]) => { seen.push(...args) } })
    metrics.registerCounter('a', { help: 'A' })
    metrics.registerCounter('b')

    assert.deepEqual(seen, ['a', { help: 'A' }, 'b', undefined])
  })
})
