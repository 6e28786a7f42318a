import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deadLinksOf } from './markdown.ts'
import {
  HASH_BYTES, MAX_DETAIL_BYTES, MAX_DIGESTS, MAX_FRAME_BYTES, MAX_HANDSHAKE_FRAME_BYTES, MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS,
  MAX_PEER_RECORD_BYTES, MAX_PEER_RECORDS,
  maxItemBytes, MAX_NETWORK_BYTES, MAX_NODE_ID_BYTES, MAX_USER_AGENT_BYTES, SHORT_DIGEST_BYTES
} from '../src/codec/limits.ts'
import { DEFAULTS } from '../src/config/resolve.ts'
import { TRANSACTIONS_TIMEOUT_MS } from '../src/gossip/compact/pending.ts'
import { MAX_TRANSACTION_ANSWERS } from '../src/gossip/compact/compact-forms.ts'
import { MAX_ANSWER_MS } from '../src/gossip/fetch/answer-time.ts'
import { ANNOUNCE_BYTES } from '../src/gossip/send/distribution.ts'
import { STORED_TTL_MS } from '../src/gossip/send/item-store.ts'
import { WANT_DELAY_MS } from '../src/gossip/fetch/fetcher.ts'
import { MAX_REQUESTS } from '../src/session/requests.ts'
import { backoffPolicies, failureKind } from '../src/connect/dial/redial-delay.ts'
import { MAX_IN_FLIGHT } from '../src/sync/download/throughput.ts'
import { MAX_RANGE_BLOCKS, MAX_RANGE_BYTES, MAX_SERVED_REQUESTS, RANGE_FRAME_BYTES } from '../src/sync/serve/server.ts'
import { DISCONNECT_REASONS, PROTOCOL_ID } from '../src/types/message.ts'
import type { DisconnectReason } from '../src/types/message.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FILES = [
  '*.md', 'docs/**/*.md', 'test/fixtures/*.md', 'bench/*.md', 'examples/**/*.md', 'interop/*.md', 'interop/*/*.md'
].flatMap((pattern) => globSync(pattern, { cwd: ROOT }).sort()).filter((file) => !file.startsWith('docs/api/'))

/** The folders that scripts make, which git does not keep. */
const MADE_FOLDERS = read('.gitignore').split('\n')

const UNITS: Record<string, number> = {
  'KiB': 1024, 'MiB': 1024 ** 2, 'ms': 1, 's': 1000, 'min': 60_000, 'h': 3_600_000, '': 1
}

function read (file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** The rows of the table with these headers, as cells. */
function rowsOf (file: string, ...headers: string[]): string[][] {
  const [, below] = read(file).split(`\n| ${headers.join(' | ')} |\n`)
  assert(below != null, `${file} has a table of ${headers.join(', ')}`)
  const lines = below.split('\n').slice(1)
  const rows = lines.slice(0, lines.findIndex((line) => !line.startsWith('|'))).map((line) => {
    return line.replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim())
  })
  assert.notEqual(rows.length, 0)

  return rows
}

/** What stands in backticks. */
function namesIn (text = ''): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
}

/** The number, with its unit, that a text begins with. */
function valueIn (text: string): number {
  const [, number = '', unit = ''] = /^(\d+)(?: (KiB|MiB|ms|s|min|h)\b)?/.exec(text) ?? []
  assert.notEqual(number, '', text)

  return Number(number) * (UNITS[unit] ?? NaN)
}

describe('the documents', () => {
  for (const file of FILES) {
    it(`link to what is there: ${file}`, () => {
      assert.deepEqual(deadLinksOf(file), [])
    })

    it(`name files that are there: ${file}`, () => {
      const named = [...read(file).matchAll(/(?<![\w./-])((?:[\w-]+\/)+[\w.-]+\.(?:ts|js|json|proto|md))\b/g)].map(([, name = '']) => name)
      const missing = named.filter((name) => !['', 'src', dirname(file)].some((base) => existsSync(join(ROOT, base, name))))

      assert.deepEqual(missing, [])
    })

    it(`name folders that are there: ${file}`, () => {
      const named = [...read(file).matchAll(/`((?:[\w-]+\/)+)`/g)].map(([, name = '']) => name)
      const missing = named.filter((name) => {
        return !MADE_FOLDERS.includes(name) && !['', 'src', dirname(file)].some((base) => existsSync(join(ROOT, base, name)))
      })

      assert.deepEqual(missing, [])
    })

    it(`name scripts that are there: ${file}`, () => {
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
      const named = [...read(file).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)

      assert.deepEqual(named.filter((name) => !Object.hasOwn(scripts, name)), [])
    })
  }
})

describe('docs/protocol.md', () => {
  const file = 'docs/protocol.md'
  const proto = read('proto/vibecoin.proto').replace(/\/\/.*$/gm, '')

  it('has the protocol id', () => {
    assert.ok(namesIn(read(file)).includes(PROTOCOL_ID))
  })

  it('lists every message with its field', () => {
    const [, body = ''] = /oneof body \{(.*?)\}/s.exec(proto) ?? []
    const fields = [...body.matchAll(/(\w+) \w+ = (\d+);/g)].map(([, name, number]) => [name, number])

    assert.deepEqual(rowsOf(file, 'message', 'field', 'sent', 'answered by').map(([name, number]) => [namesIn(name)[0], number]), fields)
  })

  it('has a rule for every field that is no message', () => {
    const scalars = [...proto.matchAll(/\b(?:uint32|uint64|bytes|string|Reason) (\w+) = \d+;/g)].map(([, name]) => name)
    const listed = new Set(rowsOf(file, 'field', 'rule').flatMap(([names]) => namesIn(names)))

    assert.ok(scalars.length > 20)
    assert.deepEqual(scalars.filter((name) => !listed.has(name ?? '')), [])
  })

  it('has the numbers of the rules for fields', () => {
    const limits: Record<string, number[]> = {
      network: [MAX_NETWORK_BYTES, 8],
      genesis_hash: [HASH_BYTES],
      id: [HASH_BYTES],
      node_id: [MAX_NODE_ID_BYTES, 8],
      user_agent: [MAX_USER_AGENT_BYTES, 8],
      listen_addrs: [MAX_LISTEN_ADDRS, MAX_LISTEN_ADDR_BYTES],
      digests: [MAX_DIGESTS, HASH_BYTES],
      short_digests: [MAX_DIGESTS, SHORT_DIGEST_BYTES],
      detail: [MAX_DETAIL_BYTES, 8]
    }
    const rows = rowsOf(file, 'field', 'rule')

    for (const [name, numbers] of Object.entries(limits)) {
      const [, rule = ''] = rows.find(([names]) => namesIn(names)[0] === name) ?? []

      assert.deepEqual(rule.match(/\d+/g)?.map(Number), numbers, name)
    }
  })

  it('has every disconnect reason, with its number and what comes after it', () => {
    const rows = rowsOf(file, 'reason', 'number', 'ours sends it when', 'next try')

    assert.deepEqual(Object.fromEntries(rows.map(([name, number]) => [namesIn(name)[0], Number(number)])), DISCONNECT_REASONS)

    for (const [name, , , kind] of rows) {
      const reason = namesIn(name)[0] as DisconnectReason

      assert.equal(kind, failureKind(reason), reason)
    }
  })

  it('has the pauses after each kind of failure', () => {
    const rows = rowsOf(file, 'kind', 'first', 'longest', 'drawn from')

    assert.deepEqual(
      Object.fromEntries(rows.map(([kind, first = '', longest = '']) => [kind, { first: valueIn(first), longest: valueIn(longest) }])),
      backoffPolicies(DEFAULTS)
    )
  })

  it('has the values of its limits', () => {
    const { handshakeTimeout, frameTimeout, pingTimeout, requestTimeout } = DEFAULTS

    assert.deepEqual(rowsOf(file, 'limit', 'value').map(([, value = '']) => valueIn(value)), [
      MAX_FRAME_BYTES, MAX_HANDSHAKE_FRAME_BYTES, maxItemBytes(MAX_FRAME_BYTES),
      handshakeTimeout, frameTimeout, pingTimeout, requestTimeout, MAX_RANGE_BLOCKS,
      MAX_RANGE_BYTES, RANGE_FRAME_BYTES, MAX_SERVED_REQUESTS, MAX_REQUESTS, MAX_IN_FLIGHT,
      MAX_DIGESTS, MAX_PEER_RECORDS, MAX_PEER_RECORD_BYTES, ANNOUNCE_BYTES, WANT_DELAY_MS, MAX_ANSWER_MS,
      TRANSACTIONS_TIMEOUT_MS, MAX_TRANSACTION_ANSWERS, STORED_TTL_MS
    ])
  })

  it('has the rates of what a peer may send', () => {
    const { transactions, blocks, blocksAsked, digests, pings, others } = DEFAULTS.rateLimits

    assert.deepEqual(
      rowsOf(file, 'kind', 'a second', 'at once').map(([, perSecond, burst]) => ({ perSecond: Number(perSecond), burst: Number(burst) })),
      [transactions, blocks, blocksAsked, digests, pings, others]
    )
  })

  it('takes its example from the fixtures', () => {
    const [, example = ''] = /```text\n(.*?)```/s.exec(read(file)) ?? []
    const frame = example.split('\n').map((line) => /^\s*((?:[0-9a-f]{2} )+)/.exec(`${line} `)?.[1] ?? '').join('').replaceAll(' ', '')
    const fixtures = JSON.parse(read('test/fixtures/messages.json')) as { name: string, frame: string }[]

    assert.equal(frame, fixtures.find(({ name }) => name === 'requestBlock')?.frame)
  })
})

/** The rooms that scripts/check-imports.js has, from the lowest to the highest. */
function readRooms (): string[] {
  const [, list = ''] = /const ORDER = \[([^\]]*)\]/.exec(read('scripts/check-imports.js')) ?? []

  return [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
}

describe('docs/internals', () => {
  it('lists every room in overview.md, from the lowest to the highest', () => {
    const rows = rowsOf('docs/internals/overview.md', 'room', 'what is in it')

    assert.deepEqual(rows.map(([cell = '']) => namesIn(cell)[0]), readRooms())
  })

  it('has an overview of at most 160 lines, and a glossary of at most 30 words', () => {
    assert.ok(read('docs/internals/overview.md').trimEnd().split('\n').length <= 160)
    assert.ok(rowsOf('docs/internals/glossary.md', 'word', 'what it is').length <= 30)
  })

  it('links every page from overview.md', () => {
    const overview = read('docs/internals/overview.md')
    const pages = globSync('docs/internals/*.md', { cwd: ROOT }).map((file) => basename(file)).filter((file) => file !== 'overview.md')

    assert.deepEqual(pages.filter((page) => !overview.includes(`](${page})`)), [])
  })
})
