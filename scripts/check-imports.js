// Holds the house in order: imports in src/ and bench/ run one way, there is no circle, and no file is too long.
//
//   node scripts/check-imports.js [directory [src | bench]]
//
// Without arguments it checks src/ and bench/, and otherwise a directory by the rooms of one of them, src unless given.
// Imports of types count like any other: they are how a lower room begins to know of a higher one.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const MAX_LINES = 300

/**
 * The rooms from the lowest to the highest: each may import itself and those before it. A room is a directory, or the file of
 * that name, with what is after a dot in the name left away: `start-network.browser.ts` is `start-network`. The longest name
 * that fits is the room.
 */
const ORDER = [
  'types', 'version', 'errors', 'util', 'memory', 'codec/limits', 'config', 'address', 'libp2p/patches', 'codec/generated', 'codec', 'bandwidth', 'session',
  'peers', 'gossip', 'sync', 'connect', 'service', 'leveldb', 'store', 'network', 'broadcast-stream', 'libp2p', 'admin', 'start-network',
  'index', 'prometheus', 'opentelemetry', 'http', 'web', 'testing/wait', 'testing/chain', 'testing/raw-peer', 'testing/simulator', 'testing', 'check', 'cli'
]

/** Rooms that may import less than what is below them. */
const ONLY = {
  version: [],
  memory: [],
  'codec/limits': [],
  'codec/generated': [],
  config: ['types', 'version', 'errors', 'codec/limits'],
  sync: ORDER.slice(0, ORDER.indexOf('gossip')),
  'libp2p/patches': ['types', 'errors', 'util', 'memory', 'config', 'address'],
  leveldb: ['errors', 'util'],
  store: ['types', 'errors', 'util', 'leveldb'],
  index: ORDER.filter((room) => room !== 'leveldb' && room !== 'store'),
  prometheus: ['errors', 'util'],
  opentelemetry: ['types', 'version', 'util', 'service'],
  http: ['errors', 'util', 'config'],
  web: ['types', 'errors', 'util', 'http'],
  'testing/wait': ['types', 'errors', 'util'],
  'testing/chain': ['types', 'errors', 'util', 'config', 'codec'],
  'testing/raw-peer': ['types', 'version', 'errors', 'util', 'config', 'codec', 'network', 'testing/wait'],
  'testing/simulator': ['types', 'errors', 'util', 'config', 'address', 'codec', 'service', 'store'],
  testing: [
    'types', 'version', 'errors', 'util', 'codec', 'config', 'network', 'start-network', 'index',
    'testing/wait', 'testing/chain', 'testing/raw-peer', 'testing/simulator'
  ],
  check: ['types', 'version', 'errors', 'libp2p/patches', 'codec', 'testing/wait', 'testing/raw-peer'],
  // codec: other threads of the command, which are to load no network
  cli: [
    'index', 'types', 'codec', 'version', 'leveldb', 'config', 'admin', 'util/line-splitter', 'util/clock', 'util/token-bucket', 'prometheus',
    'http', 'web', 'testing/raw-peer', 'check'
  ]
}

/** What no room but its own may import. */
const PRIVATE = { 'codec/generated': 'codec' }

/** The rooms of bench/, from the lowest to the highest. They may import src/ besides. */
const BENCH_ORDER = [
  'benchmark', 'statistics', 'delay-proxy', 'lossy-network', 'report', 'workers', 'programs', 'scenarios', 'compact-blocks', 'quic', 'sessions',
  'spreading', 'benchmarks', 'run', 'index', 'guard', 'chart'
]

const BENCH_ONLY = {
  workers: [],
  programs: ['workers'],
  run: ['benchmark', 'report'],
  chart: ['report']
}

const HOUSES = {
  src: { order: ORDER, only: ONLY, owners: PRIVATE, outside: [] },
  bench: { order: BENCH_ORDER, only: BENCH_ONLY, owners: {}, outside: ['../src/'] }
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const problems = []

/** @returns {string[]} The hand-written files under a directory, as paths from it. */
function findFiles (directory) {
  return readdirSync(directory, { recursive: true }).map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.[jt]s$/.test(path) && !/\.d\.ts$/.test(path)).sort()
}

/** @returns {string | undefined} */
function roomOf ({ order }, file) {
  const path = file.replace(/\.[^/]*$/, '')

  return order
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0]
}

/** @returns {{ specifier: string, target: string, line: number }[]} The imports of our own files. */
function readImports ({ directory, outside }, file) {
  const text = readFileSync(join(directory, file), 'utf8')

  return ts.preProcessFile(text, true, true).importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName, pos }) => ({
      specifier: fileName,
      target: relative(directory, resolve(directory, dirname(file), fileName)).replaceAll('\\', '/'),
      line: text.slice(0, pos).split('\n').length
    }))
    .filter(({ target }) => !outside.some((path) => target.startsWith(path)))
}

function report ({ directory }, { file, line }, problem) {
  problems.push(`${relative(process.cwd(), join(directory, file))}:${line}: ${problem}`)
}

/** @returns {boolean} Whether the files of a room may import this file. */
function mayImport (house, room, target) {
  const { order, only, owners } = house
  const targetRoom = roomOf(house, target)

  if (targetRoom === room) {
    return true
  }

  if (targetRoom == null || order.indexOf(targetRoom) > order.indexOf(room) || (owners[targetRoom] ?? room) !== room) {
    return false
  }

  const path = target.replace(/\.[^/]*$/, '')

  return only[room]?.some((allowed) => path === allowed || path.startsWith(`${allowed}/`)) ?? true
}

function checkRooms (house, file, imports) {
  const room = roomOf(house, file)

  if (room == null) {
    report(house, { file, line: 1 }, 'is in no room that scripts/check-imports.js knows')
    return
  }

  for (const { specifier, target, line } of imports) {
    if (statSync(join(house.directory, target), { throwIfNoEntry: false })?.isFile() !== true) {
      report(house, { file, line }, `imports '${specifier}', which is not there`)
    } else if (!mayImport(house, room, target)) {
      report(house, { file, line }, `${room} must not import ${roomOf(house, target) ?? target} ('${specifier}')`)
    }
  }
}

/** Walks depth first; an import of a file that is still being walked closes a circle. */
function checkCircles (house, graph) {
  const done = new Set()
  const path = []

  function walk (file) {
    path.push(file)

    for (const { target, line } of graph.get(file) ?? []) {
      if (path.includes(target)) {
        report(house, { file, line }, `closes a circle: ${[...path.slice(path.indexOf(target)), target].join(' -> ')}`)
      } else if (!done.has(target)) {
        walk(target)
      }
    }

    path.pop()
    done.add(file)
  }

  for (const file of graph.keys()) {
    if (!done.has(file)) {
      walk(file)
    }
  }
}

function checkLength (house, file) {
  const lines = readFileSync(join(house.directory, file), 'utf8').split('\n').length - 1

  if (lines > MAX_LINES && roomOf(house, file) !== 'codec/generated') {
    report(house, { file, line: MAX_LINES + 1 }, `has ${lines} lines, ${MAX_LINES} are the most`)
  }
}

/** @returns {number} How many files there are. */
function checkHouse (house) {
  const graph = new Map(findFiles(house.directory).map((file) => [file, readImports(house, file)]))

  for (const [file, imports] of graph) {
    checkRooms(house, file, imports)
    checkLength(house, file)
  }

  checkCircles(house, graph)

  return graph.size
}

const [directory, name = 'src'] = process.argv.slice(2)
const houses = directory == null
  ? Object.entries(HOUSES).map(([name, house]) => ({ directory: join(root, name), ...house }))
  : [{ directory: resolve(directory), ...HOUSES[name] }]
const files = houses.map(checkHouse).reduce((sum, count) => sum + count, 0)

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
} else {
  console.log(`${files} files, every import runs the right way`)
}
