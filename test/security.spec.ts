import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findBounds, valueText } from '../scripts/reference/bounds.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DOCUMENT = readFileSync(join(ROOT, 'docs', 'security-tests.md'), 'utf8')
const OPERATORS = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8')

/** How long mocha may take to read the files, in ms. */
const DEADLINE_MS = 60_000

interface Row { attack: string, rule: string, proof: string }

interface Reference { file: string, title: string }

/** What mocha says of a test without running it. */
interface Listed { title: string, fullTitle: string, file: string }

/** The rows of all tables whose last column is a test. */
function readRows (): Row[] {
  const lines = DOCUMENT.split('\n')

  return lines.flatMap((line, i) => {
    if (!/^\|.*\| test \|$/.test(line)) {
      return []
    }

    const below = lines.slice(i + 2)
    const count = below.findIndex((line) => !line.startsWith('|'))

    return below.slice(0, count).map((row) => {
      const cells = row.replace(/^\| | \|$/g, '').split(' | ')
      assert.equal(cells.length, 3, row)
      const [attack = '', rule = '', proof = ''] = cells

      return { attack, rule, proof }
    })
  })
}

function referencesIn (proof: string): Reference[] {
  return proof.split('; `').map((part) => {
    const [, file = '', title = ''] = /^`?(test\/[\w./-]+\.spec\.ts)`: "([^"]+)"$/.exec(part) ?? []
    assert.notEqual(title, '', `a file and a title: ${part}`)

    return { file, title }
  })
}

/** Every test of these files that is not skipped, as mocha has it. */
async function listTests (files: string[]): Promise<Listed[]> {
  const mocha = join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const args = [mocha, '--no-config', '--require', './test/setup.ts', '--dry-run', '--reporter', 'json', ...files]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: DEADLINE_MS, maxBuffer: 64 * 1024 * 1024 })
  const { tests, pending } = JSON.parse(stdout) as { tests: Listed[], pending: Listed[] }
  const skipped = new Set(pending.map(({ file, fullTitle }) => `${file} ${fullTitle}`))

  return tests.filter(({ file, fullTitle }) => !skipped.has(`${file} ${fullTitle}`))
}

describe('docs/security-tests.md', () => {
  const rows = readRows()
  const references = rows.flatMap(({ proof }) => referencesIn(proof))
  let tests: Listed[]

  before(async function () {
    this.timeout(DEADLINE_MS)
    tests = await listTests([...new Set(references.map(({ file }) => file))])
  })

  function isThere ({ file, title }: Reference): boolean {
    return tests.some((test) => {
      return test.file === join(ROOT, file) && (test.title === title || test.fullTitle.endsWith(` ${title}`))
    })
  }

  it('has a table for each kind of attack', () => {
    const headings = DOCUMENT.slice(DOCUMENT.indexOf('\n## The attacks'), DOCUMENT.indexOf('\n## How this is tested')).match(/^### /gm)

    assert.equal(headings?.length, DOCUMENT.match(/^\|.*\| test \|$/gm)?.length)
    assert.ok(rows.length > 70)
  })

  for (const { attack, proof } of rows) {
    it(`names tests that are there: ${attack}`, () => {
      assert.deepEqual(referencesIn(proof).filter((reference) => !isThere(reference)), [])
    })
  }

  it('does not find a test that is not there', () => {
    const [{ file, title } = { file: '', title: '' }, other] = references

    assert.ok(isThere({ file, title }))
    assert.equal(isThere({ file, title: title.slice(1) }), false)
    assert.equal(isThere({ file: references.find((reference) => reference.file !== file)?.file ?? '', title }), false)
    assert.notEqual(other, undefined)
  })

  it('names every file of hostile tests', () => {
    const named = new Set(references.map(({ file }) => file))

    assert.deepEqual(globSync('test/hostile/*.spec.ts', { cwd: ROOT }).filter((file) => !named.has(file)), [])
  })

  it('has the values of the bounds', () => {
    const bounds = Map.groupBy(findBounds(), ({ name }) => name)
    const named = rows.flatMap(({ rule }) => [...rule.matchAll(/(\d+(?: (?:B|KiB|MiB|ms|s|min|h))?) \(`([A-Z\d_]+)`\)/g)])
    const constants = rows.flatMap(({ rule }) => [...rule.matchAll(/`([A-Z\d]+_[A-Z\d_]+)`\)/g)])

    assert.ok(named.length > 40)
    assert.equal(named.length, constants.length, 'a value before each constant')
    assert.deepEqual(named.filter(([, value = '', name = '']) => bounds.get(name)?.some((bound) => valueText(bound) === value) !== true).map(([text]) => text), [])
  })
})

describe('docs/security.md', () => {
  it('links to each table of attacks', () => {
    const headings = [...DOCUMENT.matchAll(/^### (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase().replaceAll(',', '').replaceAll(' ', '-'))
    const linked = [...OPERATORS.matchAll(/^\|.*\]\(security-tests\.md#([\w-]+)\) \|$/gm)].map(([, anchor]) => anchor)

    assert.deepEqual(linked, headings)
  })

  it('has log lines that are there, and metrics', () => {
    const source = globSync('src/**/*.ts', { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
    const operators = OPERATORS.slice(OPERATORS.indexOf('\n### What to watch'))
    const named = [...operators.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name)

    assert.ok(named.length > 10)
    assert.deepEqual(named.filter((name) => !source.includes(name)), [])
  })
})
