import assert from 'node:assert/strict'
import { Registry } from 'prom-client'
import { createMetrics } from '../../../src/service/metrics/metrics.ts'
import { prometheusMetrics } from '../../../src/prometheus/prometheus.ts'
import { samplePeerStatus, sampleStatus } from '../../support/status.ts'
import type { ServiceMetrics } from '../../../src/service/metrics/metrics.ts'
import type { Metrics } from '@libp2p/interface'

describe('service/metrics/metrics', () => {
  let registry: Registry
  let metrics: ServiceMetrics

  beforeEach(() => {
    registry = new Registry()
    metrics = createMetrics(prometheusMetrics({ registry, process: false })())
    metrics.observe({ status: () => sampleStatus({ peers: [samplePeerStatus({ rtt: 1 })] }) })
  })

  /** The series of a metric, as they stand on the page, without those that are 0. */
  async function counted (name: string): Promise<Record<string, number>> {
    const series = await seriesOf(name)

    return Object.fromEntries(Object.entries(series).filter(([, value]) => value !== 0))
  }

  async function seriesOf (name: string): Promise<Record<string, number>> {
    const lines = (await registry.metrics()).split('\n').filter((line) => new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(line))

    return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')).slice(name.length), Number(line.split(' ').at(-1))]))
  }

  it('are all there from the start, with 0 where nothing has been counted, and no label has more than a few values', async () => {
    const page = await registry.getMetricsAsJSON()

    for (const { name, help, values, type } of page) {
      assert.match(name, /^vibecoin_[a-z_]+$/)
      assert.ok(help.length > 0, name)
      assert.ok(values.length > 0 && values.length < 100, `${name}: ${values.length}`)
      assert.equal(name.endsWith('_total'), String(type) === 'counter', name)
    }

    assert.deepEqual(await counted('vibecoin_dials_total'), {})
    assert.deepEqual(Object.keys(await seriesOf('vibecoin_dials_total')), ['{outcome="ready"}', '{outcome="refused"}', '{outcome="failed"}'])
    assert.equal((await seriesOf('vibecoin_handler_seconds'))['_count{type="newBlock"}'], 0)
    assert.equal((await seriesOf('vibecoin_relay_verdicts_total'))['{verdict="newBlock_reject"}'], 0)
  })

  it('count what happens to sessions', async () => {
    metrics.readied('inbound', 30)
    metrics.closed('TIMEOUT', false)
    metrics.closed(undefined, true)
    metrics.closed('SHUTDOWN', true)
    metrics.dialled('refused')
    metrics.requested('answered')
    metrics.requested('TIMEOUT')
    metrics.answered(400)
    metrics.exceeded('pings')

    assert.deepEqual(await counted('vibecoin_sessions_ready_total'), { '{direction="inbound"}': 1 })
    assert.deepEqual(await seriesOf('vibecoin_handshake_seconds').then((series) => [series['_sum'], series['_bucket{le="0.02"}'], series['_bucket{le="0.05"}']]), [0.03, 0, 1])
    assert.deepEqual(await counted('vibecoin_sessions_closed_total'), { '{reason="SHUTDOWN"}': 1, '{reason="TIMEOUT"}': 1, '{reason="none"}': 1 })
    assert.deepEqual(await counted('vibecoin_sessions_closed_by_peer_total'), { '{reason="SHUTDOWN"}': 1, '{reason="none"}': 1 })
    assert.deepEqual(await counted('vibecoin_dials_total'), { '{outcome="refused"}': 1 })
    assert.deepEqual(await counted('vibecoin_requests_total'), { '{outcome="answered"}': 1, '{outcome="TIMEOUT"}': 1 })
    assert.equal((await seriesOf('vibecoin_request_seconds'))['_sum'], 0.4)
    assert.deepEqual(await counted('vibecoin_rates_exceeded_total'), { '{rate="pings"}': 1 })
  })

  it('take how long blocks and transactions need, from the first that is heard of them, by the step', async () => {
    const step = (at: number): { at: number, peer: string } => ({ at, peer: 'a' })
    const common = { bytes: 1, from: 'a' }
    metrics.spread('newBlock', {
      ...common, height: 1, hash: '', transactions: 0, announced: step(1000), received: step(1030), judged: 1040, appended: 1400, relayed: { at: 3000, peers: 1 }
    })
    metrics.spread('newBlock', { ...common, height: 2, hash: '', transactions: 0, received: step(1030), judged: 1030, relayed: { at: 1030, peers: 1 } })
    metrics.spread('newTransaction', { ...common, id: '', announced: step(1000), received: step(1020), judged: 1021, relayed: { at: 1021, peers: 0 } })
    const block = await seriesOf('vibecoin_block_propagation_seconds')
    const transaction = await seriesOf('vibecoin_transaction_propagation_seconds')
    const sums = (series: Record<string, number>): [string, number][] => Object.entries(series).filter(([name]) => name.startsWith('_sum'))

    assert.deepEqual(sums(block), [['_sum{step="received"}', 0.03], ['_sum{step="judged"}', 0.04], ['_sum{step="relayed"}', 2], ['_sum{step="appended"}', 0.4]])
    assert.deepEqual([block['_count{step="received"}'], block['_count{step="appended"}'], block['_bucket{le="2.5",step="relayed"}']], [2, 1, 2])
    assert.deepEqual(sums(transaction), [['_sum{step="received"}', 0.02], ['_sum{step="judged"}', 0.021], ['_sum{step="relayed"}', 0.021]])
  })

  it('count what becomes of blocks and transactions', async () => {
    metrics.judged('newBlock', 'accept')
    metrics.judged('newTransaction', 'held')
    metrics.repeated('newBlock', 500)
    metrics.repeated('newBlock', 700)
    metrics.heldBack('newTransaction')
    metrics.handled('newTransaction', 2)
    metrics.handlerFailed('newBlock')
    metrics.handlerFailed('logger')

    assert.deepEqual(await counted('vibecoin_relay_verdicts_total'), { '{verdict="newBlock_accept"}': 1, '{verdict="newTransaction_held"}': 1 })
    assert.deepEqual(await counted('vibecoin_relay_duplicates_total'), { '{type="newBlock"}': 2 })
    assert.deepEqual(await counted('vibecoin_relay_duplicate_bytes_total'), { '{type="newBlock"}': 1200 })
    assert.deepEqual(await counted('vibecoin_relay_held_back_total'), { '{type="newTransaction"}': 1 })
    assert.equal((await seriesOf('vibecoin_handler_seconds'))['_sum{type="newTransaction"}'], 0.002)
    assert.deepEqual(await counted('vibecoin_handler_errors_total'), { '{type="newBlock"}': 1, '{type="logger"}': 1 })
  })

  it('count what the chain does, and what is held against peers', async () => {
    metrics.chainCalled('append', 20)
    metrics.reorganised(7)
    metrics.faulted('stalled')
    metrics.storageFaulted('chain')
    metrics.offended('rejected')
    metrics.banned('host')

    assert.equal((await seriesOf('vibecoin_chain_call_seconds'))['_sum{method="append"}'], 0.02)
    const depths = await seriesOf('vibecoin_reorganisation_depth_blocks')
    assert.deepEqual([depths['_bucket{le="6"}'], depths['_bucket{le="12"}'], depths['_count']], [0, 1, 1])
    assert.deepEqual(await counted('vibecoin_sync_faults_total'), { '{kind="stalled"}': 1 })
    assert.deepEqual(await counted('vibecoin_storage_faults_total'), { '{store="chain"}': 1 })
    assert.deepEqual(await counted('vibecoin_offences_total'), { '{offence="rejected"}': 1 })
    assert.deepEqual(await counted('vibecoin_bans_total'), { '{kind="host"}': 1 })
  })

  it('tell once of each that fails, and go on', () => {
    const error = new Error('a bug')
    const told: unknown[] = []
    const broken = new Proxy({}, { get: () => () => { throw error } })
    const failing = createMetrics(broken as Metrics, (name) => { told.push(name) })
    failing.observe({ status: () => { throw error } })
    failing.closed('TIMEOUT', true)
    failing.closed('TIMEOUT', true)
    failing.handled('newBlock', 1)

    assert.equal(told.length, new Set(told).size)
    assert.ok(told.includes('vibecoin_sessions_closed_total') && told.includes('vibecoin_peers'))
  })

  it('are there for the rest where the status fails, which is told of', async () => {
    const told: unknown[] = []
    registry = new Registry()
    metrics = createMetrics(prometheusMetrics({ registry, process: false })(), (name) => { told.push(name) })
    metrics.observe({ status: () => { throw new Error('a bug') } })
    metrics.banned('peer')

    assert.deepEqual(await counted('vibecoin_bans_total'), { '{kind="peer"}': 1 })
    assert.ok(told.includes('vibecoin_tip_height'))
  })

  it('do nothing without metrics', () => {
    const none = createMetrics(undefined)

    assert.doesNotThrow(() => {
      none.observe({ status: () => assert.fail('not asked for') })
      none.closed('TIMEOUT', true)
      none.handled('newBlock', 1)
    })
  })
})
