import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { CommandRun } from './command-run.ts'
import { SCHEMA_FILE } from '../../scripts/reference/json-schema.ts'
import { ChainDb } from '../../src/cli/chain/chain.ts'
import { toHex } from '../../src/cli/output/format.ts'
import { createRules } from '../../src/cli/node/rules.ts'
import { decodeBlock } from '../../src/index.ts'
import type { Line } from './command-run.ts'
import type { AddressInfo } from 'node:net'

const ANY_PORT = '/ip4/127.0.0.1/tcp/0'

describe('integration/devnet', () => {
  const runs: CommandRun[] = []
  let directory: string

  function run (args: string[], env: NodeJS.ProcessEnv = {}): CommandRun {
    const command = new CommandRun(args, { TMPDIR: directory, ...env })
    runs.push(command)

    return command
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'command-test-'))
  })

  afterEach(async () => {
    for (const command of runs.splice(0)) {
      command.child.kill('SIGKILL')
      await command.end()
    }

    await rm(directory, { recursive: true, maxRetries: 10 })
  })

  describe('devnet', function () {
    this.timeout(90_000)

    it('ends with 0 once every node holds the same block, one has joined late and one has come back from a kill', async () => {
      const { code, err, lines } = await run(['devnet', '--nodes', '4', '--until-height', '3', '--json']).end()
      const find = (event: string): Line[] => lines.filter((line) => line.event === event)
      const done = find('done')[0]
      const made = find('made').find(({ height }) => height === 3)

      assert.equal(code, 0, err)
      assert.equal(err, '')
      assert.deepEqual(find('joinedLate').map(({ node }) => node), ['node-4'])
      assert.deepEqual(find('caughtUp').map(({ node }) => node), ['node-4'])
      assert.deepEqual(find('killed').map(({ node }) => node), ['node-3'])
      assert.deepEqual(find('restarted').map(({ node }) => node), ['node-3'])
      assert.deepEqual(find('reconnected').map(({ node }) => node), ['node-3'])
      assert.deepEqual([done?.['height'], done?.['nodes'], done?.['hash']], [3, 4, made?.['hash']])
      assert.equal(lines.some(({ event }) => event === 'rejected' || event === 'problem'), false)
      assert.deepEqual(new Set(lines.map(({ node }) => node)), new Set(['', 'node-1', 'node-2', 'node-3', 'node-4']))
      assert(find('block').some((line) => Number(line['transactions']) > 0), 'blocks have transactions')

      const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as object)
      assert.deepEqual(lines.filter((line) => !validate(line)), [], 'every line is one of the schema')

      const [first, second] = find('started').filter(({ node }) => node === 'node-3')
      assert.deepEqual([second?.['id'], second?.['addresses']], [first?.['id'], first?.['addresses']])
      assert.equal(find('stopped').length, 4)
      assert.deepEqual(await readdir(directory), [], 'the temporary directory is gone')
    })

    it('reads as plain lines with a table at the end where there is no terminal', async () => {
      const { code, out, err } = await run(['devnet', '--nodes', '2', '--until-height', '2', '--block-time', '0.5']).end()

      assert.equal(code, 0, err)
      assert.match(out, /^\d\d:\d\d:\d\d node-1 made block 1 [0-9a-f]{8}\.\., \d transactions?$/m)
      // it fetches what it has missed, or is sent what was made while nobody else was there
      assert.match(out, /^\d\d:\d\d:\d\d node-2 (caught up \[#{24}\] 100 %, \d+ blocks?, now at \d+|block 1 [0-9a-f]{8}\.\. from node-1, .*)$/m)
      assert.match(out, /^\d\d:\d\d:\d\d all 2 nodes hold block 2 [0-9a-f]{8}\.\. after /m)
      assert.match(out, /^node-2 joined late, at block \d+, and caught up\nnode-2 was killed at block \d+; node-1 had it back .*\nNODE .*\nnode-1 .* makes blocks\nnode-2 .*\n$/m)
      assert.equal(out.includes('\x1b'), false)
    })

    it('ends with 1 and the reason where it takes too long', async () => {
      const { code, err, lines } = await run(['devnet', '--timeout', '1', '--until-height', '1000', '--json']).end()
      const reason = String(lines.find(({ event }) => event === 'failed')?.['reason'])

      assert.equal(code, 1)
      assert.match(reason, /^Not there after 1 s: .*node-4 has not joined yet; node-3 was not killed yet$/)
      assert.equal(err, `vibecoin-network: ${reason}\n`)
      assert.deepEqual(await readdir(directory), [])
    })

    it('ends with 0 after Ctrl-C, its nodes with a goodbye', async () => {
      const command = run(['devnet', '--nodes', '2', '--block-time', '0.3', '--json', '--data-dir', join(directory, 'kept')])
      await command.line('started', ({ node }) => node === 'node-2')
      command.child.kill('SIGINT')
      const { code, err, lines } = await command.end()

      assert.equal(code, 0, err)
      assert.equal(err, '')
      assert.equal(lines.filter(({ event }) => event === 'stopped').length, 2)
      assert.deepEqual((await readdir(join(directory, 'kept'))).toSorted(), ['node-1', 'node-2'])
    })

    it('ends at once after a second Ctrl-C, with a node that does not stop', async () => {
      const command = run(['devnet', '--nodes', '2', '--json'])
      const { pid } = await command.line('started')
      process.kill(Number(pid), 'SIGSTOP')
      command.child.kill('SIGINT')
      await command.line('stopping', ({ node }) => node === '')
      command.child.kill('SIGINT')
      const { code, signal } = await command.end()

      // a shell says 130
      assert.deepEqual([code, signal], [null, 'SIGINT'])
      await assert.rejects(untilGone(Number(pid)), { code: 'ESRCH' })
    })

    it('takes its nodes with it when it is killed', async () => {
      const command = run(['devnet', '--nodes', '2', '--json', '--block-time', '0.2', '--data-dir', directory])
      const first = await command.line('started', ({ node }) => node === 'node-1')
      const second = await command.line('started', ({ node }) => node === 'node-2')
      command.child.kill('SIGKILL')
      await command.end()

      for (const { pid } of [first, second]) {
        await assert.rejects(untilGone(Number(pid)), { code: 'ESRCH' })
      }
    })

    it('ends with 1 where a port is in use', async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => { server.once('listening', resolve) })
      const { port } = server.address() as AddressInfo
      const { code, err } = await run(['devnet', '--nodes', '2', '--base-port', String(port)]).end()
      await new Promise((resolve) => { server.close(resolve) })

      assert.equal(code, 1)
      assert.equal(err, `vibecoin-network: Port ${port} cannot be used, choose another --base-port\n`)
    })
  })

  describe('start', function () {
    this.timeout(30_000)

    it('ends with 0 after Ctrl-C, tells its peers, and leaves nothing behind', async () => {
      const first = run(['start', '--listen', ANY_PORT, '--name', 'first', '--json'])
      const { addresses } = await first.line('started')
      const second = run(['start', '--listen', ANY_PORT, '--name', 'second', '--json', '--seed', String((addresses as string[])[0])])
      await second.line('connected', ({ name }) => name === 'first')
      first.child.kill('SIGINT')
      const { code, err, lines } = await first.end()
      const lost = await second.line('disconnected')

      assert.equal(code, 0, err)
      assert.equal(err, '')
      assert.deepEqual(lines.slice(-3).filter(({ event }) => event.startsWith('stop')).map(({ event }) => event), ['stopping', 'stopped'])
      assert.deepEqual([lost['name'], lost['byRemote'], lost['reason']], ['first', true, 'SHUTDOWN'])
      second.child.kill('SIGTERM')
      assert.equal((await second.end()).code, 0)
      assert.deepEqual(await readdir(directory), [])
    })

    it('keeps its chain and its identity under --data-dir', async () => {
      const args = ['start', '--listen', ANY_PORT, '--json', '--data-dir', join(directory, 'kept')]
      const first = run([...args, '--make-blocks', '0.05'])
      const { id } = await first.line('started')
      const { height } = await first.line('made', (line) => Number(line['height']) >= 3)
      first.child.kill('SIGINT')
      await first.end()
      const second = run(args)
      const started = await second.line('started')

      assert.equal(started['id'], id)
      assert(Number(started['height']) >= Number(height))
    })

    it('catches up with a node that is ahead, from the start and block by block', async () => {
      const maker = run(['start', '--listen', ANY_PORT, '--name', 'maker', '--json', '--make-blocks', '0.2', '--make-transactions', '0.1'])
      const { addresses } = await maker.line('started')
      await maker.line('made', ({ height }) => height === 3)
      const dataDir = join(directory, 'follower')
      const follower = run(['start', '--listen', ANY_PORT, '--json', '--seed', String((addresses as string[])[0]), '--data-dir', dataDir])
      const syncing = await follower.line('syncing')
      const synced = await follower.line('synced')
      const block = await follower.line('block')
      const made = await maker.line('made', ({ height }) => height === block['height'])

      assert.equal(syncing['from'], 0)

      for (const name of ['at', 'to', 'blocksPerSecond', 'bytesPerSecond', 'peers']) {
        assert(Number(syncing[name]) >= 0, `${name} is a number`)
      }

      assert.deepEqual([synced['from'], synced['reorganised']], [0, false])
      assert(Number(synced['at']) >= 3)
      assert.deepEqual([block['hash'], block['from']], [made['hash'], 'maker'])

      follower.child.kill('SIGINT')
      await follower.end()
      const chain = await ChainDb.open(join(dataDir, 'chain'), createRules('vibecoin-devnet'))
      const stored = await chain.get(Number(block['height']))
      await chain.close()
      assert.equal(stored == null ? undefined : toHex(decodeBlock(stored).hash), block['hash'])
    })

    it('ends when its standard input does, with --exit-with-parent', async () => {
      const command = run(['start', '--listen', ANY_PORT, '--json', '--exit-with-parent'])
      await command.line('started')
      command.child.stdin.end()
      const { code, lines } = await command.end()

      assert.equal(code, 0)
      assert.equal(lines.find(({ event }) => event === 'stopping')?.['reason'], 'the parent ended')
    })

    it('ends when SIGTERM has ended the shell that npm runs it in', async function () {
      if (process.platform === 'win32') {
        this.skip()
      }

      const shell = new CommandRun(['start', '--listen', ANY_PORT, '--json'], { TMPDIR: directory, npm_execpath: '/npm' }, { inShell: true })
      runs.push(shell)
      const { pid } = await shell.line('started')
      assert.notEqual(pid, shell.child.pid)
      shell.child.kill('SIGTERM')
      const stopping = await shell.line('stopping')

      assert.equal(stopping['reason'], 'npm was ended')
      await assert.rejects(untilGone(Number(pid)), { code: 'ESRCH' })
    })

    it('ends with 1, and says why, when no process reads what it prints any more', async () => {
      const command = run(['start', '--listen', ANY_PORT, '--json', '--make-blocks', '0.05'])
      await command.line('made')
      command.child.stdout.destroy()
      const { code, err } = await command.end()

      assert.equal(code, 1)
      assert.match(err, /^vibecoin-network: Nothing reads the output any more, and so the node was stopped: /)
    })

    it('ends with 1 and the reason where another node uses its directory', async () => {
      const args = ['start', '--listen', ANY_PORT, '--json', '--data-dir', directory]
      await run(args).line('started')
      const { code, err } = await run(args).end()

      assert.equal(code, 1)
      assert.match(err, /^vibecoin-network: Could not open the chain in .*: another process is using it.*\n$/)
    })

    it('ends with 1 where the directory has a chain of another network', async () => {
      const args = ['start', '--listen', ANY_PORT, '--json', '--data-dir', directory, '--network']
      const first = run([...args, 'one'])
      await first.line('started')
      first.child.kill('SIGINT')
      await first.end()
      const { code, err } = await run([...args, 'other']).end()

      assert.equal(code, 1)
      assert.match(err, /^vibecoin-network: Expected the genesis block of this network, found another one: give the network of the chain, or another data directory\. The chain is in \S+\n$/)
    })
  })

  describe('wrong usage', function () {
    this.timeout(30_000)

    const cases: [string[], string, string][] = [
      [[], 'Expected a command: start, devnet, doctor, check, status, peers, peer, dials, blocks, top, bans, ban, unban, connect, disconnect, bandwidth', 'vibecoin-network --help'],
      [['devnet', '--nodes', '1'], 'Expected --nodes to be an integer from 2 to 50, got `1`', 'vibecoin-network devnet --help']
    ]

    for (const [args, message, help] of cases) {
      it(`ends with 2, one sentence and where to find help: \`${args.join(' ')}\``, async () => {
        const { code, out, err } = await run(args).end()
        assert.deepEqual({ code, out, err }, { code: 2, out: '', err: `vibecoin-network: ${message}\nTry: ${help}\n` })
      })
    }

    it('ends with 2 for an address that only the network can tell is wrong', async () => {
      const { code, err } = await run(['start', '--seed', '/ip4/1.2.3.4/frob/5']).end()
      assert.equal(code, 2)
      assert.match(err, /^vibecoin-network: .*\/ip4\/1\.2\.3\.4\/frob\/5.*\nTry: vibecoin-network start --help\n$/)
    })

    it('has the stack with DEBUG', async () => {
      const { code, err } = await run(['frob'], { DEBUG: 'x' }).end()
      assert.equal(code, 2)
      assert.match(err, /^ {4}at parse \(/m)
    })
  })

  describe('help and version', function () {
    this.timeout(30_000)

    it('are printed with exit code 0', async () => {
      const help = await run(['start', '--help']).end()
      const version = await run(['--version']).end()

      assert.equal(help.code, 0)
      assert.match(help.out, /^Usage: vibecoin-network start /)
      assert.equal(version.code, 0)
      assert.match(version.out, /^\d+\.\d+\.\d+\S*\n$/)
    })
  })
})

/** Rejects with what process.kill says of a process that is gone. The deadline is that of the test. */
async function untilGone (pid: number): Promise<never> {
  for (;;) {
    process.kill(pid, 0)
    await new Promise((resolve) => { setImmediate(resolve) })
  }
}
