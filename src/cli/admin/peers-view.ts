import { cleanText, formatBytes, formatCount, formatDuration } from '../output/format.ts'
import { renderTable } from '../output/table.ts'
import { renderPairs } from './pairs.ts'
import type { NetworkStatus, PeerStatus, UpgradeState } from '../../index.ts'
import type { Cell, Column } from '../output/table.ts'

// What `peers` and `peer` print, by pure functions.

/** The columns of `peers`, by rank: those with the greatest rank go first in a narrow terminal. */
const COLUMNS: Column[] = [
  { title: 'DIR', align: 'left' },
  { title: 'NAME', align: 'left', maxWidth: 20 },
  { title: 'PEER ID', align: 'left' },
  { title: 'ADDRESS', align: 'left', maxWidth: 40, rank: 3 },
  { title: 'HEIGHT', align: 'right' },
  { title: 'RTT', align: 'right' },
  { title: 'LEAST', align: 'right', rank: 6 },
  { title: 'RECV', align: 'right', rank: 1 },
  { title: 'SENT', align: 'right', rank: 2 },
  { title: 'WAITS', align: 'right', rank: 5 },
  { title: 'BLOCKS', align: 'right', rank: 7 },
  { title: 'TXS', align: 'right', rank: 8 },
  { title: 'LAST', align: 'right', rank: 9 },
  { title: 'SCORE', align: 'right', rank: 4 },
  { title: 'AGE', align: 'right' },
  { title: 'NOTES', align: 'left', rank: 10 }
]

const NOTHING = '-'
const ID_CHARACTERS = 8
/** Of an address. The peer's own may have any name in it. */
const MAX_ADDRESS_COLUMNS = 300
/** A score from which a session ends soon. */
const HIGH_SCORE = 25
/** A round trip that is slow, in ms. */
const SLOW_MS = 1000

/** A table of the peers, outbound ones first, and a line that sums them up. */
export function renderPeers (peers: readonly PeerStatus[], columns: number, now: number = Date.now()): string[] {
  const order = peers.toSorted((a, b) => b.direction.localeCompare(a.direction) || (a.readyAt ?? Infinity) - (b.readyAt ?? Infinity))
  const rows = order.map((peer) => toCells(peer, now))
  const inbound = peers.filter(({ direction }) => direction === 'inbound').length

  if (peers.length === 0) {
    return ['No peers: `dials` says whom the node dials, and why the last dial failed']
  }

  return [
    ...renderTable(COLUMNS, rows, columns),
    '',
    `${formatCount(peers.length, 'peer')}: ${inbound} in, ${peers.length - inbound} out; ${describeNetgroups(peers)}`
  ]
}

function toCells (peer: PeerStatus, now: number): Cell[] {
  const { direction, nodeId, id, bestHeight, rtt, leastRtt, bytes, waiting, useful, score } = peer
  const lasts = [useful.lastBlockAgo, useful.lastTransactionAgo].filter((ago) => ago != null)

  return [
    direction === 'inbound' ? 'in' : 'out',
    cleanText(nodeId, 20) || NOTHING,
    id.slice(-ID_CHARACTERS),
    shortAddress(peer.address),
    String(bestHeight),
    { text: time(rtt), style: rtt != null && rtt >= SLOW_MS ? 'red' : undefined },
    time(leastRtt),
    formatBytes(bytes.in),
    formatBytes(bytes.out),
    { text: waiting.in + waiting.out === 0 ? NOTHING : formatBytes(waiting.in + waiting.out), style: waiting.out > 0 ? 'yellow' : undefined },
    String(useful.blocks),
    String(useful.transactions),
    lasts.length === 0 ? NOTHING : formatDuration(Math.min(...lasts)),
    { text: score.value < 0.5 ? NOTHING : String(Math.round(score.value)), style: score.value >= HIGH_SCORE ? 'red' : undefined },
    peer.readyAt == null ? NOTHING : formatDuration(Math.max(now - peer.readyAt, 0)),
    describeNotes(peer)
  ]
}

const UPGRADES: Readonly<Record<UpgradeState, string>> = { trying: ' (a direct way is tried)', failed: ' (no direct way)' }

/** What is unusual of a peer. */
function describeNotes ({ isReserved, isBlockOnly, isRelayed, upgrade, rates, requests, handling }: PeerStatus): string {
  return [
    ...(isReserved ? ['reserved'] : []),
    ...(isBlockOnly ? ['blocks only'] : []),
    ...(isRelayed ? [`relayed${upgrade == null ? '' : UPGRADES[upgrade]}`] : []),
    ...(rates.slowedMs > 0 ? [`slowed ${formatDuration(rates.slowedMs)}`] : []),
    ...(requests > 0 ? [`${formatCount(requests, 'request')} unanswered`] : []),
    ...(handling.messages > 0 ? [`${handling.messages} in handlers`] : [])
  ].join(', ')
}

function describeNetgroups (peers: readonly PeerStatus[]): string {
  const counts = new Map<string, number>()
  peers.forEach(({ netgroup }) => { counts.set(netgroup ?? '', (counts.get(netgroup ?? '') ?? 0) + 1) })
  const local = counts.get('') ?? 0
  counts.delete('')
  const crowd = Math.max(0, ...counts.values())

  return [
    ...(counts.size > 0 ? [`${formatCount(counts.size, 'netgroup')}${crowd > 1 ? `, at most ${crowd} in one` : ''}`] : []),
    ...(local > 0 ? [`${local} without a public address`] : [])
  ].join(', ')
}

/** All that is known of one peer. */
export function renderPeer (peer: PeerStatus, columns: number, now: number = Date.now()): string[] {
  const { nodeId, direction, rtt, leastRtt, bytes, waiting, requests, handling, rates, score, useful, handlers } = peer
  const offences = Object.entries(score.offences).map(([kind, count]) => `${count} ${kind}`).join(', ')

  return renderPairs([
    ['peer', `${cleanText(nodeId) || 'no name'}, ${peer.id}`],
    ['software', cleanText(peer.userAgent) || 'unknown'],
    ['session', `${direction}, ${peer.state}${peer.readyAt == null ? '' : ` for ${formatDuration(Math.max(now - peer.readyAt, 0))}`}`],
    ['address', `${cleanText(peer.address, MAX_ADDRESS_COLUMNS)}${peer.netgroup == null ? '' : `, netgroup ${peer.netgroup}`}`],
    ['notes', describeNotes(peer) || NOTHING],
    ['height', String(peer.bestHeight)],
    ['round trip', `${time(rtt)} last, ${time(leastRtt)} least`],
    ['bytes', `${formatBytes(bytes.in)} received, ${formatBytes(bytes.out)} sent`],
    ['received', describeMessages(peer.messages.in)],
    ['sent', describeMessages(peer.messages.out)],
    ['waiting', `${formatBytes(waiting.in)} to read, ${formatBytes(waiting.out)} to send, ${formatCount(requests, 'request')} unanswered`],
    ['handlers', `${formatCount(handlers.calls, 'call')}, ${formatDuration(handlers.ms)} by the clock, ${handling.messages} under way`],
    ['useful', `${formatCount(useful.blocks, 'block')}, ${formatCount(useful.transactions, 'transaction')}`],
    ['rates', `${describeRates(rates)}${rates.slowedMs > 0 ? `; slowed for ${formatDuration(rates.slowedMs)}` : ''}`],
    ['score', `${Math.round(score.value)}${offences === '' ? '' : `: ${offences}`}`]
  ], columns)
}

function describeMessages (messages: NetworkStatus['bandwidth']['in']['byType']): string {
  const parts = Object.entries(messages).flatMap(([type, traffic]) => traffic == null ? [] : [`${traffic.messages} ${type} (${formatBytes(traffic.bytes)})`])

  return parts.length === 0 ? NOTHING : parts.join(', ')
}

function describeRates ({ in: used }: PeerStatus['rates']): string {
  const parts = Object.entries(used).filter(([, share]) => share >= 0.01).map(([kind, share]) => `${Math.round(share * 100)} % of ${kind}`)

  return parts.length === 0 ? 'nothing used up' : parts.join(', ')
}

/** `/ip4/203.0.113.7/tcp/8765` as `203.0.113.7:8765`; anything else as it is. */
export function shortAddress (address: string): string {
  const [, host, port, rest = ''] = /^\/(?:ip4|dns4?|dns6)\/([^/]+)\/tcp\/(\d+)(.*)$/.exec(address) ?? []
  const [, host6, port6, rest6 = ''] = /^\/ip6\/([^/]+)\/tcp\/(\d+)(.*)$/.exec(address) ?? []
  const suffix = (text: string): string => text.replace(/\/p2p\/[^/]+$/, '')

  if (host != null && port != null) {
    return cleanText(`${host}:${port}${suffix(rest)}`, 64)
  }

  return cleanText(host6 == null || port6 == null ? address : `[${host6}]:${port6}${suffix(rest6)}`, 64)
}

function time (ms: number | null): string {
  return ms == null ? NOTHING : formatDuration(ms)
}
