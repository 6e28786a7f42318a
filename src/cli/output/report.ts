import type { FaultKind } from '../../index.ts'

// The reports of a node and a devnet. As a JSON line, each has `time`, `node` and the fields below; report-text.ts has its
// plain line.

/** The status of a node. */
export interface Status {
  /** Ready inbound peers. */
  inbound: number
  /** Ready outbound peers. */
  outbound: number
  height: number
  /** The hash of the best block, in hexadecimal. */
  tip: string
  /** The middle one of the peers' round trips in ms; absent before the first pong. */
  rtt?: number
  /** Bytes of all sessions since the node started. */
  bytesIn: number
  bytesOut: number
  /** Transactions that wait for a block. */
  waiting: number
}

/** A catch-up: it began at height `from`, is at height `at`, and is to reach `to`. */
export interface Progress { from: number, at: number, to: number }

/** How fast a catch-up is, over the last seconds. */
export interface Pace {
  blocksPerSecond: number
  bytesPerSecond: number
  /** Peers with requests for blocks under way. */
  peers: number
  /** Until it is done, in ms; absent while that cannot be told. */
  eta?: number
}

/** The reports of a node, by event. */
export interface NodeEvents {
  started: { id: string, pid: number, addresses: string[], network: string, height: number, tip: string, dataDir: string }
  connected: { peer: string, name: string, direction: string, height: number }
  disconnected: { peer: string, name: string, byRemote: boolean, reason: string, detail: string }
  refused: { peer: string, byRemote: boolean, reason: string, detail: string }
  dialFailed: { target: string, error: string, failures: number, retryIn: number }
  made: { height: number, hash: string, transactions: number }
  block: { height: number, hash: string, transactions: number, from: string }
  transaction: { id: string, from: string, waiting: number }
  /** The node has made a payment that it was told to make. */
  paid: { id: string }
  /** A transaction that the page of a devnet follows: when it came, in ms since the Unix epoch, and what it pays. */
  followed: { id: string, from: string, at: number, value: string }
  /** A followed transaction is in a block. `height` is null where that block has left the chain. */
  settled: { id: string, height: number | null }
  rejected: { what: 'block' | 'transaction', from: string, reason: string }
  syncing: Progress & Pace
  /** `reorganised` where blocks of the own chain have made room for others. */
  synced: Progress & { reorganised: boolean }
  syncFailed: { reason: string }
  /** A peer that cannot be used to catch up; `height` is the first that it did not deliver. */
  fault: { peer: string, name: string, kind: FaultKind, height: number, detail: string }
  status: Status
  problem: { message: string }
  /** Metrics, health and status are there over HTTP. */
  serving: { url: string }
  /** The live page is there. */
  webOpened: { url: string }
  stopping: { reason: string }
  stopped: object
}

/** The reports of the parent of a devnet, besides those of its nodes. */
export interface DevnetEvents {
  devnetStarted: { nodes: number, dataDir: string, network: string, temporary: boolean }
  joinedLate: { height: number }
  caughtUp: { height: number }
  killed: { height: number }
  restarted: { height: number }
  reconnected: { by: string, after: number }
  log: { line: string }
  done: { height: number, hash: string, nodes: number, seconds: number }
  failed: { reason: string }
}

/** All reports. */
export type ReportEvents = NodeEvents & DevnetEvents

/** The name of an event. */
export type EventName = keyof ReportEvents

/** One report: which event, of which node (empty for the devnet itself), and its fields. */
export type Report = { [Name in EventName]: { event: Name, node: string } & ReportEvents[Name] }[EventName]

/** A line of `--json`: a report, and when it was printed, in ISO 8601. */
export type JsonLine = { [Name in EventName]: { time: string, event: Name, node: string } & ReportEvents[Name] }[EventName]

/** The least important reports that are still printed. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** From nothing to everything. */
export const LOG_LEVELS: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug']

const LEVELS: Record<EventName, LogLevel> = {
  started: 'info',
  connected: 'info',
  disconnected: 'info',
  refused: 'warn',
  dialFailed: 'warn',
  made: 'info',
  block: 'info',
  transaction: 'debug',
  paid: 'info',
  followed: 'info',
  settled: 'info',
  rejected: 'warn',
  syncing: 'info',
  synced: 'info',
  syncFailed: 'warn',
  fault: 'warn',
  status: 'info',
  problem: 'error',
  serving: 'info',
  webOpened: 'info',
  stopping: 'info',
  stopped: 'info',
  devnetStarted: 'info',
  joinedLate: 'info',
  caughtUp: 'info',
  killed: 'info',
  restarted: 'info',
  reconnected: 'info',
  log: 'debug',
  done: 'info',
  failed: 'error'
}

/** The purpose of a run: printed at every level but `silent`. */
const ALWAYS: ReadonlySet<EventName> = new Set<EventName>(['done', 'failed'])

/** How important a report is. */
export function levelOf (report: Report): LogLevel {
  // a peer that tries an address of this node, and one of two dials that cross, end so: nothing is wrong
  const isRoutine = report.event === 'refused' && report.reason === 'DUPLICATE_CONNECTION'

  return isRoutine ? 'debug' : LEVELS[report.event]
}

/** Whether a report is printed at this level. */
export function isPrinted (report: Report, level: LogLevel): boolean {
  return ALWAYS.has(report.event) ? level !== 'silent' : LOG_LEVELS.indexOf(levelOf(report)) <= LOG_LEVELS.indexOf(level)
}

/** A report as one line of JSON. */
export function toJsonLine (report: Report, time: Date): string {
  return JSON.stringify({ time: time.toISOString(), ...report })
}

/** The report in a line of JSON, `undefined` where it is none. Its fields are trusted to be those of its event. */
export function fromJsonLine (line: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(line)

    return typeof value === 'object' && value != null && 'event' in value && Object.hasOwn(LEVELS, String(value.event))
      ? value as Report
      : undefined
  } catch {
    return undefined
  }
}
