import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { createProgram, literalsOf, membersOf, typeOf } from './declarations.ts'
import { namesIn, readPage, rowsBelow, sentencesOf, USER_PAGES } from './markdown.ts'
import { DEFAULTS } from '../src/config/resolve.ts'
import { OFFENCES } from '../src/peers/penalties/scores.ts'
import { backoffPolicies } from '../src/connect/dial/redial-delay.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const REPORTS = join(ROOT, 'src', 'cli', 'output', 'report.ts')
const GUIDE = 'docs/guide'
const INDEX = `${GUIDE}/README.md`
const PAGES = USER_PAGES.filter((page) => page.startsWith(GUIDE) && page !== INDEX)

/** Lines of a page of the guide, and of the README. */
const MIN_LINES = 80
const MAX_LINES = 200
const MAX_README_LINES = 250

/** Words of a sentence. */
const MAX_WORDS = 25

/** Words that name no actor. */
const VAGUE = /\b(somebody|anybody|nobody|everybody|whoever|whomever|it is looked|is made with|to be called when)\b/i

const UNITS: Record<string, number> = { s: 1000, min: 60_000, h: 3_600_000, day: 86_400_000 }

function linesOf (page: string): number {
  return readPage(page).trimEnd().split('\n').length
}

/** The pages that people write. The reference is made of TSDoc, and reports to other projects keep to their forms. */
const PROSE = ['*.md', 'docs/{*,guide/*,internals/*}.md', 'examples/*/*.md', 'interop/{*,*/*}.md', 'test/fixtures/*.md']
  .flatMap((pattern) => globSync(pattern, { cwd: ROOT }).sort())

describe('the documents for people', () => {
  it('begin with a page of a few screens: README.md', () => {
    assert.ok(linesOf('README.md') <= MAX_README_LINES)
  })

  for (const page of PROSE) {
    it(`have sentences of at most ${MAX_WORDS} words: ${page}`, () => {
      const words = (sentence: string): number => sentence.split(/\s+/).filter((word) => /[\p{L}\d]/u.test(word)).length

      assert.deepEqual(sentencesOf(page).filter((sentence) => words(sentence) > MAX_WORDS), [])
    })

    it(`name who does it: ${page}`, () => {
      assert.deepEqual(sentencesOf(page).filter((sentence) => VAGUE.test(sentence)), [])
    })
  }
})

describe('docs/guide', () => {
  let program: ts.Program

  before(function () {
    this.timeout(60_000)
    program = createProgram([join(ROOT, 'src', 'index.ts'), REPORTS])
  })

  it('has an index that lists every page', () => {
    const listed = rowsBelow(INDEX, 'Pages', 'page', 'after it you can').map(([link = '']) => /\]\(([^)]+)\)/.exec(link)?.[1])

    assert.deepEqual(listed.sort(), PAGES.map((page) => basename(page)).sort())
  })

  it('answers each question with a heading', () => {
    const answers = rowsBelow(INDEX, 'Questions', 'question', 'answer')

    assert.equal(answers.length, 12)
    assert.deepEqual(answers.filter(([, answer = '']) => !/\]\([^)]+#[^)]+\)/.test(answer)), [])
  })

  for (const page of PAGES) {
    it(`has pages that are short, and no stubs: ${basename(page)}`, () => {
      const lines = linesOf(page)

      assert.ok(lines >= MIN_LINES && lines <= MAX_LINES, `${lines} lines`)
    })
  }

  for (const page of [INDEX, ...PAGES]) {
    it(`has pages that begin with what the reader can do after them: ${basename(page)}`, () => {
      assert.match(readPage(page), /^# .+\n\nAfter this page .+\.\n/)
    })
  }

  describe('chain-and-sync.md', () => {
    const page = `${GUIDE}/chain-and-sync.md`
    const methods = rowsBelow(page, 'A chain that the network writes to', 'method', 'what it has to do')

    it('lists every member of a ChainStore', () => {
      assert.deepEqual(namesIn(methods), membersOf(typeOf(program, 'ChainStore')))
    })

    it('says which members of a ChainStore are optional', () => {
      assert.deepEqual(
        namesIn(methods.filter(([, text = '']) => text.startsWith('optional: '))),
        typeOf(program, 'ChainStore').getProperties().filter(({ flags }) => flags & ts.SymbolFlags.Optional).map(({ name }) => name).sort()
      )
    })

    it('lists every kind of fault', () => {
      const rows = rowsBelow(page, 'Faults of peers', 'kind', 'what the peer did', 'what follows')

      assert.deepEqual(namesIn(rows), literalsOf(typeOf(program, 'FaultKind')))
    })
  })

  describe('requesting-blocks.md', () => {
    it('lists every method of a ChainSource', () => {
      const methods = namesIn(rowsBelow(`${GUIDE}/requesting-blocks.md`, 'Serve a chain', 'method', 'what it returns'))

      assert.deepEqual(
        methods.map((method) => /^\w+/.exec(method)?.[0]), membersOf(typeOf(program, 'ChainSource')).filter((name) => name !== 'sharesMemory')
      )
    })
  })

  describe('handlers.md', () => {
    it('lists every kind of handler', () => {
      const rows = rowsBelow(`${GUIDE}/handlers.md`, 'Every kind of handler', 'type', 'handler', 'what it is for')

      assert.deepEqual(namesIn(rows), membersOf(typeOf(program, 'Handlers')))
    })

    it('lists every verdict', () => {
      assert.deepEqual(
        namesIn(rowsBelow(`${GUIDE}/handlers.md`, 'The three verdicts', 'verdict', 'what happens')),
        literalsOf(typeOf(program, 'Verdict')).map((verdict) => `'${verdict}'`)
      )
    })
  })

  describe('peers-and-bans.md', () => {
    const page = `${GUIDE}/peers-and-bans.md`

    it('lists every offence that there is a reason for, with what it counts', () => {
      const rows = rowsBelow(page, 'Why a peer is banned', 'offence', 'score', 'what the peer did', 'bans')
      const rules = rows.map(([name = '', weight, , mayBan]) => [namesIn([[name]])[0], { weight: Number(weight), mayBan: mayBan === 'yes' }])

      assert.deepEqual(Object.fromEntries(rules), OFFENCES)
    })

    it('says of every field of a peer how far it can be trusted', () => {
      const rows = rowsBelow(page, 'List the peers', 'of a [`Peer`](../reference/events.md#peer)', 'fields')

      assert.deepEqual(namesIn(rows.map(([, fields = '']) => [fields])), membersOf(typeOf(program, 'Peer')))
    })

    it('has the pauses after each kind of failure', () => {
      const rows = rowsBelow(page, 'Connect and disconnect', 'failure', 'first pause', 'longest pause')
      const ms = (text = ''): number => {
        const [, count = '', unit = ''] = /(\d+) (s|min|h|day)$/.exec(text) ?? []

        return Number(count) * (UNITS[unit] ?? NaN)
      }
      const { unreachable, full, incompatible, unwanted } = backoffPolicies(DEFAULTS)
      const pauses = rows.map(([, first, longest]) => ({ first: ms(first), longest: ms(longest) }))

      assert.deepEqual(pauses, [unreachable, full, incompatible, unwanted])
    })
  })

  it('lists every kind of rate', () => {
    assert.deepEqual(
      namesIn(rowsBelow(`${GUIDE}/rates-and-bandwidth.md`, 'How much a peer may send', 'kind of `rateLimits`', 'what is counted')),
      Object.keys(DEFAULTS.rateLimits).sort()
    )
  })

  it('lists every option of nat', () => {
    assert.deepEqual(namesIn(rowsBelow(`${GUIDE}/nat.md`, 'Which options you need', 'part', 'in short')), membersOf(typeOf(program, 'NatOptions')))
  })

  it('has the size that is recorded for web pages', () => {
    const { minified, gzip } = JSON.parse(readFileSync(join(ROOT, 'test', 'browser', 'bundle-size.json'), 'utf8')) as Record<string, number>
    const [, ...sizes] = /^\| size \| (\d+) kB minified, (\d+) kB compressed/m.exec(readPage(`${GUIDE}/browsers.md`)) ?? []

    assert.deepEqual(sizes.map((size) => Number(size) * 1000), [minified, gzip])
  })

  describe('command-line.md', () => {
    const page = `${GUIDE}/command-line.md`

    it('has the fields of what the command reports while it catches up', () => {
      const checker = program.getTypeChecker()
      const events = typeOf(program, 'NodeEvents', REPORTS)
      const rows = rowsBelow(page, 'One JSON object a line', 'event', 'fields')

      assert.deepEqual(namesIn(rows), ['fault', 'syncFailed', 'synced', 'syncing'])

      for (const [event = '', fields = ''] of rows) {
        const [name = ''] = namesIn([[event]])
        const symbol = events.getProperty(name)
        assert(symbol != null, name)

        assert.deepEqual(namesIn([[fields]]), membersOf(checker.getTypeOfSymbol(symbol)), name)
      }
    })
  })
})
