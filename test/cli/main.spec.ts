import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { createProgram } from '../../src/cli/program.ts'
import { COMMANDS } from '../../src/cli/commands/commands.ts'
import { main } from '../../src/cli/main.ts'

/** Runs the command with what it writes caught. */
async function run (...args: string[]): Promise<{ code: number, out: string, err: string }> {
  const out = mock.method(process.stdout, 'write', () => true)
  const err = mock.method(process.stderr, 'write', () => true)
  const textOf = ({ mock }: typeof out): string => mock.calls.map(({ arguments: [text] }) => String(text)).join('')

  try {
    const code = await main(args, {})

    return { code, out: textOf(out), err: textOf(err) }
  } finally {
    out.mock.restore()
    err.mock.restore()
  }
}

describe('cli/main', () => {
  const names = createProgram(COMMANDS, {}).program.commands.map((command) => command.name())

  for (const name of names) {
    it(`has help for ${name}, in lines of at most 100 columns`, async () => {
      const { code, out, err } = await run(name, '--help')

      assert.deepEqual([code, err], [0, ''])
      assert(out.startsWith(`Usage: vibecoin-network ${name} `), out)
      assert(out.split('\n').every((line) => line.length <= 100), out)
      assert.deepEqual(await run('help', name), { code, out, err })
    })
  }

  it('has help of all commands, and a version', async () => {
    const { code, out } = await run('--help')

    assert.equal(code, 0)
    assert.deepEqual([...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name), [...names, 'help'])
    assert.deepEqual(await run('--help'), await run('-h'))
    assert.match((await run('--version')).out, /^\d+\.\d+\.\d+\S*\n$/)
  })

  const wrong: [string[], string, string][] = [
    [[], `Expected a command: ${names.join(', ')}`, ''],
    [['strt'], 'Unknown command \'strt\', did you mean start?', ''],
    [['frobnicate'], 'Unknown command \'frobnicate\'', ''],
    [['start', 'now'], 'Too many arguments for \'start\'. Expected 0 arguments but got 1: now', 'start'],
    [['start', '--', 'x'], 'Too many arguments for \'start\'. Expected 0 arguments but got 1: x', 'start'],
    [['start', '--lisen', '/ip4/127.0.0.1/tcp/1'], 'Unknown option \'--lisen\', did you mean --listen?', 'start'],
    [['start', '--frobnicate'], 'Unknown option \'--frobnicate\'', 'start'],
    [['start', '-x'], 'Unknown option \'-x\'', 'start'],
    [['start', '--constructor'], 'Unknown option \'--constructor\'', 'start'],
    [['start', '--name'], 'Option \'--name <NAME>\' argument missing', 'start'],
    [['start', '--name='], 'Expected a value after --name', 'start'],
    [['start', '--name', '--json'], 'Expected a value after --name', 'start'],
    [['start', '--name', 'a', '--name', 'b'], 'Expected --name once, got it more often', 'start'],
    [['start', '--name', 'x'.repeat(65)], `Expected --name to be at most 64 bytes of UTF-8 without control characters, got \`${'x'.repeat(65)}\``, 'start'],
    [['start', '--name', 'a\x1bb'], 'Expected --name to be at most 64 bytes of UTF-8 without control characters, got `a?b`', 'start'],
    [['start', '--listen', '127.0.0.1:1'], 'Expected --listen to be a multiaddr such as /ip4/127.0.0.1/tcp/8765, got `127.0.0.1:1`', 'start'],
    [['start', '--max-inbound', '10001'], 'Expected --max-inbound to be an integer from 0 to 10000, got 10001', 'start'],
    [['start', '--max-inbound', '-1'], 'Expected --max-inbound to be an integer, got `-1`', 'start'],
    [['start', '--log-level', 'loud'], 'Expected --log-level to be one of silent, error, warn, info, debug, got `loud`', 'start'],
    [['start', '--make-blocks', '0'], 'Expected --make-blocks to be a number from 0.05 to 3600, got `0`', 'start'],
    [['start', '--config', '/missing/node.toml'], 'Could not read the configuration file /missing/node.toml: ENOENT: no such file or directory, open \'/missing/node.toml\'', 'start'],
    [['start', '--web-port', '9000'], 'Expected --web with --web-port, which has no effect without it', 'start'],
    [['start', '--http-public'], 'Expected --http with --http-public, which has no effect without it', 'start'],
    [['devnet', '--timeout', '5'], 'Expected --until-height with --timeout, which has no effect without it', 'devnet'],
    [['start', '--nodes', '3'], 'Unknown option \'--nodes\'', 'start'],
    [['devnet', '--nodes', '1'], 'Expected --nodes to be an integer from 2 to 50, got `1`', 'devnet'],
    [['devnet', '--nodes', '51'], 'Expected --nodes to be an integer from 2 to 50, got `51`', 'devnet'],
    [['devnet', '--until-height', '0'], 'Expected --until-height to be an integer from 1 to 1000000000, got `0`', 'devnet'],
    [['devnet', '--timeout', 'soon'], 'Expected --timeout to be a number from 0.1 to 86400, got `soon`', 'devnet'],
    [['devnet', '--node', '3'], 'Unknown option \'--node\', did you mean --nodes?', 'devnet'],
    [['devnet', '--nodes', '3', '--base-port', '65534'], 'Expected --base-port to be an integer from 1 to 65533, got `65534`', 'devnet'],
    [['bandwidth', '--peer-upload', '12zz', '--data-dir', '/tmp'], 'Expected --peer-upload to be bytes, such as 500000 or 1.5MB, got `12zz`', 'bandwidth'],
    [['ban', 'alice', '--duration', '315360001'], 'Expected --duration to be a number from 0.01 to 315360000, got `315360001`', 'ban'],
    [['top', '--interval', '0'], 'Expected --interval to be a number from 0.1 to 3600, got `0`', 'top']
  ]

  for (const [args, message, command] of wrong) {
    it(`says what is wrong with \`${args.join(' ').slice(0, 60).replace('\x1b', '?')}\``, async () => {
      const help = ['vibecoin-network', command, '--help'].filter((part) => part !== '').join(' ')

      assert.deepEqual(await run(...args), { code: 2, out: '', err: `vibecoin-network: ${message}\nTry: ${help}\n` })
    })
  }

  it('checks the settings without a start, and prints them', async () => {
    const { code, out, err } = await run('start', '--print-config', '--no-auto-sync', '--max-inbound', '3')

    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /^auto-sync = false {3}# --no-auto-sync$/m)
    assert.match(out, /^max-inbound = 3 {3}# --max-inbound$/m)
    assert.equal((await run('start', '--print-config', '--max-inbound', '10001')).code, 2)
  })
})
