import { cutText, formatBytes, formatCount, formatDuration } from '../output/format.ts'
import { renderBar } from '../output/progress-bar.ts'
import { renderTable } from '../output/table.ts'
import type { DevnetNode } from './node.ts'
import type { Style } from '../output/paint.ts'
import type { Cell, Column } from '../output/table.ts'

// The live table of a devnet, as text, by pure functions.

/** The contents of the table. */
export interface DevnetPicture {
  nodes: readonly Pick<DevnetNode, 'plan' | 'phase' | 'id' | 'status' | 'progress'>[]
  /** Of the best block. */
  height: number
  /** Since the devnet started. */
  elapsedMs: number
  untilHeight?: number
  /** Where the live page is, once it is there. */
  page?: string | undefined
  /** Lines about what happened, oldest first. */
  recent: string[]
}

// as wide as in a terminal of 80 columns
const COLUMNS: Column[] = [
  { title: 'NODE', align: 'left', minWidth: 7 },
  { title: 'PEER ID', align: 'left', minWidth: 8, rank: 3 },
  { title: 'IN', align: 'right', minWidth: 3 },
  { title: 'OUT', align: 'right', minWidth: 3 },
  { title: 'HEIGHT', align: 'right', minWidth: 6 },
  { title: 'TIP', align: 'left', minWidth: 8, rank: 1 },
  { title: 'RTT', align: 'right', minWidth: 6, rank: 4 },
  { title: 'RECV', align: 'right', minWidth: 7, rank: 6 },
  { title: 'SENT', align: 'right', minWidth: 7, rank: 5 },
  { title: 'STATE', align: 'left', minWidth: 16 }
]

const PHASE_STYLES: Readonly<Record<DevnetNode['phase'], Style>> = {
  waiting: 'dim', starting: 'yellow', running: 'green', paused: 'yellow', killed: 'red', ended: 'red'
}

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
  const { nodes, height, elapsedMs, untilHeight, page, recent } = picture
  const goal = untilHeight == null ? '' : ` of ${untilHeight}`
  const title = `vibecoin devnet   ${formatCount(nodes.length, 'node')}   block ${height}${goal}   ${formatDuration(elapsedMs)}   Ctrl-C ends it`
  const [head = '', ...lines] = renderNodes(nodes, size.columns)
  const room = size.rows - 4
  const shown = chooseLines({ nodes, lines, height }, Math.max(room - Math.min(recent.length, MIN_RECENT_LINES), 1))
  const left = Math.max(room - shown.length, 0)

  return [title, page == null ? '' : `live page: ${page}`, head, ...shown, '', ...(left === 0 ? [] : recent.slice(-left))]
    .slice(0, size.rows)
    .map((line) => cutText(line, size.columns))
}

/** The lines of the nodes that matter most, in their order, and how many are left out where there is no room for all. */
function chooseLines ({ nodes, lines, height }: Pick<DevnetPicture, 'nodes' | 'height'> & { lines: string[] }, room: number): string[] {
  if (lines.length <= room) {
    return lines
  }

  const order = nodes.map((node, i) => ({ i, urgency: urgencyOf(node, height) })).sort((a, b) => b.urgency - a.urgency || a.i - b.i)
  const shown = new Set(order.slice(0, Math.max(room - 1, 0)).map(({ i }) => i))
  const hidden = nodes.filter((_, i) => !shown.has(i))
  const inStep = hidden.filter((node) => urgencyOf(node, height) < 2).length
  const rest = inStep === hidden.length ? ', all in step' : `, ${inStep} of them in step`

  return [...lines.filter((_, i) => shown.has(i)), `… and ${hidden.length} more${rest}`].slice(0, room)
}

/** A node that is down comes first, then one that is behind, one without peers, and the maker. Zero for one that is well. */
function urgencyOf ({ plan, phase, status, progress }: DevnetPicture['nodes'][number], height: number): number {
  if (phase === 'killed' || phase === 'ended') {
    return 6
  }

  if (phase === 'starting' || (phase === 'running' && status == null)) {
    return 5
  }

  if (status != null && status.height < height - 1) {
    return 4
  }

  if (progress != null) {
    return 3
  }

  return status != null && status.inbound + status.outbound === 0 ? 2 : plan.makesBlocks || plan.joinsLate || plan.isKilled ? 1 : 0
}

function toCells ({ plan, phase, id, status, progress }: DevnetPicture['nodes'][number]): Cell[] {
  const state = phase === 'running' && progress != null ? renderBar(progress, BAR_WIDTH) : describePhase(phase, plan)
  const style = PHASE_STYLES[phase]
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

  return [plan.name, id === '' ? NOTHING : id.slice(-ID_CHARACTERS), ...values, { text: state, style }]
}

function describePhase (phase: DevnetNode['phase'], plan: DevnetNode['plan']): string {
  if (phase === 'waiting') {
    return plan.joinsLate ? 'joins late' : 'waiting'
  }

  return phase === 'running' && plan.makesBlocks ? 'makes blocks' : phase
}
