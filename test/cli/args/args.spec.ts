import assert from 'node:assert/strict'
import { DEVNET_HELP, HELP, START_HELP, parseCommand } from '../../../src/cli/args/args.ts'
import type { DevnetOptions, StartOptions } from '../../../src/cli/args/args.ts'

function startOptions (...args: string[]): StartOptions {
  const command = parseCommand(['start', ...args])
  assert(command.name === 'start')

  return command.options
}

function devnetOptions (...args: string[]): DevnetOptions {
  const command = parseCommand(['devnet', ...args])
  assert(command.name === 'devnet')

  return command.options
}

describe('cli/args/args', () => {
  describe('start', () => {
    it('has a default for every option', () => {
      assert.deepEqual(startOptions(), {
        listen: [],
        seeds: [],
        name: '',
        network: 'vibecoin-devnet',
        maxInbound: undefined,
        maxOutbound: undefined,
        maxInboundRate: undefined,
        dataDir: undefined,
        logLevel: 'info',
        json: false,
        makeBlocks: undefined,
        makeTransactions: undefined,
        exitWithParent: false
      })
    })

    it('takes every option', () => {
      const options = startOptions(
        '--listen', '/ip4/127.0.0.1/tcp/1', '--listen=/ip6/::1/tcp/2', '--seed', '/dnsaddr/seed.example', '--seed', '/ip4/10.0.0.1/tcp/3',
        '--name', 'alpha', '--network', 'other', '--max-inbound', '0', '--max-outbound', '10000', '--max-inbound-rate', '7',
        '--data-dir', 'data', '--log-level', 'debug', '--json', '--make-blocks', '0.5', '--make-transactions', '3', '--exit-with-parent'
      )

      assert.deepEqual(options, {
        listen: ['/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/2'],
        seeds: ['/dnsaddr/seed.example', '/ip4/10.0.0.1/tcp/3'],
        name: 'alpha',
        network: 'other',
        maxInbound: 0,
        maxOutbound: 10_000,
        maxInboundRate: 7,
        dataDir: 'data',
        logLevel: 'debug',
        json: true,
        makeBlocks: 0.5,
        makeTransactions: 3,
        exitWithParent: true
      })
    })
  })

  describe('devnet', () => {
    it('has a default for every option', () => {
      assert.deepEqual(devnetOptions(), {
        nodes: 4,
        untilHeight: undefined,
        timeout: 120,
        blockTime: 2,
        basePort: undefined,
        dataDir: undefined,
        network: 'vibecoin-devnet',
        logLevel: 'info',
        json: false
      })
    })

    it('takes every option', () => {
      const options = devnetOptions(
        '--nodes', '50', '--until-height', '3', '--timeout', '1.5', '--block-time', '0.1', '--base-port', '9000',
        '--data-dir', '/data', '--network', 'mine', '--log-level', 'silent', '--json'
      )

      assert.deepEqual(options, {
        nodes: 50,
        untilHeight: 3,
        timeout: 1.5,
        blockTime: 0.1,
        basePort: 9000,
        dataDir: '/data',
        network: 'mine',
        logLevel: 'silent',
        json: true
      })
    })

    it('lets the last node have the last port, and no node a port after it', () => {
      assert.equal(devnetOptions('--nodes', '3', '--base-port', '65533').basePort, 65_533)
      assert.throws(() => devnetOptions('--nodes', '3', '--base-port', '65534'), { name: 'UsageError' })
    })
  })

  describe('help and version', () => {
    const cases: [string[], unknown][] = [
      [['--help'], { name: 'help', text: HELP }],
      [['-h'], { name: 'help', text: HELP }],
      [['help'], { name: 'help', text: HELP }],
      [['start', '--help'], { name: 'help', text: START_HELP }],
      [['devnet', '--nodes', '3', '--help'], { name: 'help', text: DEVNET_HELP }],
      [['devnet', '--nodes', 'many', '--help'], { name: 'help', text: DEVNET_HELP }],
      [['--version'], { name: 'version' }],
      [['start', '--version'], { name: 'version' }]
    ]

    for (const [args, expected] of cases) {
      it(`understands \`${args.join(' ')}\``, () => {
        assert.deepEqual(parseCommand(args), expected)
      })
    }

    it('has lines that fit a terminal of 100 columns', () => {
      for (const line of [HELP, START_HELP, DEVNET_HELP].join('\n').split('\n')) {
        assert(line.length <= 100, line)
      }
    })
  })

  describe('wrong usage', () => {
    const cases: [string[], string, string][] = [
      [[], 'Expected a command: start or devnet', ''],
      [['stop'], 'Expected a command, start or devnet, got `stop`', ''],
      [['start', 'now'], 'Expected only options after the command, got `now`', 'start'],
      [['start', '--', 'x'], 'Expected only options after the command, got `x`', 'start'],
      [['start', '--lisen', '/ip4/127.0.0.1/tcp/1'], 'Unknown option --lisen, did you mean --listen?', 'start'],
      [['start', '--frobnicate'], 'Unknown option --frobnicate', 'start'],
      [['start', '-x'], 'Unknown option -x', 'start'],
      [['start', '--constructor'], 'Unknown option --constructor', 'start'],
      [['start', '--json=yes'], 'Expected --json without a value, got `yes`', 'start'],
      [['start', '--name'], 'Expected a value after --name', 'start'],
      [['start', '--name='], 'Expected a value after --name', 'start'],
      [['start', '--name', '--json'], 'Expected a value after --name', 'start'],
      [['start', '--name', 'a', '--name', 'b'], 'Expected --name once, got it more often', 'start'],
      [['start', '--name', 'x'.repeat(65)], `Expected --name to be at most 64 bytes of UTF-8 without control characters, got \`${'x'.repeat(65)}\``, 'start'],
      [['start', '--name', 'a\x1bb'], 'Expected --name to be at most 64 bytes of UTF-8 without control characters, got `a?b`', 'start'],
      [['start', '--listen', '127.0.0.1:1'], 'Expected --listen to be a multiaddr such as /ip4/127.0.0.1/tcp/8765, got `127.0.0.1:1`', 'start'],
      [['start', '--seed', 'seed.example'], 'Expected --seed to be a multiaddr such as /ip4/127.0.0.1/tcp/8765, got `seed.example`', 'start'],
      [['start', '--max-inbound', '10001'], 'Expected --max-inbound to be an integer from 0 to 10000, got `10001`', 'start'],
      [['start', '--max-inbound', '-1'], 'Expected --max-inbound to be an integer from 0 to 10000, got `-1`', 'start'],
      [['start', '--max-inbound', '1e3'], 'Expected --max-inbound to be an integer from 0 to 10000, got `1e3`', 'start'],
      [['start', '--max-outbound', '1.5'], 'Expected --max-outbound to be an integer from 0 to 10000, got `1.5`', 'start'],
      [['start', '--log-level', 'loud'], 'Expected --log-level to be one of silent, error, warn, info, debug, got `loud`', 'start'],
      [['start', '--make-blocks', '0'], 'Expected --make-blocks to be a number from 0.05 to 3600, got `0`', 'start'],
      [['start', '--nodes', '3'], 'Unknown option --nodes', 'start'],
      [['devnet', '--nodes', '1'], 'Expected --nodes to be an integer from 2 to 50, got `1`', 'devnet'],
      [['devnet', '--nodes', '51'], 'Expected --nodes to be an integer from 2 to 50, got `51`', 'devnet'],
      [['devnet', '--nodes', ' 4'], 'Expected --nodes to be an integer from 2 to 50, got ` 4`', 'devnet'],
      [['devnet', '--until-height', '0'], 'Expected --until-height to be an integer from 1 to 1000000000, got `0`', 'devnet'],
      [['devnet', '--timeout', 'soon'], 'Expected --timeout to be a number from 0.1 to 86400, got `soon`', 'devnet'],
      [['devnet', '--node', '3'], 'Unknown option --node, did you mean --nodes?', 'devnet']
    ]

    for (const [args, message, command] of cases) {
      it(`says what is wrong with \`${args.join(' ').slice(0, 60).replace('\x1b', '?')}\``, () => {
        assert.throws(() => parseCommand(args), { name: 'UsageError', message, command })
      })
    }
  })
})
