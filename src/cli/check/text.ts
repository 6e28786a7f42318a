import { cleanText, formatCount, formatDuration } from '../output/format.ts'
import { paint } from '../output/paint.ts'
import { renderTable } from '../output/table.ts'
import type { Check, CheckResult, Verdict } from '../../check/check.ts'
import type { Run } from '../../check/run.ts'
import type { Style } from '../output/paint.ts'
import type { Column } from '../output/table.ts'

const STYLES: Readonly<Record<Verdict, Style>> = { ok: 'green', failed: 'red', skipped: 'yellow' }

/** So many failures that are alike are told of once. */
const MANY_ALIKE = 3

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

  return [...renderTable(COLUMNS, rows, columns), ...describeFailures(run.results), ...describeSkipped(run.results), '', describeSum(run, strict), ''].join('\n')
}

/** The failures: those that most others may come of first, and those that are many and alike last. */
function describeFailures (results: readonly CheckResult[]): string[] {
  const failed = results.filter(({ verdict }) => verdict === 'failed')
  const basic = failed.filter(({ check }) => check.isBasic === true)
  const groups = [...Map.groupBy(failed.filter(({ check }) => check.isBasic !== true), ({ expected, seen }) => `${expected}\n${seen}`).values()]
  const isMany = (group: CheckResult[]): boolean => group.length >= MANY_ALIKE
  const ids = basic.map(({ check: { id } }) => id).join(', ')
  const advice = `${paint('bold', `Begin with ${ids}.`)} Nearly all checks build on that, so most other failures may come of it`

  return [
    ...(basic.length === 0 || failed.length === basic.length ? [] : ['', advice]),
    ...basic.flatMap(describeFailure),
    ...groups.filter((group) => !isMany(group)).flatMap((group) => group.flatMap(describeFailure)),
    ...groups.filter(isMany).flatMap(describeAlike)
  ]
}

function describeFailure ({ check: { id, title, section, text }, ...found }: CheckResult): string[] {
  return [
    '',
    `${paint('red', 'FAILED')} ${paint('bold', id)}: the node ${title}`,
    ...describeFinding(found),
    `  the text  "${section}" in docs/protocol.md: ${text}`
  ]
}

/** Failures that have the same in common: the fault is there, and not in what each of them is about. */
function describeAlike (group: readonly CheckResult[]): string[] {
  return [
    '',
    `${paint('red', 'FAILED')} ${paint('bold', formatCount(group.length, 'check'))} in the same way: ${group.map(({ check: { id } }) => id).join(', ')}`,
    ...describeFinding(group[0]!)
  ]
}

function describeFinding ({ expected = '', seen = '' }: Pick<CheckResult, 'expected' | 'seen'>): string[] {
  return [`  expected  ${cleanText(expected, MAX_TEXT)}`, `  saw       ${cleanText(seen, MAX_TEXT)}`]
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

function describeSum ({ target, results, ms, isInterrupted, left }: Run, strict: boolean): string {
  const count = (wanted: Verdict): number => results.filter(({ verdict }) => verdict === wanted).length
  const parts = (['ok', 'failed', 'skipped'] as const).map((verdict) => {
    const text = `${count(verdict)} ${verdict}`

    return count(verdict) === 0 ? text : paint(STYLES[verdict], text)
  })
  const { userAgent, network, bestHeight } = target.node
  const node = `${cleanText(userAgent, 80) || 'a node'} at block ${bestHeight} of ${cleanText(network)}, ${target.id}`
  const note = strict && count('skipped') > 0 ? '; what is skipped counts as failed' : ''

  return `${isInterrupted ? `Interrupted, ${formatCount(left, 'check')} not done. ` : ''}${formatCount(results.length, 'check')} of ${node}: ${parts.join(', ')}, in ${formatDuration(ms)}${note}`
}
