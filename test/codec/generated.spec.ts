import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BODY_FIELDS } from '../../src/codec/wire/schema.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

// Round-trips every message where `eval` and `new Function` throw, as in a browser with a strict content security policy.
const ROUND_TRIP = `
  import assert from 'node:assert/strict'
  import { FEATURE_CASES } from './scripts/fixtures/features.ts'
  import { MESSAGES } from './scripts/fixtures/messages.ts'
  import { FEATURES } from './src/types/features.ts'
  import { decodeMessage, encodeMessage } from './src/codec/message.ts'

  assert.throws(() => new Function('return 1'), EvalError)

  const ALL = [...MESSAGES, ...FEATURE_CASES.flatMap(({ valid }) => valid)]

  for (const [name, message, requestId] of ALL) {
    assert.deepEqual(decodeMessage(new Uint8Array(encodeMessage(message, requestId)), FEATURES), { message, requestId }, name)
  }

  console.log(new Set(ALL.map(([, message]) => message.type)).size)
`

function node (...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The arguments of `npm run generate`, writing to `output` instead. */
function generateArgs (output: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const [command, ...args] = scripts['generate']!.split(/\s+/)
  const out = args.indexOf('-o')

  assert.equal(command, 'pbjs')
  assert.equal(args[out + 1], 'src/codec/generated/vibecoin.js')

  return args.with(out + 1, output)
}

describe('codec/generated', () => {
  let directory: string

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'vibecoin-generated-'))
    node(join(ROOT, 'node_modules/.bin/pbjs'), ...generateArgs(join(directory, 'vibecoin.js')))
  })

  after(() => { rmSync(directory, { recursive: true, force: true }) })

  for (const file of ['vibecoin.js', 'vibecoin.d.ts']) {
    it(`${file} is what \`npm run generate\` makes of proto/vibecoin.proto`, () => {
      const expected = readFileSync(join(directory, file), 'utf8')
      const actual = readFileSync(join(ROOT, 'src/codec/generated', file), 'utf8')

      // not assert.equal: the difference of two such files says less than this
      assert.ok(actual === expected, `src/codec/generated/${file} is out of date: run \`npm run generate\``)
    })
  }

  it('works where code cannot be made from strings', () => {
    const types = node('--disallow-code-generation-from-strings', '--input-type=module-typescript', '--eval', ROUND_TRIP)

    assert.equal(types.trim(), String(Object.keys(BODY_FIELDS).length))
  })
})
