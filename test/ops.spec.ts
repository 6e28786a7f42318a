import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ALERTS } from '../ops/source/alerts.ts'
import { ROWS } from '../ops/source/dashboard.ts'
import { scale } from '../ops/source/query.ts'
import { alertRules, opsFiles } from '../ops/source/render.ts'
import { readSettingsFile } from '../src/cli/settings/file.ts'
import { resolveSettings } from '../src/cli/settings/given.ts'
import { settingName } from '../src/cli/settings/setting.ts'
import { toHttpOptions } from '../src/cli/start/http.ts'
import { toNetworkConfig } from '../src/cli/start/network-config.ts'
import { FILE_SETTINGS, START_SETTINGS } from '../src/cli/start/settings.ts'
import { metricRows } from '../scripts/reference/metrics.ts'
import { readPage } from './markdown.ts'

const OPS = fileURLToPath(new URL('../ops', import.meta.url))
const metrics = metricRows()
const panels = ROWS.flatMap(({ panels }) => panels)

/** The metrics of this package that a query names, without what a histogram adds. */
function metricsIn (expr: string): string[] {
  return (expr.match(/\bvibecoin_\w+/g) ?? []).map((name) => {
    const base = name.replace(/_(bucket|sum|count)$/, '')

    return metrics.some(({ name, kind }) => name === base && kind === 'histogram') ? base : name
  })
}

describe('ops/', () => {
  for (const { path, text } of opsFiles()) {
    it(`has ${path} as npm run ops writes it`, () => {
      assert.ok(existsSync(join(OPS, path)), 'run `npm run ops`')
      assert.equal(readFileSync(join(OPS, path), 'utf8'), text, 'run `npm run ops`')
    })
  }

  it('asks for metrics that there are, and shows each of them', () => {
    const shown = new Set(panels.flatMap(({ queries }) => queries.flatMap(({ expr }) => metricsIn(expr))))
    const alerted = ALERTS.flatMap(({ expr }) => metricsIn(expr))
    const names = metrics.map(({ name }) => name)

    assert.deepEqual([...shown, ...alerted].filter((name) => !names.includes(name)), [])
    assert.deepEqual(names.filter((name) => !shown.has(name)), [])
  })

  it('has labels in its queries that the metrics have', () => {
    const known = new Set([...metrics.map(({ label }) => label), 'job', 'instance', 'node', 'le', ''])

    for (const { expr } of [...panels.flatMap(({ queries }) => queries), ...ALERTS]) {
      const matched = [...expr.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label!)
      const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(', '))
      assert.deepEqual([...matched, ...grouped].filter((label) => !known.has(label)), [], expr)
    }
  })

  it('has names of its own for panels and alerts, and says what to do', () => {
    for (const names of [panels.map(({ title }) => title), ALERTS.map(({ name }) => name)]) {
      assert.equal(new Set(names).size, names.length)
    }

    assert.ok(ALERTS.every(({ name, what, summary }) => /^VibeCoin[A-Z]/.test(name) && what.length > 20 && summary.includes('$labels.instance')))
  })

  it('multiplies durations for tests, and nothing else', () => {
    assert.equal(scale('rate(a_total{le="6"}[5m]) > 2 and b offset 1h', 1 / 60), 'rate(a_total{le="6"}[5000ms]) > 2 and b offset 60000ms')
    assert.equal(scale('0s', 2), '0ms')
    assert.equal(scale('[5m]', 1), '[5m]')
    assert.match(alertRules(1 / 60), /for: 2000ms/)
  })

  it('has settings that the command takes', async () => {
    const file = await readSettingsFile(FILE_SETTINGS, join(OPS, 'config/vibecoin.toml'))
    const settings = resolveSettings(START_SETTINGS, { file })
    assert.equal((await toNetworkConfig(settings)).maxInbound, 64)
    assert.deepEqual(toHttpOptions(settings), { host: '127.0.0.1', port: 9464, public: false, names: [] })
    assert.match(readFileSync(join(OPS, 'systemd/vibecoin.service'), 'utf8'), /^ExecStart=\/usr\/bin\/vibecoin-network start --config \/etc\/vibecoin\.toml$/m)
  })

  it('starts a container with options that the command has', () => {
    const [, command] = /^CMD (\[.*start.*\])$/m.exec(readFileSync(join(OPS, 'container/Containerfile'), 'utf8')) ?? []
    const flags = (JSON.parse(command ?? '[]') as string[]).filter((word) => word.startsWith('--')).map((word) => word.slice(2))
    assert.deepEqual(flags.filter((flag) => !Object.keys(START_SETTINGS).map(settingName).includes(flag)), [])
    assert.ok(flags.includes('http-public'))
  })

  it('has the configuration of nginx that docs/guide/browsers.md shows', () => {
    const [, shown] = /```nginx\n(.*?)```/s.exec(readPage('docs/guide/browsers.md')) ?? []
    assert.ok(readFileSync(join(OPS, 'nginx/vibecoin.conf'), 'utf8').endsWith(`\n\n${shown}`))
  })
})
