import type { Row } from './results.ts'
import type { Aim, Unit } from '../benchmark.ts'

const HEAD = ['benchmark', 'figure', 'of', 'median', 'ours as a multiple', 'aim', '']

/** A value in its unit, with three digits that count. */
export function formatValue (value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes/s': return `${digits(value / 1e6)} MB/s`
    case 'bytes': return Math.abs(value) >= 1e6 ? `${digits(value / 1e6)} MB` : `${digits(value / 1024)} KiB`
    case 'ms': return Math.abs(value) < 1 ? `${digits(value * 1000)} µs` : `${digits(value)} ms`
    case 'times': return `${digits(value)} ×`
    default: return `${Math.round(value).toLocaleString('en')} ${unit}`
  }
}

/** What is wanted, in short. */
export function formatAim ({ atLeast, atMost, atMostMore }: Aim, unit: Unit, isAbsolute: boolean): string {
  const show = (value: number): string => isAbsolute && unit !== 'times' ? formatValue(value, unit) : digits(value)

  return [
    ...(atLeast == null ? [] : [`≥ ${show(atLeast)}`]),
    ...(atMost == null ? [] : [`≤ ${show(atMost)}`]),
    ...(atMostMore == null ? [] : [`≤ ${formatValue(atMostMore, unit)} more`])
  ].join(', ')
}

/** The cells of a line. */
export function cellsOf (row: Row): string[] {
  const { benchmark, figure, unit, label, isOurs, isLimit, median, ratio, aim, isMet } = row

  return [
    benchmark,
    figure,
    isLimit ? `${label} (limit)` : label,
    formatValue(median, unit),
    ratio == null ? '' : `${digits(ratio.median)} (${digits(ratio.min)} to ${digits(ratio.max)})`,
    aim == null ? '' : formatAim(aim, unit, isOurs),
    isMet == null ? '' : isMet ? 'met' : 'missed'
  ]
}

/** A table for a terminal. */
export function textTable (rows: readonly Row[]): string {
  return alignColumns([HEAD, ...rows.map(cellsOf)])
}

/** Lines of as many cells each, in columns. */
export function alignColumns (lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)))

  return lines.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n')
}

/** A table for a document. */
export function markdownTable (rows: readonly Row[]): string {
  const lines = [HEAD, HEAD.map(() => '---'), ...rows.map(cellsOf)]

  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function digits (value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString()
}
