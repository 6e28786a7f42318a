// Holds Python's protobuf to the fixtures: `npm run second-opinion`. Where it disagrees is in test/fixtures/second-opinion.json, which
// `npm run second-opinion -- --write` writes; a disagreement that is not there makes this fail. Skipped where there is no Python.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor/index.js'
import type { InvalidFixture, MessageFixture, ToleratedFixture } from './fixtures.ts'

const ROOT = join(import.meta.dirname, '..')
const EXPECTED = join(ROOT, 'test', 'fixtures', 'second-opinion.json')
const ENVIRONMENT = join(ROOT, 'node_modules', '.cache', 'second-opinion')
const LIBRARY = 'protobuf==6.33.0'

/** Rules for frames, which no library sees. */
const FRAME_RULES = new Set<string | null>(['frame-size', 'frame-length', null])

type Vector = MessageFixture | ToleratedFixture | InvalidFixture
type Found = Pick<ToleratedFixture, 'type' | 'requestId' | 'message'> | null
interface Opinion { version: string, implementation: string, results: Record<string, Found> }

/** Where the library disagrees: names of vectors by the rule of docs/protocol.md that it does not have, or by what else it does. */
type Differences = Record<string, string[]>

function vectors (): Vector[] {
  return ['messages', 'tolerated', 'invalid']
    .flatMap((file) => JSON.parse(readFileSync(join(ROOT, 'test', 'fixtures', `${file}.json`), 'utf8')) as Vector[])
    .filter((vector) => !('rule' in vector) || !FRAME_RULES.has(vector.rule))
}

/** The bytes behind the length. */
function messageIn (frame: string): string {
  const bytes = Buffer.from(frame, 'hex')

  return bytes.subarray(bytes.findIndex((byte) => byte < 0x80) + 1).toString('hex')
}

/** Python with the library, installed where it is not; `undefined` where that cannot be. */
function python (): string | undefined {
  const command = join(ENVIRONMENT, 'bin', 'python3')

  if (!existsSync(join(ENVIRONMENT, LIBRARY))) {
    const isThere = spawnSync('python3', ['-m', 'venv', ENVIRONMENT]).status === 0 &&
      spawnSync(command, ['-m', 'pip', 'install', '--quiet', LIBRARY], { timeout: 120_000 }).status === 0

    if (!isThere) {
      return undefined
    }

    writeFileSync(join(ENVIRONMENT, LIBRARY), '')
  }

  return command
}

function ask (command: string, implementation: string): Opinion {
  const set = descriptor.FileDescriptorSet.encode(protobuf.loadSync(join(ROOT, 'proto', 'vibecoin.proto')).toDescriptor('proto3')).finish()
  const given = vectors().map(({ name, frame }) => ({ name, message: messageIn(frame) }))
  const { status, stdout, stderr } = spawnSync(command, [join(ROOT, 'scripts', 'second-opinion.py')], {
    input: JSON.stringify({ descriptor: Buffer.from(set).toString('base64'), vectors: given }),
    env: { ...process.env, PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION: implementation },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024
  })

  assert.equal(status, 0, stderr)
  const opinion = JSON.parse(stdout) as Opinion
  assert.equal(opinion.implementation, implementation)

  return opinion
}

function isSame (vector: MessageFixture | ToleratedFixture, found: NonNullable<Found>): boolean {
  try {
    assert.deepEqual(found, { type: vector.type, requestId: vector.requestId, message: vector.message })

    return true
  } catch {
    return false
  }
}

function differencesOf (results: Record<string, Found>): Differences {
  const differences: Differences = {}

  for (const vector of vectors()) {
    const found = results[vector.name] ?? null
    const rule = 'rule' in vector
      ? found == null ? undefined : `takes what breaks: ${vector.rule}`
      : found == null ? 'refuses' : isSame(vector, found) ? undefined : 'reads another message'

    if (rule != null) {
      (differences[rule] ??= []).push(vector.name)
    }
  }

  return differences
}

const command = python()

if (command == null) {
  console.log(`The second opinion is skipped: no python3 with venv and pip here, or ${LIBRARY} cannot be installed.`)
} else {
  const found = Object.fromEntries(['upb', 'python'].map((name) => [name, differencesOf(ask(command, name).results)]))

  if (process.argv.includes('--write')) {
    writeFileSync(EXPECTED, `${JSON.stringify(found, null, 2)}\n`)
  }

  assert.deepEqual(found, JSON.parse(readFileSync(EXPECTED, 'utf8')), 'Python\'s protobuf disagrees with the fixtures in another way than before')
  console.log(`${LIBRARY} has read ${vectors().length} vectors, and disagrees where it is known to.`)
}
