// Holds the house in order: imports in src/ run one way, there is no circle, and no file is too long.
//
//   node scripts/check-imports.js [directory]
//
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
  'peers', 'gossip', 'sync', 'connect', 'service', 'level', 'store', 'network', 'broadcast-stream', 'libp2p', 'start-network',
  'index', 'cli'
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
  level: ['errors', 'util'],
  store: ['types', 'errors', 'util', 'level'],
  index: ORDER.filter((room) => room !== 'level' && room !== 'store'),
  cli: ['index', 'version', 'level']
}

/** What no room but its own may import. */
const PRIVATE = { 'codec/generated': 'codec' }

const directory = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'src'))
const problems = []

/** @returns {string[]} The hand-written files under `folder`, as paths from `directory`. */
function findFiles (folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)

    return entry.isDirectory() ? findFiles(path) : [relative(directory, path).replaceAll('\\', '/')]
  }).filter((path) => /\.[jt]s$/.test(path) && !/\.d\.ts$/.test(path)).sort()
}

/** @returns {string | undefined} */
function roomOf (file) {
  const path = file.replace(/\.[^/]*$/, '')

  return ORDER
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0]
}

/** @returns {{ specifier: string, target: string, line: number }[]} The imports of our own files. */
function readImports (file, text) {
  return ts.preProcessFile(text, true, true).importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName, pos }) => ({
      specifier: fileName,
      target: relative(directory, resolve(directory, dirname(file), fileName)).replaceAll('\\', '/'),
      line: text.slice(0, pos).split('\n').length
    }))
}

function report (file, line, problem) {
  problems.push(`${relative(process.cwd(), join(directory, file))}:${line}: ${problem}`)
}

/** @returns {boolean} Whether the files of a room may import this file. */
function mayImport (room, target) {
  const targetRoom = roomOf(target)

  if (targetRoom === room) {
    return true
  }

  if (targetRoom == null || ORDER.indexOf(targetRoom) > ORDER.indexOf(room) || (PRIVATE[targetRoom] ?? room) !== room) {
    return false
  }

  const path = target.replace(/\.[^/]*$/, '')

  return ONLY[room]?.some((allowed) => path === allowed || path.startsWith(`${allowed}/`)) ?? true
}

function checkRooms (file, imports) {
  const room = roomOf(file)

  if (room == null) {
    report(file, 1, 'is in no room that scripts/check-imports.js knows')
    return
  }

  for (const { specifier, target, line } of imports) {
    const targetRoom = roomOf(target)

    if (statSync(join(directory, target), { throwIfNoEntry: false })?.isFile() !== true) {
      report(file, line, `imports '${specifier}', which is not there`)
    } else if (!mayImport(room, target)) {
      report(file, line, `${room} must not import ${targetRoom ?? target} ('${specifier}')`)
    }
  }
}

/** Walks depth first; an import of a file that is still being walked closes a circle. */
function checkCircles (graph) {
  const done = new Set()
  const path = []

  function walk (file) {
    path.push(file)

    for (const { target, line } of graph.get(file) ?? []) {
      if (path.includes(target)) {
        report(file, line, `closes a circle: ${[...path.slice(path.indexOf(target)), target].join(' -> ')}`)
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

const graph = new Map()

for (const file of findFiles(directory)) {
  const text = readFileSync(join(directory, file), 'utf8')
  const lines = text.split('\n').length - 1
  const imports = readImports(file, text)

  graph.set(file, imports)
  checkRooms(file, imports)

  if (lines > MAX_LINES && roomOf(file) !== 'codec/generated') {
    report(file, MAX_LINES + 1, `has ${lines} lines, ${MAX_LINES} are the most`)
  }
}

checkCircles(graph)

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
} else {
  console.log(`${graph.size} files, every import runs the right way`)
}
