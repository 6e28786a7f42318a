import { cutText, formatBytes, formatCount, formatDuration } from '../output/format.ts'
import { renderBar } from '../output/progress-bar.ts'
import { fitLines, renderTable } from '../output/table.ts'
import type { DevnetNode } from './node.ts'
import type { Column } from '../output/table.ts'

// The live table of a devnet, as text, by pure functions.

/** The contents of the table. */
export interface DevnetPicture {
  nodes: readonly Pick<DevnetNode, 'plan' | 'phase' | 'id' | 'status' | 'progress'>[]
  /** Of the best block. */
  height: number
  /** Since the devnet started. */
  elapsedMs: number
  untilHeight?: number
  /** Lines about what happened, oldest first. */
  recent: string[]
}

// as wide as in a terminal of 80 columns
const COLUMNS: Column[] = [
  { title: 'NODE', align: 'left', minWidth: 7 },
  { title: 'PEER ID', align: 'left', minWidth: 8 },
  { title: 'IN', align: 'right', minWidth: 3 },
  { title: 'OUT', align: 'right', minWidth: 3 },
  { title: 'HEIGHT', align: 'right', minWidth: 6 },
  { title: 'TIP', align: 'left', minWidth: 8 },
  { title: 'RTT', align: 'right', minWidth: 6 },
  { title: 'RECV', align: 'right', minWidth: 7 },
  { title: 'SENT', align: 'right', minWidth: 7 },
  { title: 'STATE', align: 'left', minWidth: 16 }
]

const NOTHING = '-'
const BAR_WIDTH = 8
const HASH_DIGITS = 8
const ID_CHARACTERS = 8
const MIN_RECENT_LINES = 4

/** The table alone: a title line, then a line for each node, at most `columns` wide. */
export function renderNodes (nodes: DevnetPicture['nodes'], columns: number): string[] {
  return renderTable(COLUMNS, nodes.map(toCells), columns)
}

/** The whole screen: at most `rows` lines of at most `columns` characters. */
export function renderPicture (picture: DevnetPicture, size: { columns: number, rows: number }): string[] {
  const { nodes, height, elapsedMs, untilHeight, recent } = picture
  const goal = untilHeight == null ? '' : ` of ${untilHeight}`
  const title = `vibecoin devnet   ${formatCount(nodes.length, 'node')}   block ${height}${goal}   ${formatDuration(elapsedMs)}   Ctrl-C ends it`
  const [head = '', ...lines] = renderNodes(nodes, size.columns)
  const room = size.rows - 4
  const shown = fitLines(lines, Math.max(room - Math.min(recent.length, MIN_RECENT_LINES), 1))
  const left = Math.max(room - shown.length, 0)

  return [title, '', head, ...shown, '', ...(left === 0 ? [] : recent.slice(-left))]
    .slice(0, size.rows)
    .map((line) => cutText(line, size.columns))
}

function toCells ({ plan, phase, id, status, progress }: DevnetPicture['nodes'][number]): string[] {
  const state = phase === 'running' && progress != null ? renderBar(progress, BAR_WIDTH) : describePhase(phase, plan)
  const values = status == null
    ? Array<string>(7).fill(NOTHING)
    : [
        String(status.inbound),
        String(status.outbound),
        String(status.height),
        status.tip.slice(0, HASH_DIGITS),
        status.rtt == null ? NOTHING : formatDuration(status.rtt),
        formatBytes(status.bytesIn),
        formatBytes(status.bytesOut)
      ]

  return [plan.name, id === '' ? NOTHING : id.slice(-ID_CHARACTERS), ...values, state]
}

function describePhase (phase: DevnetNode['phase'], plan: DevnetNode['plan']): string {
  if (phase === 'waiting') {
    return plan.joinsLate ? 'joins late' : 'waiting'
  }

  return phase === 'running' && plan.makesBlocks ? 'makes blocks' : phase
}
