import { cutText } from '../output/format.ts'
import { paint } from '../output/paint.ts'
import type { Cell } from '../output/table.ts'

/** Lines of a name and a value each. A value that is too wide goes on in the next line, below its beginning. */
export function renderPairs (pairs: readonly (readonly [name: string, value: Cell])[], columns: number): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length)) + 2
  const room = Math.max(columns - width, 20)

  return pairs.flatMap(([name, value]) => {
    const { text, style } = typeof value === 'string' ? { text: value, style: undefined } : value

    return wrap(text, room).map((line, i) => {
      const label = (i === 0 ? name : '').padEnd(width)

      return `${name === '' || i > 0 ? label : paint('bold', label)}${style == null ? line : paint(style, line)}`
    })
  })
}

/** Cuts a text into lines at its spaces; a word that is too wide is cut off. */
function wrap (text: string, columns: number): string[] {
  const lines: string[] = []

  for (const word of text.split(' ')) {
    const line = lines.at(-1)

    if (line == null || line.length + 1 + word.length > columns) {
      lines.push(cutText(word, columns))
    } else {
      lines[lines.length - 1] = `${line} ${word}`
    }
  }

  return lines
}
