import stringWidth from 'string-width'
import { cutText } from './format.ts'
import { paint } from './paint.ts'
import type { Style } from './paint.ts'

/** A column of a table. */
export interface Column {
  title: string
  /** The alignment of the text. */
  align: 'left' | 'right'
  /** The least width: a table that is drawn again and again stands still. */
  minWidth?: number
  /** Wider cells are cut. */
  maxWidth?: number
  /** Where the table is too wide, the columns with the greatest rank go first. One without a rank stays. */
  rank?: number
}

/** A cell, in a style where it has one. */
export type Cell = string | { text: string, style: Style | undefined }

/**
 * Lines of a table, title first, each at most `maxWidth` wide: a column is as wide as its widest cell. Where that is too wide, columns
 * that have a rank are left out, then the columns move together, and what still does not fit is cut off on the right.
 */
export function renderTable (columns: readonly Column[], rows: readonly Cell[][], maxWidth: number): string[] {
  const widths = columns.map(({ title, minWidth = 0, maxWidth = Infinity }, i) => {
    return Math.max(minWidth, stringWidth(title), Math.min(maxWidth, Math.max(0, ...rows.map((cells) => stringWidth(textOf(cells[i]))))))
  })
  const shown = columnsThatFit(columns, widths, maxWidth)
  const gap = totalWidth(shown, widths) <= maxWidth ? '  ' : ' '
  const toLine = (cells: readonly Cell[]): string => {
    const line = shown.map((i) => pad(cells[i] ?? '', widths[i] ?? 0, columns[i]?.align)).join(gap)

    return cutText(line.trimEnd(), maxWidth)
  }

  return [toLine(columns.map(({ title }) => ({ text: title, style: 'bold' as const }))), ...rows.map(toLine)]
}

/** The places of the columns that are shown, in their order. */
function columnsThatFit (columns: readonly Column[], widths: number[], maxWidth: number): number[] {
  let shown = columns.map((_, i) => i)

  while (totalWidth(shown, widths) > maxWidth) {
    const ranked = shown.filter((i) => columns[i]?.rank != null).sort((a, b) => columns[b]!.rank! - columns[a]!.rank!)

    if (ranked.length === 0) {
      return shown
    }

    shown = shown.filter((i) => i !== ranked[0])
  }

  return shown
}

function totalWidth (shown: number[], widths: number[]): number {
  return shown.reduce((sum, i) => sum + (widths[i] ?? 0) + 2, -2)
}

function pad (cell: Cell, width: number, align: Column['align'] | undefined): string {
  const text = cutText(textOf(cell), width)
  const space = ' '.repeat(Math.max(width - stringWidth(text), 0))
  const styled = typeof cell === 'string' || cell.style == null ? text : paint(cell.style, text)

  return align === 'right' ? space + styled : styled + space
}

function textOf (cell: Cell | undefined): string {
  return typeof cell === 'object' ? cell.text : cell ?? ''
}
