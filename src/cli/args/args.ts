import { UsageError, describeOptions, fail, readOptions } from './options.ts'
import { LOG_LEVELS } from '../output/report.ts'
import type { GivenOptions, OptionSpecs } from './options.ts'
import type { LogLevel } from '../output/report.ts'

/** The options of `vibecoin-network start`. Without a value, the network's own default counts. */
export interface StartOptions {
  listen: string[]
  seeds: string[]
  name: string
  network: string
  maxInbound?: number
  maxOutbound?: number
  maxInboundRate?: number
  dataDir?: string
  logLevel: LogLevel
  json: boolean
  /** Seconds from block to block; makes none without it. */
  makeBlocks?: number
  /** Seconds from transaction to transaction; makes none without it. */
  makeTransactions?: number
  exitWithParent: boolean
}

/** The options of `vibecoin-network devnet`. */
export interface DevnetOptions {
  nodes: number
  untilHeight?: number
  /** Seconds; counts only with `untilHeight`. */
  timeout: number
  /** Seconds. */
  blockTime: number
  basePort?: number
  dataDir?: string
  network: string
  logLevel: LogLevel
  json: boolean
}

/** The command of a command line, with its options. */
export type Command =
  | { name: 'help', text: string }
  | { name: 'version' }
  | { name: 'start', options: StartOptions }
  | { name: 'devnet', options: DevnetOptions }

const DEFAULT_NETWORK = 'vibecoin-devnet'
const MAX_NAME_BYTES = 64

const COMMON: OptionSpecs = {
  'log-level': { value: 'LEVEL', help: [`One of ${LOG_LEVELS.join(', ')}; default info.`, 'Debug also logs vibecoin:* to stderr.'] },
  json: { help: ['One JSON object per line instead of text.'] },
  help: { help: ['Show this help.'] },
  version: { help: ['Show the version.'] }
}

const START: OptionSpecs = {
  listen: { value: 'ADDR', multiple: true, help: ['Multiaddr to listen on, may be repeated; default /ip4/0.0.0.0/tcp/8765.'] },
  seed: { value: 'ADDR', multiple: true, help: ['Multiaddr of a node to connect to, with or without /p2p/..., may be repeated.'] },
  name: { value: 'NAME', help: ['What peers see this node as; default none.'] },
  'max-inbound': { value: 'N', help: ['Peers that may connect to this node; default 32.'] },
  'max-outbound': { value: 'N', help: ['Peers that this node connects to; default 8.'] },
  'data-dir': { value: 'DIR', help: ['Where the chain, the identity and the address book are kept.', 'Default: a temporary directory, removed at the end.'] },
  network: { value: 'NAME', help: [`Name of the network; default ${DEFAULT_NETWORK}. Decides the genesis block.`] },
  ...COMMON
}

const START_FOR_DEVNET: OptionSpecs = {
  'make-blocks': { value: 'SECONDS', help: ['Make a block this often. For one node of a network only.'] },
  'make-transactions': { value: 'SECONDS', help: ['Make a signed transaction this often.'] },
  'max-inbound-rate': { value: 'N', help: ['Connections a second from one host; default 5.'] },
  'exit-with-parent': { help: ['Stop when the standard input ends.'] }
}

const DEVNET: OptionSpecs = {
  nodes: { value: 'N', help: ['How many nodes, 2 to 50; default 4.'] },
  'until-height': { value: 'H', help: ['End once every node holds the same block H, one has joined late', 'and one was killed and came back. Default: run until Ctrl-C.'] },
  timeout: { value: 'SECONDS', help: ['With --until-height: fail if that takes longer; default 120.'] },
  'block-time': { value: 'SECONDS', help: ['From block to block; default 2.'] },
  'base-port': { value: 'PORT', help: ['First of N ports in a row; default: free ones.'] },
  'data-dir': { value: 'DIR', help: ['Where each node has its own directory.', 'Default: a temporary directory, removed at the end.'] },
  network: { value: 'NAME', help: [`Name of the network; default ${DEFAULT_NETWORK}.`] },
  ...COMMON
}

/** The help of the command as a whole. */
export const HELP: string = `Usage: vibecoin-network <command> [options]

Commands:
  start    Run one node until Ctrl-C.
  devnet   Run a network of nodes on this machine, each a process of its own.

Options:
  --help       Show this help; after a command, that command's.
  --version    Show the version.
`

/** The help of `start`. */
export const START_HELP: string = `Usage: vibecoin-network start [options]

Runs one node of a test network until Ctrl-C: it keeps a chain, relays blocks and
transactions, and serves and fetches blocks. Peers are told when it stops; a second
Ctrl-C ends it at once.

Options:
${describeOptions(START)}

Options that devnet uses:
${describeOptions(START_FOR_DEVNET)}
`

/** The help of `devnet`. */
export const DEVNET_HELP: string = `Usage: vibecoin-network devnet [options]

Runs a network on this machine: each node is a process with its own chain and identity,
connected over TCP and Noise. One makes blocks of signed transactions, the others verify
them. One joins late and catches up; one is killed, restarted and seen reconnecting.
A terminal shows a live table, anything else gets lines.

Options:
${describeOptions(DEVNET)}

Exit code: 0 when it ended as asked, 1 with the reason when it did not.
`

/** Parses a command line. Throws a UsageError where it cannot be understood. */
export function parseCommand (args: string[]): Command {
  const [name, ...rest] = args

  switch (name) {
    case 'start': return parse({ name, args: rest, specs: { ...START, ...START_FOR_DEVNET }, help: START_HELP }, toStartOptions)
    case 'devnet': return parse({ name, args: rest, specs: DEVNET, help: DEVNET_HELP }, toDevnetOptions)
    case 'help':
    case '--help':
    case '-h': return { name: 'help', text: HELP }
    case '--version': return { name: 'version' }
    case undefined: throw new UsageError('Expected a command: start or devnet')
    default: throw new UsageError(`Expected a command, start or devnet, got \`${name}\``)
  }
}

interface CommandLine<Name extends string> { name: Name, args: string[], specs: OptionSpecs, help: string }

function parse<Name extends string, Options> (
  { name, args, specs, help }: CommandLine<Name>, toOptions: (given: GivenOptions) => Options
): { name: Name, options: Options } | { name: 'help', text: string } | { name: 'version' } {
  try {
    const given = readOptions(specs, args)

    if (given.flag('help')) {
      return { name: 'help', text: help }
    }

    return given.flag('version') ? { name: 'version' } : { name, options: toOptions(given) }
  } catch (err) {
    throw err instanceof UsageError ? new UsageError(err.message, name) : err
  }
}

function toStartOptions (given: GivenOptions): StartOptions {
  return {
    listen: addresses(given, 'listen'),
    seeds: addresses(given, 'seed'),
    name: label(given, 'name') ?? '',
    network: label(given, 'network') ?? DEFAULT_NETWORK,
    maxInbound: given.integer('max-inbound', { min: 0, max: 10_000 }),
    maxOutbound: given.integer('max-outbound', { min: 0, max: 10_000 }),
    maxInboundRate: given.integer('max-inbound-rate', { min: 1, max: 100_000 }),
    dataDir: given.text('data-dir'),
    logLevel: given.choice('log-level', LOG_LEVELS) ?? 'info',
    json: given.flag('json'),
    makeBlocks: given.number('make-blocks', { min: 0.05, max: 3600 }),
    makeTransactions: given.number('make-transactions', { min: 0.001, max: 86_400 }),
    exitWithParent: given.flag('exit-with-parent')
  }
}

function toDevnetOptions (given: GivenOptions): DevnetOptions {
  const nodes = given.integer('nodes', { min: 2, max: 50 }) ?? 4

  return {
    nodes,
    untilHeight: given.integer('until-height', { min: 1, max: 1_000_000_000 }),
    timeout: given.number('timeout', { min: 0.1, max: 86_400 }) ?? 120,
    blockTime: given.number('block-time', { min: 0.05, max: 3600 }) ?? 2,
    basePort: given.integer('base-port', { min: 1, max: 65_536 - nodes }),
    dataDir: given.text('data-dir'),
    network: label(given, 'network') ?? DEFAULT_NETWORK,
    logLevel: given.choice('log-level', LOG_LEVELS) ?? 'info',
    json: given.flag('json')
  }
}

/** Whether an argument looks like a path and not like an address. The network checks the rest. */
function addresses (given: GivenOptions, name: string): string[] {
  for (const text of given.list(name)) {
    if (!text.startsWith('/')) {
      fail(name, 'a multiaddr such as /ip4/127.0.0.1/tcp/8765', text)
    }
  }

  return given.list(name)
}

function label (given: GivenOptions, name: string): string | undefined {
  const text = given.text(name)

  if (text != null && (Buffer.byteLength(text) > MAX_NAME_BYTES || /\p{C}/u.test(text))) {
    fail(name, `at most ${MAX_NAME_BYTES} bytes of UTF-8 without control characters`, text.replace(/\p{C}/gu, '?').slice(0, 80))
  }

  return text
}
