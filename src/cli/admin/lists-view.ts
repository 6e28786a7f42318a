import { cleanText, formatBytes, formatCount, formatDuration, shortHash, shortId } from '../output/format.ts'
import { renderTable } from '../output/table.ts'
import type { Ban, BlockTimeline, NetworkStatus } from '../../index.ts'
import type { Column } from '../output/table.ts'

// What `bans`, `bandwidth` and `blocks` print, by pure functions.

const BAN_COLUMNS: Column[] = [
  { title: 'BANNED', align: 'left' },
  { title: 'ENDS IN', align: 'right' },
  { title: 'OFFENCES', align: 'right', rank: 1 },
  { title: 'BY', align: 'left', rank: 2 },
  { title: 'REASON', align: 'left' }
]

const TRAFFIC_COLUMNS: Column[] = [
  { title: 'MESSAGE', align: 'left' },
  { title: 'RECEIVED', align: 'right' },
  { title: 'BYTES', align: 'right' },
  { title: 'SENT', align: 'right' },
  { title: 'BYTES', align: 'right' }
]

const BLOCK_COLUMNS: Column[] = [
  { title: 'BLOCK', align: 'right' },
  { title: 'HASH', align: 'left' },
  { title: 'TXS', align: 'right' },
  { title: 'FROM', align: 'left', maxWidth: 24 },
  { title: 'CAME', align: 'left', rank: 2 },
  { title: 'TOOK', align: 'right', rank: 1 },
  { title: 'AGO', align: 'right' }
]

/** The last moment that there is: a ban without an end ends then. In ms since the Unix epoch. */
const END_OF_TIME = 8.64e15

/** A table of the bans, the one that ends first in front. */
export function renderBans (bans: readonly Ban[], columns: number, now: number = Date.now()): string[] {
  if (bans.length === 0) {
    return ['No bans']
  }

  return renderTable(BAN_COLUMNS, bans.map(({ subject, until, offences, isManual, reason }) => [
    subject,
    until >= END_OF_TIME ? 'never' : formatDuration(Math.max(until - now, 0)),
    String(offences),
    isManual ? 'operator' : 'node',
    cleanText(reason, 128)
  ]), columns)
}

/** Messages and bytes by type, and the caps. */
export function renderBandwidth ({ in: received, out, limits }: NetworkStatus['bandwidth'], columns: number): string[] {
  const types = [...new Set([...Object.keys(received.byType), ...Object.keys(out.byType)])].sort()
  const rows = types.map((type) => {
    const of = (traffic: typeof received): string[] => {
      const byType: Record<string, { messages: number, bytes: number } | undefined> = traffic.byType
      const { messages, bytes } = byType[type] ?? { messages: 0, bytes: 0 }

      return [String(messages), formatBytes(bytes)]
    }

    return [type, ...of(received), ...of(out)]
  })

  return [
    ...renderTable(TRAFFIC_COLUMNS, [...rows, ['all', '', formatBytes(received.bytes), '', formatBytes(out.bytes)]], columns),
    '',
    renderCaps(limits)
  ]
}

/** The caps in one line. */
export function renderCaps ({ upload, download, peerUpload, peerDownload }: NetworkStatus['bandwidth']['limits']): string {
  const cap = (bytes: number | null): string => bytes == null ? 'none' : `${formatBytes(bytes)}/s`

  return `Caps: upload ${cap(upload)}, download ${cap(download)}, to one peer ${cap(peerUpload)}, from one peer ${cap(peerDownload)}`
}

/** The names of peers by their ids, the width, and the time in ms since the Unix epoch. */
interface BlocksPlace { names: ReadonlyMap<string, string>, columns: number, now?: number }

/** How long a block took in ms, from the first that the node heard of it until it was appended. Judged, where the chain takes no blocks. */
export function tookOf ({ announced, received, judged, appended }: BlockTimeline): number {
  return (appended ?? judged) - (announced ?? received).at
}

/** Whether a block came whole or as a compact block, and how many transactions the node had to ask for. */
function cameAs ({ compact }: BlockTimeline): string {
  return compact == null ? 'whole' : compact.asked === 0 ? 'compact' : `compact, ${compact.asked} asked`
}

/** A table of the last blocks that peers have brought, the newest first. `names` has the names of peers that are there now. */
export function renderBlocks (
  blocks: readonly BlockTimeline[], { names, columns, now = Date.now() }: BlocksPlace
): string[] {
  if (blocks.length === 0) {
    return ['No peer has brought a block since the start. Blocks that are fetched to catch up are not listed']
  }

  return [
    ...renderTable(BLOCK_COLUMNS, blocks.map((block) => {
      const { height, hash, transactions, from, relayed } = block
      const name = cleanText(names.get(from) ?? '', 24) || shortId(from)
      const ago = formatDuration(Math.max(now - relayed.at, 0))

      return [String(height), shortHash(hash), String(transactions), name, cameAs(block), formatDuration(tookOf(block)), ago]
    }), columns),
    '',
    `The last ${formatCount(blocks.length, 'block')} of peers`
  ]
}
