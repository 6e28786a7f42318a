import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mock } from 'node:test'
import { Ajv } from 'ajv'
import { CommandRun } from './command-run.ts'
import { addressOf, connect, nextEvent, startNode, stopNodes } from './nodes.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { useTempDir } from '../support/temp-dir.ts'
import { main } from '../../src/cli/main.ts'
import { ADMIN_SCHEMA_FILE, renderAdminSchema } from '../../scripts/reference/json-schema.ts'
import type { AdminAnswers } from '../../src/cli/admin/answers.ts'
import type { Network } from '../../src/index.ts'

const SCHEMA = readFileSync(ADMIN_SCHEMA_FILE, 'utf8')

describe('integration/admin-json', function () {
  this.timeout(60_000)

  const path = useTempDir()
  const ajv = new Ajv({ allowUnionTypes: true }).addSchema(JSON.parse(SCHEMA) as object, 'admin')
  let node: Network
  let other: Network

  beforeEach(async () => {
    node = await startNode({ dataDir: path('node'), admin: true, nodeId: 'first', chain: new MemoryChain(sampleChain(1)), autoSync: false })
    other = await startNode({ nodeId: 'second' })
    await connect(node, other)
  })

  afterEach(stopNodes)

  function check (command: string, line: string): void {
    const validate = ajv.compile({ $ref: `admin#/definitions/AdminAnswers/properties/${command}` })
    assert.ok(validate(JSON.parse(line)), `${command}: ${JSON.stringify(validate.errors)}\n${line}`)
  }

  /** The only line that a command prints. */
  async function ask (...args: string[]): Promise<string> {
    const out = mock.method(process.stdout, 'write', () => true)

    try {
      assert.equal(await main([...args, '--json'], { VIBECOIN_DATA_DIR: path('node') }), 0)

      return String(out.mock.calls.map(({ arguments: [text] }) => text as unknown).find((text) => String(text).startsWith('{') || String(text).startsWith('[')))
    } finally {
      out.mock.restore()
    }
  }

  it('is what npm run docs:reference writes, and has every command that asks', () => {
    assert.equal(SCHEMA, renderAdminSchema())
  })

  it('says what each command prints', async () => {
    const timeline = nextEvent(node, 'block:timeline')
    other.broadcast({ type: 'newBlock', block: sampleChain(2)[1]! })
    await timeline
    const stranger = await startNode({ network: 'vibecoin-other' })
    await assert.rejects(node.connect(addressOf(stranger)))
    const commands: Record<Exclude<keyof AdminAnswers, 'top'>, string[]> = {
      status: [], peers: [], peer: ['second'], dials: [], blocks: [], ban: ['203.0.113.7', '--duration', '60', '--reason', 'a test'], bans: [],
      unban: ['203.0.113.7'], bandwidth: [], disconnect: ['second'], connect: [addressOf(other)]
    }

    for (const [command, args] of Object.entries(commands)) {
      check(command, await ask(command, ...args))
    }

    check('bandwidth', await ask('bandwidth', '--upload', '5MB', '--download', 'none'))
    check('ban', await ask('ban', other.libp2p.peerId.toString()))
    check('bans', await ask('bans'))
  })

  it('says what top prints, a line a look', async () => {
    const command = new CommandRun(['top', '--json', '--interval', '0.2', '--data-dir', path('node')])
    const deadline = AbortSignal.timeout(30_000)

    while (command.lines.length < 2) {
      deadline.throwIfAborted()
      await new Promise((resolve) => { command.child.stdout.once('data', resolve) })
    }

    command.child.kill('SIGINT')
    const { code, lines } = await command.end()
    assert.equal(code, 0)
    lines.forEach((line) => { check('top', JSON.stringify(line)) })
  })

  it('takes no answer with a field too few, too many, or of another type', async () => {
    const answer = JSON.parse(await ask('status')) as AdminAnswers['status']
    const { uptime, ...without } = answer.status
    const validate = ajv.compile({ $ref: 'admin#/definitions/AdminAnswers/properties/status' })
    const text = { ...answer.status, uptime: String(uptime) }
    const wrong = [{ ...answer, status: without }, { ...answer, extra: 1 }, { ...answer, status: text }]

    assert.deepEqual([answer, ...wrong].map((value) => validate(value)), [true, false, false, false])
  })
})
