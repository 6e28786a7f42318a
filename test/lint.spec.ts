import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { ESLint, Linter } from 'eslint'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The rules that keep things out of a file, and nothing else: they need no types. */
async function restrictionsOf (file: string): Promise<Linter.RulesRecord> {
  const { rules } = await new ESLint({ cwd: root }).calculateConfigForFile(`${root}/${file}`) as { rules: Linter.RulesRecord }

  return Object.fromEntries(Object.entries(rules).filter(([name]) => name.startsWith('no-restricted-')))
}

function problemsOf (code: string, rules: Linter.RulesRecord): number {
  const names = ['setImmediate', 'setTimeout', 'setInterval', 'performance', 'crypto', 'globalThis']
  const globals = Object.fromEntries(names.map((name) => [name, 'readonly' as const]))

  return new Linter().verify(code, [{ rules, languageOptions: { globals } }]).length
}

const FORBIDDEN = [
  'Math.random()',
  'Date.now()',
  'new Date()',
  'performance.now()',
  'process.hrtime()',
  'setTimeout(f, 1)',
  'setImmediate(f)',
  'setInterval(f, 1)',
  'globalThis.setTimeout(f, 1)',
  'AbortSignal.timeout(1)',
  'crypto.getRandomValues(new Uint8Array(1))',
  'globalThis.crypto.getRandomValues(new Uint8Array(1))',
  'import { randomBytes } from "node:crypto"',
  'import { randomUUID } from "crypto"',
  'import { webcrypto } from "node:crypto"',
  'import { setTimeout as pause } from "node:timers/promises"',
  'import { performance as time } from "node:perf_hooks"'
]

const ALLOWED = [
  'chance.random()',
  'clock.setTimeout(f, 1)',
  'new Date(clock.date())',
  'queueMicrotask(f)',
  'import { createHash } from "node:crypto"'
]

describe('the lint rules for time and chance', () => {
  for (const file of ['src/gossip/gossip.ts', 'src/codec/frame.ts', 'src/libp2p/nat/nat.ts', 'src/start-network.ts', 'src/store/stores.ts']) {
    it(`refuse every source of them that is not injected, in ${file}`, async () => {
      const rules = await restrictionsOf(file)

      assert.deepEqual(FORBIDDEN.filter((code) => problemsOf(code, rules) === 0), [])
      assert.deepEqual(ALLOWED.filter((code) => problemsOf(code, rules) > 0), [])
    })
  }

  it('allow them where the clock, the chance and keys come from', async () => {
    for (const file of ['src/util/clock.ts', 'src/util/chance.ts', 'src/config/swarm-key.ts', 'src/cli/start.ts']) {
      const rules = await restrictionsOf(file)

      assert.deepEqual(FORBIDDEN.filter((code) => problemsOf(code, rules) > 0), [], file)
    }
  })
})
