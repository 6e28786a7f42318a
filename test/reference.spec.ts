import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import ts from 'typescript'
import { findBounds, valueText } from '../scripts/reference/bounds.ts'
import { kitNames, kitWithoutWords } from '../scripts/reference/kit.ts'
import { logNames } from '../scripts/reference/metrics.ts'
import { fill, fillPages } from '../scripts/reference/pages.ts'
import { membersOf, publicNames, ROOT } from '../scripts/reference/source.ts'
import { resolveConfig } from '../src/config/resolve.ts'
import * as network from '../src/index.ts'
import { createMetrics } from '../src/service/metrics/metrics.ts'
import type { Page } from '../scripts/reference/pages.ts'
import { Refusals } from '../src/libp2p/gate/refusals.ts'
import type { Metrics } from '@libp2p/interface'

const PAGES = ['api.md', 'checks.md', 'command-line.md', 'configuration.md', 'errors.md', 'events.md', 'limits.md', 'metrics.md', 'status.md', 'testing.md']

/** Exported numbers that bound nothing: parts of the encoding. */
const NO_BOUND = /_(TAG|FIELD|VERSION)$/

/** The cells of each row of the table that begins with this header. */
function rowsBelow (page: string, header: string): string[][] {
  const lines = readFileSync(join(ROOT, 'docs', 'reference', page), 'utf8').split('\n')
  const first = lines.findIndex((line) => line.startsWith(`| ${header} |`)) + 2
  const end = lines.findIndex((line, i) => i > first && !line.startsWith('|'))
  assert.ok(first > 1 && end > first, `${page} has a table with ${header}`)

  return lines.slice(first, end).map((line) => line.replace(/^\| | \|$/g, '').split(' | '))
}

/** A cell without its backticks. */
function nameIn (cell = ''): string {
  return cell.replaceAll('`', '')
}

describe('docs/reference', () => {
  let pages: Page[]

  before(async function () {
    this.timeout(60_000)
    pages = await fillPages()
  })

  for (const name of PAGES) {
    it(`is what npm run docs:reference writes: ${name}`, () => {
      const page = pages.find(({ path }) => basename(path) === name)

      assert.equal(page?.before, page?.after)
    })
  }

  it('has no other page', () => {
    assert.deepEqual(pages.map(({ path }) => basename(path)), PAGES)
  })

  it('is written anew where it is not what the source says', async () => {
    const wrong = '# Page\n\n<!-- generated: choices SyncErrorCode -->\n\nold\n\n<!-- end -->\n\nby hand\n'
    const filled = await fill(wrong)

    assert.match(filled, /^# Page\n\n<!-- generated.*\n\n\| `SyncErrorCode` \|.*`FORK`.*\n\n<!-- end -->\n\nby hand\n$/s)
    assert.equal(await fill(filled), filled)
  })

  it('refuses to write what nothing writes', async () => {
    await assert.rejects(fill('<!-- generated: nothing -->\n<!-- end -->'), /Nothing is generated for "nothing"/)
    await assert.rejects(fill('<!-- generated: fields Nothing -->\n<!-- end -->'), /exports no Nothing/)
  })

  it('has words for every option, and what it holds', () => {
    for (const name of ['NetworkConfig', 'Limits', 'RateLimits', 'Bandwidth', 'DiscoveryOptions', 'NatOptions']) {
      assert.deepEqual(membersOf(name).filter(({ text }) => text === '').map((option) => option.name), [], name)
    }
  })

  describe('limits', () => {
    for (const [cell = '', value = ''] of rowsBelow('configuration.md', '`limits`')) {
      const name = nameIn(cell)

      it(`have the range of ${name}`, () => {
        const [, kind, min, max] = /^(an integer|a power of two) from (\d+) to (\d+)/.exec(value) ?? []
        // the one has to be less than the other
        const others = { outboxSoftBytes: { outboxHardBytes: 268_435_456 }, outboxHardBytes: { outboxSoftBytes: 65_536 } }[name]
        const resolve = (size: number): unknown => resolveConfig({ genesisHash: new Uint8Array(32), limits: { ...others, [name]: size } })
        const [least, most] = [Number(min), Number(max)]
        const outside = kind === 'a power of two' ? [least / 2, least + 1, most * 2] : [least - 1, most + 1]

        resolve(least)
        resolve(most)

        for (const size of outside) {
          assert.throws(() => resolve(size), { name: 'ConfigError', message: new RegExp(name) })
        }
      })
    }
  })

  describe('bounds', () => {
    const bounds = findBounds()

    it('are all numbers that src/ exports for a node, with their values', async function () {
      this.timeout(60_000)
      const exported: string[] = []

      for (const file of globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !/\/(bin\.ts$|generated\/|testing\/)/.test(file) && !file.includes('.browser.'))) {
        const module = await import(new URL(`../${file}`, import.meta.url).href) as Record<string, unknown>
        const numbers = Object.entries(module).filter(([name, value]) => typeof value === 'number' && /^[A-Z\d_]+$/.test(name) && !NO_BOUND.test(name))
        exported.push(...numbers.map(([name, value]) => `${name} = ${String(value)} in ${file}`))
      }

      assert.ok(exported.length > 200)
      assert.deepEqual(
        bounds.map(({ name, value, file }) => `${name} = ${value} in src/${file}`).sort(),
        exported.sort()
      )
    })

    it('have words', () => {
      assert.deepEqual(bounds.filter(({ text }) => text === '').map(({ name, file }) => `${name} in ${file}`), [])
    })

    it('have the unit that their name ends with', () => {
      const texts = [
        valueText({ name: 'A_MS', value: 1500 }), valueText({ name: 'A_MS', value: 5000 }), valueText({ name: 'A_MS', value: 7_200_000 }),
        valueText({ name: 'A_BYTES', value: 1025 }), valueText({ name: 'A_BYTES', value: 65_536 }), valueText({ name: 'A_BYTES', value: 1024 ** 2 }),
        valueText({ name: 'A_BYTES_PER_SECOND', value: 1024 }), valueText({ name: 'MAX_A', value: 1024 }), valueText({ name: 'A_MS', value: 0 })
      ]

      assert.deepEqual(texts, ['1500 ms', '5 s', '2 h', '1025 B', '64 KiB', '1 MiB', '1 KiB', '1024', '0 ms'])
    })
  })

  it('has the signature of every function, and of every member of an interface with methods', () => {
    const page = readFileSync(join(ROOT, 'docs', 'reference', 'api.md'), 'utf8')
    const functions = Object.entries(network).filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name)).map(([name]) => name)
    const interfaces = [...publicNames().values()].filter((symbol) => symbol.declarations?.some((node) => {
      return ts.isInterfaceDeclaration(node) && node.members.some(ts.isMethodSignature)
    }))

    assert.ok(functions.length > 10 && interfaces.length > 5)
    assert.deepEqual(functions.filter((name) => ![' ', '<'].some((next) => page.includes(`\n| \`function ${name}${next}`))), [])
    assert.deepEqual(interfaces.map(({ name }) => name).filter((name) => !page.includes(`<!-- generated: members ${name} -->`)), [])
    assert.match(page, /\n\| `verify\? \(block: Block, parent: Block, bytes: Uint8Array\): Awaitable<void>` \| Checks a block/)
  })

  it('has a section for everything that the kit for tests exports, and words for all of it', () => {
    const page = readFileSync(join(ROOT, 'docs/reference/testing.md'), 'utf8')

    assert.ok(kitNames().length > 50)
    assert.deepEqual(kitNames().filter((name) => !page.includes(`\n### \`${name}\`\n`)), [])
    assert.deepEqual(kitWithoutWords(), [])
    assert.match(page, /\n\| `readonly now: number` \| In ms of virtual time/)
    assert.match(page, /\n\| `static start \(/)
  })

  it('lists every error class, with what to do', () => {
    const classes = Object.values(network).flatMap((value) => {
      return typeof value === 'function' && (value === network.VibeCoinError || network.VibeCoinError.isPrototypeOf(value)) ? [value.name] : []
    })
    const rows = rowsBelow('errors.md', 'error')

    assert.deepEqual(rows.map(([name]) => nameIn(name)), classes.sort())
    assert.deepEqual(rows.filter((cells) => cells.slice(0, 3).some((cell) => cell.trim() === '')), [])
  })

  it('lists every metric with its label', () => {
    const metrics: Record<string, unknown> = {}
    const fake = new Proxy({}, {
      get: (_, method: string) => (name: string, { label = '' }: { label?: string } = {}) => {
        metrics[name] = [method.replace(/^register|Group$/g, '').replace('Metric', 'Gauge').toLowerCase(), label]

        return { increment: () => {} }
      }
    }) as unknown as Metrics
    new Refusals().register(fake)
    createMetrics(fake).observe({ status: () => assert.fail('not asked for') })

    const documented = rowsBelow('metrics.md', 'metric').map(([name, kind, label]) => [nameIn(name), [kind, nameIn(label)]])
    assert.deepEqual(Object.fromEntries(documented), metrics)
  })

  it('lists every log', () => {
    assert.deepEqual(rowsBelow('metrics.md', 'log').map(([name]) => nameIn(name)), logNames())
  })
})
