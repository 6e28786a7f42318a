import { cleanText, cutText, formatBytes, formatCount, formatDuration, shortHash, shortId } from '../output/format.ts'
import { paint } from '../output/paint.ts'
import { renderTable } from '../output/table.ts'
import { tookOf } from './lists-view.ts'
import { describeChain, describeQueues, describeSync } from './status-view.ts'
import type { BlockTimeline, NetworkStatus, PeerStatus } from '../../index.ts'
import type { Cell, Column } from '../output/table.ts'
import type { NodeReport } from './answers.ts'

// The screen of `top`, as text, by pure functions.

/** What a screen shows: the node now, and a moment ago. */
export interface TopPicture {
  now: NodeReport
  before: NodeReport | undefined
  /** The newest first. */
  blocks: readonly BlockTimeline[]
}

interface Rated { peer: PeerStatus, received: number | undefined, sent: number | undefined }

const COLUMNS: Column[] = [
  { title: 'DIR', align: 'left', minWidth: 3 },
  { title: 'NAME', align: 'left', minWidth: 10, maxWidth: 20 },
  { title: 'PEER ID', align: 'left', minWidth: 8, rank: 3 },
  { title: 'HEIGHT', align: 'right', minWidth: 7 },
  { title: 'RTT', align: 'right', minWidth: 7 },
  { title: 'RECV/S', align: 'right', minWidth: 9 },
  { title: 'SENT/S', align: 'right', minWidth: 9 },
  { title: 'TO SEND', align: 'right', minWidth: 8 },
  { title: 'OUT', align: 'right', minWidth: 3, rank: 2 },
  { title: 'HANDLERS', align: 'right', minWidth: 8, rank: 4 },
  { title: 'SCORE', align: 'right', minWidth: 5, rank: 1 }
]

const NOTHING = '-'
const ID_CHARACTERS = 8
const MAX_BLOCKS = 5

/** At most `rows` lines, each at most `columns` wide. */
export function renderTop (picture: TopPicture, { columns, rows }: { columns: number, rows: number }): string[] {
  const { now: { status }, blocks } = picture
  const head = [...renderHead(picture), '']
  const blockLines = renderLastBlocks(blocks.slice(0, MAX_BLOCKS), status)
  const [title = '', ...peers] = renderTable(COLUMNS, ratePeers(picture).map((rated) => toCells(rated, status)), columns)
  const room = Math.max(rows - head.length - 1 - blockLines.length, 1)
  const shown = peers.length <= room ? peers : [...peers.slice(0, room - 1), `… and ${formatCount(peers.length - room + 1, 'peer')} that pass less`]

  return [...head, title, ...shown, ...blockLines].slice(0, rows).map((line) => cutText(line, columns))
}

function renderHead ({ now, before }: TopPicture): string[] {
  const { status, process } = now
  const { slots, node, bandwidth } = status
  const seconds = secondsBetween(now, before)
  const cpu = before == null ? undefined : 100 * (process.cpu - before.process.cpu) / Math.max(process.at - before.process.at, 1)
  const received = rate(bandwidth.in.bytes, before?.status.bandwidth.in.bytes, seconds)
  const sent = rate(bandwidth.out.bytes, before?.status.bandwidth.out.bytes, seconds)
  const name = cleanText(node.nodeId, 24) || shortId(node.peerId)
  const processor = cpu == null ? '' : `   ${Math.round(cpu)} % processor`

  return [
    `${paint('bold', name)} on ${node.network}   up ${formatDuration(status.uptime)}${processor}   ${formatBytes(process.rss)} memory   Ctrl-C ends it`,
    styled(describeChain(status)),
    `${slots.inbound.used}/${slots.inbound.limit} in, ${slots.outbound.used}/${slots.outbound.limit} out   received ${perSecond(received)}, sent ${perSecond(sent)}`,
    `Queues: ${describeQueues(status)}`,
    describeSlowest(status),
    ...describeSync(status).map(([name, cell]) => `${name}: ${styled(cell)}`)
  ]
}

/** The peer that the node waits for longest, as far as its counters tell: for its answers, or for it to take what is sent. */
function describeSlowest ({ peers }: NetworkStatus): string {
  const slowness = ({ waiting, requests, rtt, rates }: PeerStatus): number => {
    return waiting.out / 1024 + requests * 100 + (rtt ?? 0) + rates.slowedMs
  }
  const [slowest] = peers.toSorted((a, b) => slowness(b) - slowness(a))

  if (slowest == null) {
    return 'Slowest peer: none'
  }

  const { nodeId, id, rtt, waiting, requests } = slowest
  const facts = [
    `${rtt == null ? 'no' : formatDuration(rtt)} round trip`,
    ...(waiting.out > 0 ? [`${formatBytes(waiting.out)} to send`] : []),
    ...(requests > 0 ? [`${formatCount(requests, 'request')} unanswered`] : [])
  ]

  return `Slowest peer: ${cleanText(nodeId, 24) || shortId(id)}, ${facts.join(', ')}`
}

/** Those that pass most first. */
function ratePeers ({ now, before }: TopPicture): Rated[] {
  const seconds = secondsBetween(now, before)
  const past = new Map(before?.status.peers.map((peer) => [peer.id, peer]))

  return now.status.peers.map((peer) => {
    // a session that is younger than the last look began at nothing
    const last = past.get(peer.id)?.readyAt === peer.readyAt ? past.get(peer.id)?.bytes : before == null ? undefined : { in: 0, out: 0 }

    return { peer, received: rate(peer.bytes.in, last?.in, seconds), sent: rate(peer.bytes.out, last?.out, seconds) }
  }).sort((a, b) => (b.received ?? 0) + (b.sent ?? 0) - (a.received ?? 0) - (a.sent ?? 0) || a.peer.id.localeCompare(b.peer.id))
}

function toCells ({ peer, received, sent }: Rated, { tip }: NetworkStatus): Cell[] {
  const { direction, nodeId, id, bestHeight, rtt, waiting, requests, handlers, score } = peer

  return [
    direction === 'inbound' ? 'in' : 'out',
    cleanText(nodeId, 20) || NOTHING,
    id.slice(-ID_CHARACTERS),
    { text: String(bestHeight), style: tip != null && bestHeight > tip.height ? 'yellow' : undefined },
    rtt == null ? NOTHING : formatDuration(rtt),
    perSecond(received),
    perSecond(sent),
    { text: waiting.out === 0 ? NOTHING : formatBytes(waiting.out), style: 'yellow' },
    requests === 0 ? NOTHING : String(requests),
    handlers.calls === 0 ? NOTHING : formatDuration(handlers.ms / handlers.calls),
    score.value < 0.5 ? NOTHING : String(Math.round(score.value))
  ]
}

function renderLastBlocks (blocks: readonly BlockTimeline[], { at, peers }: NetworkStatus): string[] {
  if (blocks.length === 0) {
    return []
  }

  const names = new Map(peers.map(({ id, nodeId }) => [id, cleanText(nodeId, 24)]))

  return ['', paint('bold', 'Last blocks'), ...blocks.map((block) => {
    const { height, hash, transactions, from, relayed } = block
    const name = names.get(from) ?? ''
    const ago = formatDuration(Math.max(at - relayed.at, 0))

    return `${height} ${shortHash(hash)} from ${name === '' ? shortId(from) : name}, ${formatCount(transactions, 'transaction')}, ` +
      `took ${formatDuration(tookOf(block))}, ${ago} ago`
  })]
}

function secondsBetween (now: NodeReport, before: NodeReport | undefined): number {
  return before == null ? NaN : Math.max(now.status.at - before.status.at, 1) / 1000
}

function rate (now: number, before: number | undefined, seconds: number): number | undefined {
  return before == null || Number.isNaN(seconds) ? undefined : Math.max(now - before, 0) / seconds
}

function perSecond (bytes: number | undefined): string {
  return bytes == null ? NOTHING : bytes < 1 ? '0 B' : formatBytes(Math.round(bytes))
}

function styled (cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.style == null ? cell.text : paint(cell.style, cell.text)
}
