// Markdown, as the pages of docs/reference/ have it.

/** A table. Line breaks in a cell become spaces. */
export function table (headers: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`

  return [line(headers), `|${'---|'.repeat(headers.length)}`, ...rows.map(line)].join('\n')
}

/** The list of `name`s in a text, each with what follows it: "- `name`: what it is". */
export function listIn (text: string): [name: string, text: string][] {
  return [...text.matchAll(/^- `([^`]+)`: (.*)$/gm)].map(([, name = '', text = '']) => [name, text])
}

/** The first sentence of a text. */
export function firstSentence (text: string): string {
  return /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replace(/:$/, '.') ?? text
}

/** Milliseconds in the largest unit in which they are a whole number: "5 s". */
export function duration (ms: number): string {
  const units: [number, string][] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']]

  return inUnits(ms, units, 'ms')
}

/** Bytes in the largest unit in which they are a whole number: "64 KiB". */
export function size (bytes: number): string {
  return inUnits(bytes, [[1024 ** 2, 'MiB'], [1024, 'KiB']], 'B')
}

function inUnits (value: number, units: [number, string][], smallest: string): string {
  const [factor, unit] = units.find(([factor]) => value > 0 && value % factor === 0) ?? [1, smallest]

  return `${value / factor} ${unit}`
}
