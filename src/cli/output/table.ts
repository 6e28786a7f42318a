import { cutText } from './format.ts'

/** A column of a table. */
export interface Column {
  title: string
  /** The alignment of the text. */
  align: 'left' | 'right'
  /** The least width in characters: a table that is drawn again and again stands still. */
  minWidth?: number
}

/**
 * Lines of a table, title first, each at most `maxWidth` characters: a column is as wide as its widest cell. Where that
 * is too wide the columns move together, and what still does not fit is cut off on the right.
 */
export function renderTable (columns: Column[], rows: string[][], maxWidth: number): string[] {
  const lines = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map(({ minWidth = 0 }, i) => Math.max(minWidth, ...lines.map((cells) => Array.from(cells[i] ?? '').length)))
  const loose = widths.reduce((sum, width) => sum + width + 2, -2) <= maxWidth

  return lines.map((cells) => {
    const line = columns.map(({ align }, i) => pad(cells[i] ?? '', widths[i] ?? 0, align)).join(loose ? '  ' : ' ')

    return cutText(line.trimEnd(), maxWidth)
  })
}

function pad (text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(width - Array.from(text).length, 0))

  return align === 'left' ? text + space : space + text
}

/** The first lines that fit, and how many are left out where not all do. */
export function fitLines (lines: string[], maxLines: number): string[] {
  if (lines.length <= maxLines) {
    return lines
  }

  const shown = Math.max(maxLines - 1, 0)

  return [...lines.slice(0, shown), `… and ${lines.length - shown} more`].slice(0, Math.max(maxLines, 0))
}
