import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import { createGenerator } from 'ts-json-schema-generator'
import { opsFile } from './tools.ts'
import type { ValidateFunction } from 'ajv'

/** The types of Grafana itself: what it saves. */
const TYPES = join(dirname(createRequire(import.meta.url).resolve('@grafana/schema/package.json')), 'dist/types/raw')

/** What the data source of Prometheus adds to an annotation: the types leave that to each data source. */
const OF_PROMETHEUS = ['expr', 'titleFormat']

interface Panel {
  id: number
  type: string
  title: string
  options: unknown
  fieldConfig: { defaults: { custom: unknown } }
  gridPos: { x: number, y: number, w: number, h: number }
}
interface Dashboard { annotations: { list: Record<string, unknown>[] }, panels: Panel[] }

/** A check that a value is of a type of Grafana, with nothing that the type does not have. */
function checkOf (file: string, type: string): ValidateFunction {
  const generator = createGenerator({ path: join(TYPES, file), type, skipTypeCheck: true, topRef: true, additionalProperties: false })

  return new Ajv({ allErrors: true, strict: false }).compile(generator.createSchema(type))
}

function errorsOf (check: ValidateFunction, value: unknown): string[] {
  check(value)

  return (check.errors ?? []).map(({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
}

describe('ops/grafana', function () {
  this.timeout(60_000)

  const dashboard = JSON.parse(opsFile('grafana/vibecoin.json')) as Dashboard
  const graphs = dashboard.panels.filter(({ type }) => type === 'timeseries')
  const stats = dashboard.panels.filter(({ type }) => type === 'stat')

  it('has a dashboard of the form that Grafana saves', () => {
    const check = checkOf('dashboard/x/types.gen.d.ts', 'Dashboard')
    const list = dashboard.annotations.list.map((annotation) => {
      return Object.fromEntries(Object.entries(annotation).filter(([name]) => !OF_PROMETHEUS.includes(name)))
    })

    assert.deepEqual(errorsOf(check, { ...dashboard, annotations: { list } }), [])
    assert.notDeepEqual(errorsOf(check, { ...dashboard, annotations: { list }, colour: 'red' }), [])
  })

  it('has panels with all options that Grafana has for them', () => {
    assert.ok(graphs.length > 20 && stats.length > 2)
    assert.equal(graphs.length + stats.length + dashboard.panels.filter(({ type }) => type === 'row').length, dashboard.panels.length)

    for (const [panels, kind] of [[graphs, 'timeseries'], [stats, 'stat']] as const) {
      const check = checkOf(`composable/${kind}/panelcfg/x/types.gen.d.ts`, 'Options')
      panels.forEach(({ title, options }) => { assert.deepEqual(errorsOf(check, options), [], title) })
    }

    const custom = checkOf('composable/timeseries/panelcfg/x/types.gen.d.ts', 'FieldConfig')
    graphs.forEach(({ title, fieldConfig }) => { assert.deepEqual(errorsOf(custom, fieldConfig.defaults.custom), [], title) })
  })

  it('has each panel in a place of its own, and each id once', () => {
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)

    for (const [i, { title, gridPos: a }] of dashboard.panels.entries()) {
      assert.ok(a.x + a.w <= 24, title)

      for (const { title: other, gridPos: b } of dashboard.panels.slice(i + 1)) {
        assert.ok(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, `${title} and ${other}`)
      }
    }
  })
})
