import { dialErrorLabel, formatCount, formatDuration, shortId } from '../output/format.ts'
import { renderTable } from '../output/table.ts'
import { renderPairs } from './pairs.ts'
import { shortAddress } from './peers-view.ts'
import type { NetworkStatus } from '../../index.ts'
import type { Style } from '../output/paint.ts'
import type { Cell, Column } from '../output/table.ts'

// What `dials` prints, by pure functions.

type DialStatus = NetworkStatus['dials']['targets'][number]

/** An error that is longer stands below the table too. */
const MAX_CELL_COLUMNS = 44

const COLUMNS: Column[] = [
  { title: 'TARGET', align: 'left', maxWidth: 40 },
  { title: 'SOURCE', align: 'left', rank: 2 },
  { title: 'STATE', align: 'left' },
  { title: 'NEXT', align: 'right' },
  { title: 'FAILED', align: 'right', rank: 3 },
  { title: 'REACHED', align: 'right', rank: 4 },
  { title: 'LAST ERROR', align: 'left', maxWidth: MAX_CELL_COLUMNS }
]

const STYLES: Partial<Record<DialStatus['state'], Style>> = { connected: 'green', dialling: 'cyan', banned: 'red', waiting: 'yellow' }
const NOTHING = '-'
const MAX_ERROR_COLUMNS = 200

/** A table of the peers that the node may dial: those that are dialled next first. */
export function renderDials ({ underWay, known, targets }: NetworkStatus['dials'], columns: number, now: number = Date.now()): string[] {
  if (known === 0) {
    return ['The node knows no peer to dial: give it a --seed, or another way to find peers']
  }

  const more = known - targets.length
  const long = targets.filter(({ lastError }) => lastError != null && errorOf(lastError).length > MAX_CELL_COLUMNS)

  return [
    ...renderTable(COLUMNS, targets.map((target) => toCells(target, now)), columns),
    '',
    ...long.flatMap((target) => renderPairs([[nameOf(target), errorOf(target.lastError ?? '')]], columns)),
    ...(long.length > 0 ? [''] : []),
    `${formatCount(known, 'peer')} known, ${formatCount(underWay, 'dial')} under way${more > 0 ? `; ${more} more are not shown` : ''}`
  ]
}

function errorOf (error: string): string {
  return dialErrorLabel(error, MAX_ERROR_COLUMNS)
}

function nameOf ({ target, addresses: [address] }: DialStatus): string {
  return target.startsWith('/') ? shortAddress(target) : address == null ? shortId(target) : `${shortAddress(address)} ${shortId(target)}`
}

function toCells (dial: DialStatus, now: number): Cell[] {
  const { source, state, nextIn, failures, lastError, lastSuccess } = dial

  return [
    nameOf(dial),
    source,
    { text: state, style: STYLES[state] },
    nextIn == null ? NOTHING : nextIn === 0 ? 'now' : formatDuration(nextIn),
    failures === 0 ? NOTHING : `${failures}x`,
    state === 'connected' ? 'now' : lastSuccess == null ? 'never' : formatDuration(Math.max(now - lastSuccess, 0)),
    lastError == null ? NOTHING : errorOf(lastError)
  ]
}
