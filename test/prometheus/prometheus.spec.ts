import assert from 'node:assert/strict'
import { Counter, Registry } from 'prom-client'
import { prometheusMetrics } from '../../src/prometheus/prometheus.ts'
import type { PrometheusOptions } from '../../src/prometheus/prometheus.ts'
import type { Metrics, Startable } from '@libp2p/interface'

describe('prometheus/prometheus', () => {
  let registry: Registry

  beforeEach(() => { registry = new Registry() })

  function create (options: PrometheusOptions = {}): Metrics & Startable {
    const metrics = prometheusMetrics({ registry, process: false, ...options })() as Metrics & Startable
    void metrics.start()

    return metrics
  }

  /** The series of the page, without comments. */
  async function series (): Promise<string[]> {
    return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  }

  it('has each counter, gauge and histogram from the start, also those of a group whose keys are known', async () => {
    const metrics = create()
    metrics.registerCounter('a_total', { help: 'A' })
    metrics.registerMetric('b')
    metrics.registerHistogram('c', { buckets: [1] })
    metrics.registerCounterGroup('d_total', { label: 'kind', keys: ['x', 'y'] } as object)
    metrics.registerHistogramGroup('e', { label: 'kind', buckets: [1], keys: ['x'] } as object)

    assert.deepEqual(await series(), [
      'a_total 0', 'b 0', 'c_bucket{le="1"} 0', 'c_bucket{le="+Inf"} 0', 'c_sum 0', 'c_count 0', 'd_total{kind="x"} 0', 'd_total{kind="y"} 0',
      'e_bucket{le="1",kind="x"} 0', 'e_bucket{le="+Inf",kind="x"} 0', 'e_sum{kind="x"} 0', 'e_count{kind="x"} 0'
    ])
  })

  it('counts, sets and observes', async () => {
    const metrics = create()
    const counter = metrics.registerCounter('a_total')
    const counters = metrics.registerCounterGroup('b_total', { label: 'kind' })
    const gauge = metrics.registerMetric('c')
    const gauges = metrics.registerMetricGroup('d', { label: 'kind' })
    const histogram = metrics.registerHistogram('e', { buckets: [2] })
    counter.increment()
    counter.increment(2)
    counters.increment({ x: true, y: 5 })
    gauge.update(7)
    gauge.decrement()
    gauges.update({ x: 1 })
    gauges.increment({ x: true, y: 2 })
    histogram.observe(1)
    histogram.observe(3)

    const expected = [
      'a_total 3', 'b_total{kind="x"} 1', 'b_total{kind="y"} 5', 'c 6', 'd{kind="x"} 2', 'd{kind="y"} 2',
      'e_bucket{le="2"} 1', 'e_bucket{le="+Inf"} 2', 'e_sum 4', 'e_count 2'
    ]
    assert.deepEqual(await series(), expected)
    assert.deepEqual(await series(), expected, 'reading changes nothing')
  })

  it('asks for what is calculated at each reading: counters for what has been added, gauges for what is there', async () => {
    const metrics = create()
    let gauges: Record<string, number> = { x: 1, y: 2 }
    metrics.registerCounterGroup('a_total', { label: 'kind', calculate: () => ({ x: 3 }) })
    metrics.registerMetricGroup('b', { label: 'kind', calculate: async () => gauges })
    metrics.registerMetric('c', { calculate: () => 4 })

    assert.deepEqual(await series(), ['a_total{kind="x"} 3', 'b{kind="x"} 1', 'b{kind="y"} 2', 'c 4'])
    gauges = { y: 5 }
    assert.deepEqual(await series(), ['a_total{kind="x"} 6', 'b{kind="y"} 5', 'c 4'])
  })

  it('tells the nodes of a registry apart by a label', async () => {
    create({ node: 'a' }).registerCounterGroup('x_total', { label: 'kind' }).increment({ k: 1 })
    create({ node: 'b' }).registerCounterGroup('x_total', { label: 'kind' }).increment({ k: 2 })

    assert.deepEqual(await series(), ['x_total{kind="k",node="a"} 1', 'x_total{kind="k",node="b"} 2'])
  })

  it('lets no second node start under a name that a running one has', () => {
    const first = create()
    assert.throws(() => create(), { name: 'ConfigError', message: /name each of them with `prometheusMetrics\(\{ node \}\)`$/ })
    create({ node: 'a' })
    assert.throws(() => create({ node: 'a' }), { name: 'ConfigError', message: /under the name "a"$/ })
    void first.stop()
    create()
  })

  it('keeps the counters of a node that has stopped, goes on with them when it starts again, and removes its gauges', async () => {
    const first = create()
    const counter = first.registerCounter('a_total')
    const gauge = first.registerMetric('b')
    first.registerMetricGroup('c', { label: 'kind', calculate: () => ({ x: 1 }) })
    await series()
    counter.increment(2)
    void first.stop()
    gauge.update(5)
    assert.deepEqual(await series(), ['a_total 2'])

    void first.start()
    counter.increment()
    assert.deepEqual(await series(), ['a_total 3', 'b 5', 'c{kind="x"} 1'])
    void first.stop()

    const second = create()
    second.registerCounter('a_total').increment()
    second.registerHistogram('d', { buckets: [1] }).observe(1)
    assert.deepEqual(await series(), ['a_total 4', 'd_bucket{le="1"} 1', 'd_bucket{le="+Inf"} 1', 'd_sum 1', 'd_count 1'])
  })

  it('does not empty the histogram of an earlier run', async () => {
    const first = create()
    first.registerHistogram('a', { buckets: [1] }).observe(1)
    void first.stop()
    create().registerHistogram('a', { buckets: [1] })

    assert.ok((await series()).includes('a_count 1'))
  })

  it('registers a metric more than once, as libp2p does for each address', async () => {
    const metrics = create()
    const [one, other] = ['x', 'y'].map((key) => {
      metrics.registerMetricGroup('a', { label: 'address', calculate: () => ({ [key]: 1 }) })

      return metrics.registerCounterGroup('b_total', { label: 'address' })
    })
    one?.increment({ x: 1 })
    other?.increment({ y: 1 })

    assert.deepEqual(await series(), ['a{address="x"} 1', 'a{address="y"} 1', 'b_total{address="x"} 1', 'b_total{address="y"} 1'])
  })

  it('writes what is no letter or digit in a name as `_`, and takes the name for the label that a group lacks', async () => {
    create().registerCounterGroup('libp2p_/vibecoin/kad_total').increment({ x: 1 })

    assert.deepEqual(await series(), ['libp2p__vibecoin_kad_total{libp2p__vibecoin_kad_total="x"} 1'])
  })

  it('registers again where the application has cleared the registry', async () => {
    create({ node: 'a' }).registerCounter('a_total')
    registry.clear()
    create({ node: 'b' }).registerCounter('a_total')

    assert.deepEqual(await series(), ['a_total{node="b"} 0'])
  })

  it('takes no name that another metric has, or one of another kind or label', () => {
    const metrics = create()
    new Counter({ name: 'a_total', help: 'of the application', registers: [registry] })
    metrics.registerCounterGroup('b_total', { label: 'kind' })

    assert.throws(() => metrics.registerCounter('a_total'), { message: /already been registered/ })
    assert.throws(() => metrics.registerMetricGroup('b_total', { label: 'kind' }), { name: 'TypeError', message: /a counter with the label kind/ })
    assert.throws(() => metrics.registerCounterGroup('b_total', { label: 'type' }), { name: 'TypeError' })
  })

  it('has the metrics of the process once, unless told otherwise', async () => {
    create({ node: 'a', process: true })
    create({ node: 'b', process: true })
    const lines = await series()

    assert.equal(lines.filter((line) => line.startsWith('process_cpu_user_seconds_total')).length, 1)
    assert.ok(lines.some((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds')))
    registry = new Registry()
    create()
    assert.deepEqual(await series(), [])
  })

  it('takes names of 1 to 64 characters', () => {
    create({ node: 'x'.repeat(64) })

    for (const node of ['', 'x'.repeat(65), 5 as never]) {
      assert.throws(() => create({ node }), { name: 'ConfigError', message: 'Expected `node` to be a string of 1 to 64 characters' })
    }
  })
})
