import assert from 'node:assert/strict'
import { createMetrics } from '../../../src/service/reports/metrics.ts'
import type { CalculatedMetricOptions, Metrics } from '@libp2p/interface'

/** Everything that was registered, and what it was counted to, by name and label. */
class ScriptedMetrics {
  readonly counts: Record<string, Record<string, number>> = {}
  readonly options: Record<string, CalculatedMetricOptions<Record<string, number>>> = {}

  registerCounterGroup (name: string, options: CalculatedMetricOptions<Record<string, number>>): unknown {
    const counts = this.#register(name, options)

    return {
      increment: (values: Record<string, number | true>) => {
        for (const [label, by] of Object.entries(values)) {
          counts[label] = (counts[label] ?? 0) + Number(by)
        }
      },
      reset: () => {}
    }
  }

  registerMetricGroup (name: string, options: CalculatedMetricOptions<Record<string, number>>): void {
    this.#register(name, options)
  }

  #register (name: string, options: CalculatedMetricOptions<Record<string, number>>): Record<string, number> {
    assert.equal(this.options[name], undefined, `${name} is registered once`)
    this.options[name] = options

    return this.counts[name] = {}
  }
}

describe('service/reports/metrics', () => {
  const none = { inbound: 0, outbound: 0, pending: 0, reserved: 0 }

  function create (counts = () => none): { scripted: ScriptedMetrics, metrics: ReturnType<typeof createMetrics> } {
    const scripted = new ScriptedMetrics()

    const metrics = createMetrics(scripted as unknown as Metrics)
    metrics.observePeers(counts)

    return { scripted, metrics }
  }

  it('tells once of each that fails, and goes on', () => {
    const error = new Error('a bug')
    const told: unknown[][] = []
    const broken = {
      registerMetricGroup: () => { throw error },
      registerCounterGroup: () => ({ increment: () => { throw error } })
    }
    const metrics = createMetrics(broken as unknown as Metrics, (...args) => { told.push(args) })
    metrics.observePeers(() => none)
    metrics.received('ping')
    metrics.received('ping')
    metrics.closed('TIMEOUT')

    const names = ['vibecoin_peers', 'vibecoin_messages_received_total', 'vibecoin_sessions_closed_total']
    assert.deepEqual(told, names.map((name) => [name, error]))
  })

  it('does nothing without metrics', () => {
    const metrics = createMetrics(undefined)

    assert.doesNotThrow(() => {
      metrics.observePeers(() => assert.fail('not asked for'))
      metrics.received('ping')
      metrics.closed('TIMEOUT')
      metrics.judged('newBlock', 'accept')
      metrics.handlerFailed('ping')
      metrics.faulted('stalled')
      metrics.offended('stalled')
      metrics.banned('peer')
      metrics.heldBack('newTransaction')
      metrics.storageFaulted('chain')
      metrics.dialled('ready')
    })
  })

  it('registers every group once, with a help text, a label and a name of its own', () => {
    const { scripted } = create()

    assert.deepEqual(Object.fromEntries(Object.entries(scripted.options).map(([name, { label }]) => [name, label])), {
      vibecoin_peers: 'direction',
      vibecoin_messages_received_total: 'type',
      vibecoin_sessions_closed_total: 'reason',
      vibecoin_relay_verdicts_total: 'verdict',
      vibecoin_handler_errors_total: 'type',
      vibecoin_sync_faults_total: 'kind',
      vibecoin_offences_total: 'offence',
      vibecoin_bans_total: 'kind',
      vibecoin_relay_held_back_total: 'type',
      vibecoin_storage_faults_total: 'store',
      vibecoin_dials_total: 'outcome'
    })
    assert.ok(Object.values(scripted.options).every(({ help }) => (help ?? '').length > 0))
  })

  it('tells how many sessions there are at the moment it is asked', async () => {
    let counts = none
    const { scripted } = create(() => counts)
    counts = { inbound: 3, outbound: 2, pending: 1, reserved: 0 }

    assert.deepEqual(await scripted.options['vibecoin_peers']?.calculate(), { inbound: 3, outbound: 2, pending: 1, reserved: 0 })
  })

  it('counts messages by type, those that are not known together', () => {
    const { scripted, metrics } = create()
    metrics.received('ping')
    metrics.received('ping')
    metrics.received('newBlock')
    metrics.received(undefined)

    assert.deepEqual(scripted.counts['vibecoin_messages_received_total'], { ping: 2, newBlock: 1, unknown: 1 })
  })

  it('counts what is held against peers, bans, and what is held back, by kind', () => {
    const { scripted, metrics } = create()
    metrics.offended('rejected')
    metrics.offended('rejected')
    metrics.banned('host')
    metrics.heldBack('newTransaction')

    assert.deepEqual(scripted.counts['vibecoin_offences_total'], { rejected: 2 })
    assert.deepEqual(scripted.counts['vibecoin_bans_total'], { host: 1 })
    assert.deepEqual(scripted.counts['vibecoin_relay_held_back_total'], { newTransaction: 1 })
  })

  it('counts trouble with what is stored by what it is', () => {
    const { scripted, metrics } = create()
    metrics.storageFaulted('chain')
    metrics.storageFaulted('chain')
    metrics.storageFaulted('bans')

    assert.deepEqual(scripted.counts['vibecoin_storage_faults_total'], { chain: 2, bans: 1 })
  })

  it('counts ended sessions by reason', () => {
    const { scripted, metrics } = create()
    metrics.closed('TIMEOUT')
    metrics.closed('none')
    metrics.closed('none')

    assert.deepEqual(scripted.counts['vibecoin_sessions_closed_total'], { TIMEOUT: 1, none: 2 })
  })

  it('counts verdicts by type and verdict', () => {
    const { scripted, metrics } = create()
    metrics.judged('newBlock', 'accept')
    metrics.judged('newTransaction', 'accept')
    metrics.judged('newTransaction', 'reject')

    assert.deepEqual(scripted.counts['vibecoin_relay_verdicts_total'], {
      newBlock_accept: 1, newTransaction_accept: 1, newTransaction_reject: 1
    })
  })

  it('counts handlers that threw by type', () => {
    const { scripted, metrics } = create()
    metrics.handlerFailed('newBlock')
    metrics.handlerFailed('newBlock')

    assert.deepEqual(scripted.counts['vibecoin_handler_errors_total'], { newBlock: 2 })
  })

  it('counts peers that could not be used to fetch blocks by what they did', () => {
    const { scripted, metrics } = create()
    metrics.faulted('stalled')
    metrics.faulted('stalled')
    metrics.faulted('invalid')

    assert.deepEqual(scripted.counts['vibecoin_sync_faults_total'], { stalled: 2, invalid: 1 })
  })

  it('counts dials by outcome', () => {
    const { scripted, metrics } = create()
    metrics.dialled('ready')
    metrics.dialled('failed')
    metrics.dialled('failed')

    assert.deepEqual(scripted.counts['vibecoin_dials_total'], { ready: 1, failed: 2 })
  })
})
