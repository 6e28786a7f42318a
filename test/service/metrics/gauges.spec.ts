import assert from 'node:assert/strict'
import { Registry } from 'prom-client'
import { createMetrics } from '../../../src/service/metrics/metrics.ts'
import { prometheusMetrics } from '../../../src/prometheus/prometheus.ts'
import { samplePeerStatus, sampleStatus, usage } from '../../support/status.ts'
import type { NetworkStatus } from '../../../src/types/status.ts'

describe('service/metrics/gauges', () => {
  let registry: Registry
  let status: NetworkStatus
  let calls: number

  beforeEach(() => {
    registry = new Registry()
    status = sampleStatus()
    calls = 0
    createMetrics(prometheusMetrics({ registry, process: false })()).observe({
      status: () => {
        calls++

        return status
      }
    })
  })

  async function read (): Promise<Record<string, number>> {
    const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('vibecoin_'))

    return Object.fromEntries(lines.map((line) => [line.slice('vibecoin_'.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
  }

  /** Those of these metrics. */
  async function pick (...names: string[]): Promise<Record<string, number>> {
    return Object.fromEntries(Object.entries(await read()).filter(([series]) => names.includes(series.replace(/\{.*/, ''))))
  }

  it('take the status once for a page, and not before', async () => {
    assert.equal(calls, 0)
    await read()
    assert.equal(calls, 1)
    await read()
    assert.equal(calls, 2)
  })

  it('have what has passed, by type and direction, as counters', async () => {
    status.bandwidth.in = { bytes: 60, byType: { ping: { messages: 2, bytes: 40 }, responseBlock: { messages: 1, bytes: 20 } } }
    status.bandwidth.out = { bytes: 7, byType: { unknown: { messages: 1, bytes: 7 } } }
    await read()
    status.bandwidth.in = { bytes: 80, byType: { ping: { messages: 3, bytes: 60 }, responseBlock: { messages: 1, bytes: 20 } } }
    const series = await read()

    assert.equal(series['messages_received_total{type="ping"}'], 3)
    assert.equal(series['message_bytes_received_total{type="ping"}'], 60)
    assert.equal(series['messages_received_total{type="responseBlock"}'], 1)
    assert.equal(series['messages_sent_total{type="unknown"}'], 1)
    assert.equal(series['message_bytes_sent_total{type="unknown"}'], 7)
    assert.equal(series['messages_sent_total{type="handshake"}'], 0)
  })

  it('have the sessions, the slots, and who crowds them', async () => {
    const [inbound, outbound] = [{ used: 3, limit: 32 }, { used: 2, limit: 8 }]
    status.slots = { inbound, outbound, blockOnly: { used: 1, limit: 2 }, reserved: { used: 1, limit: 4 }, pending: 5 }
    const of = (netgroup: string | null, direction: 'inbound' | 'outbound') => samplePeerStatus({ netgroup, direction })
    status.peers = [of('1.2', 'inbound'), of('1.2', 'inbound'), of('1.3', 'inbound'), of('1.2', 'outbound'), of(null, 'inbound'), of(null, 'inbound'), of(null, 'inbound')]

    assert.deepEqual(await pick('peers', 'slots', 'netgroup_peers'), {
      'peers{direction="inbound"}': 3,
      'peers{direction="outbound"}': 2,
      'peers{direction="blockOnly"}': 1,
      'peers{direction="reserved"}': 1,
      'peers{direction="pending"}': 5,
      'slots{direction="inbound"}': 32,
      'slots{direction="outbound"}': 8,
      'slots{direction="blockOnly"}': 2,
      'slots{direction="reserved"}': 4,
      'netgroup_peers{direction="inbound"}': 2,
      'netgroup_peers{direction="outbound"}': 1
    })
  })

  it('have round trips, none where no ping was answered, and what waits for the slowest peer', async () => {
    assert.deepEqual(await pick('round_trip_seconds'), {})
    const peers = [30, 10, 200, null].map((rtt, i) => samplePeerStatus({ rtt, waiting: { in: 0, out: 100 * i } }))
    status.peers = peers

    assert.deepEqual(await pick('round_trip_seconds', 'outbox_largest_bytes'), {
      'round_trip_seconds{of="least"}': 0.01,
      'round_trip_seconds{of="middle"}': 0.03,
      'round_trip_seconds{of="greatest"}': 0.2,
      outbox_largest_bytes: 300
    })
  })

  it('have peers that are slowed, bans and known peers', async () => {
    const { rates } = samplePeerStatus()
    status.peers = [1, 1.1, 0].map((pings) => samplePeerStatus({ rates: { ...rates, in: { ...rates.in, pings } } }))
    status.bans.count = 4
    status.sources.list = [{ name: 'seed', targets: 2, ready: 0, failing: 0, askedAt: null, found: 0 }, { name: 'dns', targets: 3, ready: 0, failing: 0, askedAt: 1, found: 3 }]

    assert.deepEqual(await pick('peers_slowed', 'banned', 'known_peers'), {
      peers_slowed: 1, banned: 4, 'known_peers{source="seed"}': 2, 'known_peers{source="dns"}': 3
    })
  })

  it('have how many known peers are reached, test dials, and what peers have told, as counters', async () => {
    status.known = {
      ...{ reached: 5, heardOf: 70, tellable: 3 },
      feelers: { tried: 9, reached: 2, nextIn: null },
      exchange: { asked: 4, heard: 60, forged: 1, answered: 8 }
    }
    await read()
    const later = { feelers: { tried: 10, reached: 3, nextIn: 5 }, exchange: { asked: 5, heard: 80, forged: 1, answered: 9 } }
    status.known = { ...status.known, ...later }

    assert.deepEqual(await pick('known_peers_reached', 'known_peers_heard_of', 'known_peers_tellable', 'feelers_total', 'peer_exchange_total'), {
      known_peers_reached: 5,
      known_peers_heard_of: 70,
      known_peers_tellable: 3,
      'feelers_total{what="tried"}': 10,
      'feelers_total{what="reached"}': 3,
      'peer_exchange_total{what="asked"}': 5,
      'peer_exchange_total{what="heard"}': 80,
      'peer_exchange_total{what="forged"}': 1,
      'peer_exchange_total{what="answered"}': 9
    })
  })

  it('have the chain, and how far behind it is', async () => {
    status.tip = { height: 90, hash: '' }
    status.sync = {
      ...status.sync,
      state: 'behind',
      behind: 10,
      best: 100,
      failures: 2,
      progress: { from: 50, to: 100, height: 90, blocksPerSecond: 7, bytesPerSecond: 700, peers: 1, eta: null }
    }
    const names = ['tip_height', 'best_height', 'blocks_behind', 'synced', 'sync_target_height', 'sync_blocks_per_second', 'sync_bytes_per_second', 'sync_failures']
    assert.deepEqual(Object.values(await pick(...names)), [90, 100, 10, 0, 100, 7, 700, 2])
    status = sampleStatus()
    assert.deepEqual(Object.values(await pick(...names)), [0, 0, 0, 0, 0, 0, 0, 0])
    status.sync.state = 'synced'
    assert.equal((await read())['synced'], 1)
  })

  it('have what is held, and how much of each bound that is', async () => {
    status.queues.outbox = usage({ items: null, maxItems: null, bytes: 25, maxBytes: 100 })
    status.memory.storedItems = usage({ items: 1, maxItems: 10, bytes: 50, maxBytes: 100 })
    status.memory.orphans = usage({ items: 3, maxItems: 0 })
    status.memory.scores = usage({ items: 3, maxItems: null })
    const series = await read()

    assert.equal(series['held_items{part="storedItems"}'], 1)
    assert.equal(series['held_items{part="outbox"}'], undefined)
    assert.equal(series['held_bytes{part="outbox"}'], 25)
    assert.equal(series['bound_used_ratio{part="outbox"}'], 0.25)
    assert.equal(series['bound_used_ratio{part="storedItems"}'], 0.5)
    assert.equal(series['bound_used_ratio{part="orphans"}'], undefined)
    assert.equal(series['bound_used_ratio{part="scores"}'], undefined)
  })
})
