import assert from 'node:assert/strict'
import { prometheusMetrics as libp2pMetrics } from '@libp2p/prometheus-metrics'
import { Registry } from 'prom-client'
import { addressOf, connect, nextEvent, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain, sampleTransaction } from '../support/sample.ts'
import { serveStatus } from '../../src/http/http.ts'
import { prometheusMetrics } from '../../src/prometheus/prometheus.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

describe('integration/metrics', function () {
  this.timeout(30_000)
  const blocks = sampleChain(200)
  let registry: Registry

  beforeEach(() => { registry = new Registry() })

  afterEach(stopNodes)

  async function start (node: string, config: Partial<NetworkConfig> = {}): Promise<Network> {
    return startNode({ metrics: prometheusMetrics({ registry, node, process: false }), ...config })
  }

  /** The value of a series of a node. */
  async function read (series: string, node: string): Promise<number> {
    const labelled = series.includes('{') ? series.replace('}', `,node="${node}"}`) : `${series}{node="${node}"}`
    const line = (await registry.metrics()).split('\n').find((line) => line.startsWith(`${labelled} `))
    assert.ok(line != null, `there is a series ${labelled}`)

    return Number(line.split(' ')[1])
  }

  it('count what two nodes of one registry do with each other, and name no peer', async () => {
    const full = await start('full', { chain: new MemoryChain(blocks) })
    const empty = await start('empty', {
      chain: new MemoryChain(blocks.slice(0, 1)), handlers: { newTransaction: () => { throw new Error('a bug') } }
    })
    await connect(empty, full)
    await eventually(() => empty.status().tip?.height === 199, 'the blocks')
    const sent = full.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
    assert.equal(sent.queued, 1)
    await eventually(() => empty.status().bandwidth.in.byType.newTransaction != null, 'the transaction')

    const page = await registry.metrics()
    assert.ok(!page.includes('12D3Koo'), 'no peer id is on the page')
    assert.equal(await read('vibecoin_tip_height', 'empty'), 199)
    assert.equal(await read('vibecoin_messages_sent_total{type="responseBlockRange"}', 'full'), await read('vibecoin_messages_received_total{type="responseBlockRange"}', 'empty'))
    assert.ok(await read('vibecoin_message_bytes_received_total{type="responseBlockRange"}', 'empty') > 20_000)
    assert.equal(await read('vibecoin_messages_received_total{type="handshake"}', 'full'), 1)
    assert.equal(await read('vibecoin_sessions_ready_total{direction="inbound"}', 'full'), 1)
    assert.equal(await read('vibecoin_handshake_seconds_count', 'empty'), 1)
    assert.equal(await read('vibecoin_dials_total{outcome="ready"}', 'empty'), 1)
    assert.ok(await read('vibecoin_requests_total{outcome="answered"}', 'empty') >= 1)
    assert.ok(await read('vibecoin_request_seconds_count', 'empty') >= 1)
    assert.ok(await read('vibecoin_chain_call_seconds_count{method="append"}', 'empty') >= 1)
    assert.equal(await read('vibecoin_chain_call_seconds_count{method="append"}', 'full'), 0)
    assert.equal(await read('vibecoin_handler_seconds_count{type="newTransaction"}', 'empty'), 1)
    assert.equal(await read('vibecoin_handler_errors_total{type="newTransaction"}', 'empty'), 1)
    assert.equal(await read('vibecoin_relay_verdicts_total{verdict="newTransaction_ignore"}', 'empty'), 1)

    const closed = nextEvent(empty, 'peer:closed')
    await full.stop()
    await closed
    assert.equal(await read('vibecoin_sessions_closed_total{reason="SHUTDOWN"}', 'empty'), 1)
    assert.equal(await read('vibecoin_sessions_closed_by_peer_total{reason="SHUTDOWN"}', 'empty'), 1)
    assert.equal(await read('vibecoin_sessions_closed_by_peer_total{reason="SHUTDOWN"}', 'full'), 0)
    await assert.rejects(read('vibecoin_peers{direction="inbound"}', 'full'))
  })

  it('count a change to a branch, by the blocks that made room', async () => {
    const fork = growChain(blocks.slice(0, 190), 30, 'another branch')
    const node = await start('node', { chain: new MemoryChain(blocks) })
    const other = await startNode({ chain: new MemoryChain(fork) })
    await connect(node, other)
    await eventually(() => node.status().tip?.height === 219, 'the branch')

    assert.equal(await read('vibecoin_reorganisation_depth_blocks_count', 'node'), 1)
    assert.equal(await read('vibecoin_reorganisation_depth_blocks_sum', 'node'), 10)
  })

  it('refuse to start a second node under the same name', async () => {
    await start('node')
    await assert.rejects(start('node'), { name: 'ConfigError', message: /under the name "node"$/ })
  })

  it('are on a page over HTTP, beside the status of the node', async () => {
    const node = await start('node')
    const other = await startNode()
    const server = await serveStatus(node, { port: 0, registry })

    try {
      const get = async (path: string): Promise<Response> => fetch(`${server.url}${path}`)
      assert.deepEqual([(await get('/healthz')).status, (await get('/readyz')).status], [200, 503])
      await node.connect(addressOf(other))
      assert.equal((await get('/readyz')).status, 200)
      assert.match(await (await get('/metrics')).text(), /^vibecoin_peers\{direction="outbound",node="node"\} 1$/m)
      assert.deepEqual(((await (await get('/status')).json()) as ReturnType<Network['status']>).slots.outbound, { used: 1, limit: 8 })
      await node.stop()
      assert.deepEqual([(await get('/healthz')).status, (await get('/readyz')).status], [503, 503])
    } finally {
      await server.close()
    }
  })

  it('go to the metrics of libp2p as well', async () => {
    const network = await startNode({ metrics: libp2pMetrics({ registry, collectDefaultMetrics: false }) })
    const other = await startNode()
    await connect(network, other)
    await registry.metrics()
    const page = await registry.metrics()

    assert.match(page, /^vibecoin_peers\{direction="outbound"\} 1$/m)
    assert.match(page, /^vibecoin_messages_sent_total\{type="handshake"\} 1$/m)
    assert.match(page, /^vibecoin_handshake_seconds_count 1$/m)
    assert.match(page, /^vibecoin_bans_total\{kind="peer"\} 0$/m)
  })
})
