import { cleanText, formatCount, formatDuration } from '../output/format.ts'
import { paint } from '../output/paint.ts'
import { renderTable } from '../output/table.ts'
import type { Check, CheckResult, Verdict } from '../../check/check.ts'
import type { Run } from '../../check/run.ts'
import type { Style } from '../output/paint.ts'
import type { Column } from '../output/table.ts'

const STYLES: Readonly<Record<Verdict, Style>> = { ok: 'green', failed: 'red', skipped: 'yellow' }

/** The longest text of a finding. */
const MAX_TEXT = 4000

const COLUMNS: Column[] = [
  { title: 'CHECK', align: 'left' },
  { title: 'RESULT', align: 'left' },
  { title: 'MS', align: 'right' },
  { title: 'SECTION', align: 'left', rank: 1 },
  { title: 'THE NODE', align: 'left', rank: 2 }
]

const LIST_COLUMNS: Column[] = [
  { title: 'CHECK', align: 'left' },
  { title: 'SECTION', align: 'left' },
  { title: 'MANNERS', align: 'left' },
  { title: 'THE NODE', align: 'left' }
]

/** All checks, one a line. */
export function describeList (checks: readonly Check[]): string {
  const lines = renderTable(LIST_COLUMNS, checks.map(({ id, section, manners, title }) => [id, section, manners, title]), Infinity)

  return `${lines.join('\n')}\n`
}

/** A table of all results, then each failure with what was expected, then why checks were skipped, then the sum. */
export function describeRun (run: Run, { strict, columns }: { strict: boolean, columns: number }): string {
  const rows = run.results.map(({ check: { id, section, title }, verdict, ms }) => {
    return [id, { text: verdict, style: STYLES[verdict] }, String(Math.round(ms)), section, title]
  })
  const failures = run.results.filter(({ verdict }) => verdict === 'failed').flatMap(describeFailure)

  return [...renderTable(COLUMNS, rows, columns), ...failures, ...describeSkipped(run.results), '', describeSum(run, strict), ''].join('\n')
}

function describeFailure ({ check: { id, title, section, text }, expected = '', seen = '' }: CheckResult): string[] {
  return [
    '',
    `${paint('red', 'FAILED')} ${paint('bold', id)}: the node ${title}`,
    `  expected  ${cleanText(expected, MAX_TEXT)}`,
    `  saw       ${cleanText(seen, MAX_TEXT)}`,
    `  the text  "${section}" in docs/protocol.md: ${text}`
  ]
}

/** The checks that were skipped, by the reason. */
function describeSkipped (results: readonly CheckResult[]): string[] {
  const byReason = Map.groupBy(results.filter(({ verdict }) => verdict === 'skipped'), ({ reason = '' }) => reason)

  return byReason.size === 0
    ? []
    : ['', ...[...byReason].map(([reason, skipped]) => {
        return `${paint('yellow', 'SKIPPED')} ${skipped.map(({ check: { id } }) => id).join(', ')}: ${cleanText(reason, MAX_TEXT)}`
      })]
}

function describeSum ({ target, results, ms, isInterrupted }: Run, strict: boolean): string {
  const count = (wanted: Verdict): number => results.filter(({ verdict }) => verdict === wanted).length
  const parts = (['ok', 'failed', 'skipped'] as const).map((verdict) => {
    const text = `${count(verdict)} ${verdict}`

    return count(verdict) === 0 ? text : paint(STYLES[verdict], text)
  })
  const { userAgent, network, bestHeight } = target.node
  const node = `${cleanText(userAgent, 80) || 'a node'} at block ${bestHeight} of ${cleanText(network)}, ${target.id}`
  const note = strict && count('skipped') > 0 ? '; what is skipped counts as failed' : ''

  return `${isInterrupted ? 'Interrupted. ' : ''}${formatCount(results.length, 'check')} of ${node}: ${parts.join(', ')}, in ${formatDuration(ms)}${note}`
}
