import { formatBytes, formatCount, formatDuration, formatTime, shortHash, shortId } from './format.ts'
import { renderBar, renderProgress } from './progress-bar.ts'
import { levelOf } from './report.ts'
import type { Style } from './paint.ts'
import type { EventName, LogLevel, Report } from './report.ts'

type Of<Name extends EventName> = Extract<Report, { event: Name }>
type Texts = { [Name in EventName]: (report: Of<Name>) => string }

const TEXTS: Texts = {
  started: ({ id, addresses, network, height, dataDir }) => {
    return `started at block ${height} of ${network} as ${id}, ${listening(addresses)}, data in ${dataDir}`
  },
  connected: ({ peer, name, direction, height }) => `connected to ${named(name, peer)}, ${direction}, at block ${height}`,
  disconnected: ({ peer, name, ...end }) => `lost ${named(name, peer)}: ${ending(end)}`,
  refused: ({ peer, ...end }) => `no session with ${shortId(peer)}: ${ending(end)}`,
  dialFailed: ({ target, error, retryIn }) => {
    return `could not reach ${target.startsWith('/') ? target : shortId(target)}: ${error}; again in ${formatDuration(retryIn)}`
  },
  made: ({ height, hash, transactions }) => `made block ${height} ${shortHash(hash)}, ${formatCount(transactions, 'transaction')}`,
  block: ({ height, hash, transactions, from }) => {
    return `block ${height} ${shortHash(hash)} from ${from}, ${formatCount(transactions, 'transaction')}`
  },
  transaction: ({ id, from, waiting }) => `transaction ${shortHash(id)} ${from === '' ? 'made' : `from ${from}`}, ${waiting} waiting`,
  paid: ({ id }) => `pays: transaction ${shortHash(id)}`,
  followed: ({ id, from }) => `follows transaction ${shortHash(id)} ${from === '' ? 'made here' : `from ${from}`}`,
  settled: ({ id, height }) => `transaction ${shortHash(id)} is in ${height == null ? 'no block any more' : `block ${height}`}`,
  rejected: ({ what, from, reason }) => `refused a ${what} from ${from}: ${reason}`,
  syncing: (progress) => renderProgress(progress),
  synced: ({ reorganised, ...progress }) => {
    const blocks = formatCount(progress.at - progress.from, 'block')

    return `caught up ${renderBar(progress)}, ${blocks}, now at ${progress.at}${reorganised ? ' of another branch' : ''}`
  },
  syncFailed: ({ reason }) => `could not catch up, trying again: ${reason}`,
  fault: ({ peer, name, kind, height, detail }) => {
    return `cannot use ${named(name, peer)} from block ${height} on: ${kind}${detail === '' ? '' : ` (${detail})`}`
  },
  status: ({ inbound, outbound, height, tip, rtt, bytesIn, bytesOut }) => {
    const ping = rtt == null ? '' : `, ping ${formatDuration(rtt)}`

    return `at block ${height} ${shortHash(tip)}, ${inbound} in, ${outbound} out${ping}, ${formatBytes(bytesIn)} received, ${formatBytes(bytesOut)} sent`
  },
  problem: ({ message }) => message,
  serving: ({ url }) => `serving metrics, health and status at ${url}`,
  webOpened: ({ url }) => `live page at ${url}`,
  stopping: ({ reason }) => `stopping: ${reason}`,
  stopped: () => 'stopped',
  devnetStarted: ({ nodes, network, dataDir, temporary }) => {
    return `${formatCount(nodes, 'node')} on ${network}, data in ${dataDir}${temporary ? ' until the end' : ''}`
  },
  joinedLate: ({ height }) => `joins late: the others are at block ${height}`,
  caughtUp: ({ height }) => `has the chain of the others, block ${height}`,
  killed: ({ height }) => `killed (SIGKILL) at block ${height}`,
  restarted: ({ height }) => `restarted on the same port: the others are at block ${height}`,
  reconnected: ({ by, after }) => `reconnected: ${by} has it back ${formatDuration(after)} after the restart`,
  log: ({ line }) => line,
  done: ({ height, hash, nodes, seconds }) => {
    return `all ${nodes} nodes hold block ${height}${hash === '' ? '' : ` ${shortHash(hash)}`} after ${formatDuration(seconds * 1000)}`
  },
  failed: ({ reason }) => `failed: ${reason}`
}

/** A report for people, without time and node. */
export function reportText (report: Report): string {
  return TEXTS[report.event](report as never)
}

/** A report as one line: when, which node, what happened. With `paint` the line is in colours. */
export function toPlainLine (report: Report, time: Date, paint: (style: Style, text: string) => string = (_, text) => text): string {
  const style = STYLES[levelOf(report)]
  const text = reportText(report)
  const parts = [paint('dim', formatTime(time)), report.node, style == null || text === '' ? text : paint(style, text)]

  return parts.filter((part) => part !== '').join(' ')
}

const STYLES: Partial<Record<LogLevel, Style>> = { error: 'red', warn: 'yellow', debug: 'dim' }

/** Without the peer id that each of them ends in: it is in the line once. */
function listening (addresses: string[]): string {
  const locations = addresses.map((address) => address.replace(/\/p2p\/[^/]+$/, ''))

  return locations.length === 0 ? 'not listening' : `listening on ${locations.join(', ')}`
}

function named (name: string, id: string): string {
  return name === '' ? shortId(id) : `${name} (${shortId(id)})`
}

function ending ({ byRemote, reason, detail }: { byRemote: boolean, reason: string, detail: string }): string {
  if (reason === '') {
    return detail === '' ? 'the connection broke' : detail
  }

  return `${byRemote ? 'it' : 'we'} said ${reason}${detail === '' ? '' : ` (${detail})`}`
}
