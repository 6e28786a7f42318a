import { rowsOf } from './results.ts'
import { formatValue } from './table.ts'
import { isRate } from '../benchmark.ts'
import type { BenchmarkResult, Results, Row } from './results.ts'

const WIDTH = 860
const LABEL_WIDTH = 250
const VALUE_WIDTH = 130
const BAR_WIDTH = WIDTH - LABEL_WIDTH - VALUE_WIDTH
const BAR_HEIGHT = 14
const LINE_HEIGHT = 20
const TITLE_HEIGHT = 34

const COLOURS = { ours: '#2563eb', other: '#94a3b8', limit: '#334155' }

/** The results as an SVG: for each benchmark the medians of its first figure, as bars. The same results always give the same text. */
export function chartSvg ({ benchmarks, node, cpu, date, isQuick }: Results): string {
  const parts: string[] = []
  let y = 8

  for (const benchmark of benchmarks) {
    const rows = rowsOf(benchmark).filter(({ figure }) => figure === Object.keys(benchmark.figures)[0])
    parts.push(title(benchmark, rows, y))
    y += TITLE_HEIGHT
    const largest = Math.max(...rows.map(({ median }) => median))

    for (const row of rows) {
      parts.push(bar(row, largest, y))
      y += LINE_HEIGHT
    }
  }

  y += 24
  const footer = `Medians${isQuick ? ' of a quick run' : ''} on ${cpu}, Node.js ${node}, ${date.slice(0, 10)}`
  parts.push(text({ x: 0, y: y - 8, fill: '#64748b' }, footer))

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    ''
  ].join('\n')
}

function title ({ name, about }: BenchmarkResult, rows: readonly Row[], y: number): string {
  const direction = rows[0] != null && isRate(rows[0].unit) ? 'more is better' : 'less is better'

  return text({ x: 0, y: y + 22, fill: '#0f172a', weight: 'bold' }, `${name}: ${about} (${direction})`)
}

function bar ({ label, median, unit, isOurs, isLimit }: Row, largest: number, y: number): string {
  // a figure may be below zero where nothing is held, and there may be nothing but zeros
  const width = largest > 0 ? Math.max(1, Math.round(Math.max(0, median) / largest * BAR_WIDTH)) : 1
  const fill = isOurs ? COLOURS.ours : isLimit ? COLOURS.limit : COLOURS.other

  return [
    text({ x: LABEL_WIDTH - 8, y: y + 11, fill: '#0f172a', anchor: 'end' }, isLimit ? `${label} (limit)` : label),
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}" fill="${fill}"/>`,
    text({ x: LABEL_WIDTH + width + 6, y: y + 11, fill: '#0f172a' }, formatValue(median, unit))
  ].join('\n')
}

interface Look { x: number, y: number, fill: string, anchor?: string, weight?: string }

function text ({ x, y, fill, anchor = 'start', weight = 'normal' }: Look, content: string): string {
  return `<text x="${x}" y="${y}" fill="${fill}" text-anchor="${anchor}" font-weight="${weight}">${escape(content)}</text>`
}

function escape (content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
