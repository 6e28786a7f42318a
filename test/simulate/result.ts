/** A row of a table. */
export type Row = readonly (string | number)[]

/** Something that is to hold. */
export interface Aim { what: string, isMet: boolean }

/** What a scenario has come to: a table, one of its columns as a chart, and whether what is to hold does. */
export interface ScenarioResult {
  title: string
  columns: readonly string[]
  rows: readonly Row[]
  aims?: readonly Aim[]
  /** The column of labels, and that of the values. */
  chart: { label: number, value: number, unit: string }
}

const WIDTH = 720
const LABEL_WIDTH = 240
const VALUE_WIDTH = 120
const BAR_WIDTH = WIDTH - LABEL_WIDTH - VALUE_WIDTH
const LINE_HEIGHT = 20
const TERMINAL_BAR = 40

/** A result for people to read: its table, and a chart of bars. */
export function resultText ({ title, columns, rows, aims = [], chart }: ScenarioResult): string {
  const cells = [columns, ...rows.map((row) => row.map(String))]
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const lines = cells.map((row) => row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join('  '))
  const { bars } = barsOf({ rows, chart })
  const labelWidth = Math.max(...bars.map(({ label }) => label.length))
  const chartLines = bars.map(({ label, share, value }) => {
    return `${label.padStart(labelWidth)} ${'█'.repeat(Math.max(1, Math.round(share * TERMINAL_BAR)))} ${value} ${chart.unit}`
  })

  const aimLines = aims.map(({ what, isMet }) => `${isMet ? 'holds' : 'FAILS'}: ${what}`)

  return [title, '', ...lines, '', `${columns[chart.value]!}:`, ...chartLines, '', ...aimLines, ...aims.length > 0 ? [''] : []].join('\n')
}

/** The chart of a result as an SVG. */
export function resultSvg ({ title, columns, rows, chart }: ScenarioResult): string {
  const { bars } = barsOf({ rows, chart })
  const height = 50 + bars.length * LINE_HEIGHT
  const parts = bars.map(({ label, share, value }, index) => {
    const y = 40 + index * LINE_HEIGHT
    const width = Math.max(1, Math.round(share * BAR_WIDTH))

    return `<text x="${LABEL_WIDTH - 8}" y="${y + 12}" text-anchor="end">${escape(label)}</text>` +
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${width}" height="14" fill="#2563eb"/>` +
      `<text x="${LABEL_WIDTH + width + 6}" y="${y + 12}">${value} ${escape(chart.unit)}</text>`
  })

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="0" y="20" font-weight="bold">${escape(`${title}: ${columns[chart.value]!}`)}</text>`,
    ...parts,
    '</svg>',
    ''
  ].join('\n')
}

function barsOf ({ rows, chart }: Pick<ScenarioResult, 'rows' | 'chart'>): { bars: { label: string, share: number, value: number }[] } {
  const values = rows.map((row) => Number(row[chart.value]))
  const most = Math.max(...values, 0)

  return {
    bars: rows.map((row, index) => ({
      label: String(row[chart.label]), value: values[index]!, share: most === 0 ? 0 : Math.max(0, values[index]!) / most
    }))
  }
}

function escape (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
