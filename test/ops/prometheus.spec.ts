import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Devnet, MAX_INBOUND } from './devnet.ts'
import { endTools, hasTool, OPS, run, start } from './tools.ts'
import { freePorts } from '../integration/nodes.ts'
import { RawPeer, sampleChain } from '../../src/testing/index.ts'
import { ALERTS } from '../../ops/source/alerts.ts'
import { ROWS } from '../../ops/source/dashboard.ts'
import { quantile } from '../../ops/source/query.ts'
import { alertRules } from '../../ops/source/render.ts'
import type { NodeInfo } from '../../src/index.ts'

/** Minutes of the alerts are two seconds here. */
const FACTOR = 1 / 30

/** How long an alert may take to fire, and to be over. The longest looks back for 10 min, which are 20 s here. */
const PATIENCE_MS = 90_000

/** Blocks of a branch: more than 6, above which a reorganisation is deep. And blocks of the branch that is longer. */
const OWN_BLOCKS = 8
const MORE_BLOCKS = 20

/** What a peer claims that has no block. */
const CLAIMED = 100_000

/** Among so many there is next to certainly one that nodes measure. */
const MANY_PAYMENTS = 1000

/** How often Prometheus is asked. */
const LOOK_MS = 500

const NAMES = ['maker', 'b', 'c', 'd'] as const
const [MAKER, B, C, D] = [0, 1, 2, 3] as const

interface Result { metric: Record<string, string>, value?: [number, string], values?: [number, string][] }
interface Answer { status: string, error?: string, data: { result: Result[] } }
interface Alerts { data: { alerts: { state: string, labels: Record<string, string> }[] } }

describe('ops/prometheus', function () {
  this.timeout(10 * 60_000)
  let directory: string
  let devnet: Devnet
  let url: string
  let beganAt: number
  let mining: NodeJS.Timeout
  const peers: RawPeer[] = []

  before(async function () {
    for (const tool of ['prometheus', 'promtool']) {
      if (!hasTool(tool)) {
        console.log(`    skipped: no ${tool}`)
        this.skip()
      }
    }

    directory = await mkdtemp(join(tmpdir(), 'vibecoin-prometheus-'))
    devnet = await Devnet.create(NAMES)
    url = await startPrometheus()
    beganAt = Date.now()

    for (const node of NAMES.keys()) {
      await devnet.start(node)
    }

    mining = setInterval(() => { devnet.tell(MAKER, { mine: 1 }) }, 1000)
    await until('all nodes to be in step', async () => (await query('vibecoin_synced == 1')).length === NAMES.length)
    await until('no alert', async () => (await firing()).length === 0)
  })

  after(async () => {
    clearInterval(mining)
    await Promise.all(peers.map(async (peer) => peer.stop()))
    await devnet?.end()
    await endTools()

    // not there where it was skipped
    if (directory != null) {
      await rm(directory, { recursive: true, force: true })
    }
  })

  async function startPrometheus (): Promise<string> {
    const [port] = await freePorts(1)
    await writeFile(join(directory, 'alerts.yml'), alertRules(FACTOR))
    await writeFile(join(directory, 'prometheus.yml'), JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['alerts.yml'],
      scrape_configs: [{ job_name: 'vibecoin', static_configs: [{ targets: devnet.httpPorts.map((port) => `127.0.0.1:${port}`) }] }]
    }))
    const checked = run('promtool', ['check', 'config', join(directory, 'prometheus.yml')])
    assert.equal(checked.code, 0, checked.output)
    const address = `127.0.0.1:${port}`
    const { output, process } = start('prometheus', [
      `--config.file=${directory}/prometheus.yml`, `--storage.tsdb.path=${directory}/data`, `--web.listen-address=${address}`, '--log.level=warn'
    ])
    await until('Prometheus', async () => {
      assert.equal(process.exitCode, null, output())

      return fetch(`http://${address}/-/ready`).then(({ ok }) => ok, () => false)
    })

    return `http://${address}`
  }

  async function until (what: string, probe: () => Promise<boolean>, inside?: () => Promise<string>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS

    while (!await probe()) {
      assert.ok(performance.now() < deadline, `waited in vain for ${what}: ${await inside?.() ?? ''}`)
      await delay(LOOK_MS)
    }
  }

  async function ask (path: string, parameters: Record<string, string>): Promise<Result[]> {
    const answer = await (await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`)).json() as Answer
    assert.equal(answer.status, 'success', `${parameters['query']}: ${answer.error}`)

    return answer.data.result
  }

  const query = async (expr: string): Promise<Result[]> => ask('query', { query: expr })

  /** Whether a query of the dashboard has had data since the start. */
  async function hasData (expr: string): Promise<boolean> {
    const concrete = expr.replaceAll('$job', '.+').replaceAll('$instance', '.+').replaceAll('$__rate_interval', '10s').replaceAll('[1h]', '[5m]')
    const result = await ask('query_range', { query: concrete, start: String(beganAt / 1000), end: String(Date.now() / 1000), step: '2' })

    return result.some(({ values = [] }) => values.some(([, value]) => value !== 'NaN'))
  }

  /** How high each node is, as Prometheus has it; -1 for one that it does not reach. */
  async function heights (): Promise<number[]> {
    const result = await query('vibecoin_tip_height')

    return devnet.httpPorts.map((port) => Number(result.find(({ metric }) => metric['instance'] === `127.0.0.1:${port}`)?.value?.[1] ?? -1))
  }

  /** The alerts that fire: the name, and the node. */
  async function firing (): Promise<string[]> {
    const { data } = await (await fetch(`${url}/api/v1/alerts`)).json() as Alerts

    return [...new Set(data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => {
      const node = devnet.httpPorts.findIndex((port) => labels['instance'] === `127.0.0.1:${port}`)

      return `${labels['alertname']} ${NAMES[node]}`
    }))].sort()
  }

  /** Waits until these alerts fire, ends the fault, and waits until they are over. Fails where any other fires meanwhile. */
  async function expectAlerts (expected: string[], mend: () => Promise<void> | void): Promise<void> {
    const seen = new Set<string>()
    const look = async (): Promise<string[]> => {
      const now = await firing()
      now.forEach((alert) => { seen.add(alert) })

      return now
    }

    await until(expected.join(', '), async () => (await look()).join() === [...expected].sort().join(), async () => (await firing()).join())
    await mend()
    await until('no alert', async () => (await look()).length === 0, async () => (await firing()).join())
    assert.deepEqual([...seen].sort(), [...expected].sort())
  }

  async function rawPeer (node: Partial<NodeInfo> = {}): Promise<RawPeer> {
    const peer = await RawPeer.start({ node: { network: 'vibecoin-test', genesisHash: sampleChain(1)[0]!.hash, ...node } })
    peers.push(peer)

    return peer
  }

  const addressOf = ({ host, port }: { host: string, port: number }): string => `/ip4/${host}/tcp/${port}`

  it('takes the files of ops/', () => {
    for (const [kind, file] of [['config', 'prometheus.yml'], ['rules', 'alerts.yml']] as const) {
      const { code, output } = run('promtool', ['check', kind, join(OPS, 'prometheus', file)])
      assert.equal(code, 0, output)
    }
  })

  it('fires VibeCoinDown for a node that is killed', async () => {
    await devnet.kill(D)
    await expectAlerts(['VibeCoinDown d'], async () => devnet.start(D))
  })

  it('fires VibeCoinNoPeers for a node that is cut off', async () => {
    const heal = devnet.mesh.part([C])
    await expectAlerts(['VibeCoinNoPeers c'], heal)
  })

  it('fires VibeCoinStalled for a node whose chain hangs', async () => {
    devnet.tell(B, { break: { kind: 'hangs', on: ['append'] } })
    await expectAlerts(['VibeCoinStalled b'], () => { devnet.tell(B, { repair: true }) })
  })

  it('fires VibeCoinStalled for a node whose only peer claims blocks and sends none', async () => {
    const liar = await rawPeer({ bestHeight: CLAIMED })
    const session = await liar.connect(addressOf(devnet.addresses[D]!))
    session.answerPings({ bestHeight: CLAIMED })
    const heal = devnet.mesh.part([D])
    await expectAlerts(['VibeCoinStalled d'], async () => {
      heal()
      await liar.stop()
    })
  })

  it('fires VibeCoinFallsBehind for a node whose chain takes longer than the others make blocks', async () => {
    devnet.tell(B, { break: { kind: 'slow', on: ['verify'], ms: 2500 } })
    await expectAlerts(['VibeCoinFallsBehind b'], () => { devnet.tell(B, { repair: true }) })
  })

  it('fires VibeCoinStoreFails for a chain that cannot write', async () => {
    devnet.tell(B, { break: { kind: 'full', times: 1 } })
    await expectAlerts(['VibeCoinStoreFails b'], () => {})
  })

  it('fires VibeCoinHandlerFails for a handler that throws', async () => {
    devnet.tell(B, { throws: true })
    devnet.tell(MAKER, { pay: Date.now() })
    await expectAlerts(['VibeCoinHandlerFails b'], () => { devnet.tell(B, { throws: false }) })
  })

  it('fires VibeCoinDeepReorganisation for nodes that were on a branch of their own', async () => {
    const base = Math.min(...await heights())
    const heal = devnet.mesh.part([C, D])
    devnet.tell(C, { mine: OWN_BLOCKS })
    devnet.tell(MAKER, { mine: MORE_BLOCKS })
    await until('the branches', async () => {
      const now = await heights()

      return [C, D].every((node) => now[node]! >= base + OWN_BLOCKS) && [MAKER, B].every((node) => now[node]! >= base + MORE_BLOCKS)
    }, async () => (await heights()).join())
    heal()
    await expectAlerts(['VibeCoinDeepReorganisation c', 'VibeCoinDeepReorganisation d'], () => {})
  })

  it('fires VibeCoinAttacked for peers that break the protocol', async () => {
    for (let i = 0; i < 7; i++) {
      const session = await (await rawPeer()).connect(addressOf(devnet.addresses[C]!))
      session.sendBytes(new Uint8Array(64).fill(0xff))
      await session.closed()
    }

    await expectAlerts(['VibeCoinAttacked c'], () => {})
  })

  it('fires VibeCoinFlooded for a peer that sends too much', async () => {
    const session = await (await rawPeer()).connect(addressOf(devnet.addresses[C]!))
    session.answerPings()
    const flood = setInterval(() => {
      for (let i = 0n; i < 20n && session.closure == null; i++) {
        session.send({ type: 'ping', nonce: i, bestHeight: 0 })
      }
    }, 250)
    await expectAlerts(['VibeCoinFlooded c'], () => { clearInterval(flood) })
  })

  it('fires VibeCoinSlotsFull for a node without room', async () => {
    const full = await Promise.all(Array.from({ length: MAX_INBOUND + 2 }, async () => rawPeer()))

    for (const peer of full) {
      const session = await peer.connect(addressOf(devnet.addresses[B]!))
      session.answerPings()
    }

    await expectAlerts(['VibeCoinSlotsFull b'], async () => { await Promise.all(full.map(async (peer) => peer.stop())) })
  })

  it('fires VibeCoinBusy for a node whose event loop is held up', async () => {
    const stalling = setInterval(() => { devnet.tell(B, { stall: 750 }) }, 1000)
    await expectAlerts(['VibeCoinBusy b'], () => { clearInterval(stalling) })
  })

  it('has the times of transactions, of which nodes measure 1 in 64', async () => {
    for (let i = 0; i < MANY_PAYMENTS; i++) {
      devnet.tell(MAKER, { pay: beganAt + i })
    }

    await until('the times', async () => hasData(quantile(0.5, 'step', 'vibecoin_transaction_propagation_seconds')))
  })

  it('has a test for each alert', () => {
    const tested = this.tests.flatMap(({ title }) => title.match(/VibeCoin\w+/g) ?? [])
    assert.deepEqual([...new Set(tested)].sort(), ALERTS.map(({ name }) => name).sort())
  })

  for (const { title: row, panels } of ROWS) {
    for (const { title, queries } of panels) {
      it(`has data for the panel ${row}: ${title}`, async () => {
        for (const { expr } of queries) {
          assert.ok(await hasData(expr), expr)
        }
      })
    }
  }
})
