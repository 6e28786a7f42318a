import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The pages for people who use the package. Their snippets are compiled and run. */
export const USER_PAGES: readonly string[] = ['README.md', ...globSync('docs/{guide,reference}/*.md', { cwd: ROOT }).sort()]

/** A TypeScript block of a page. */
export interface Snippet {
  page: string
  /** The line that it begins on. */
  line: number
  /** The heading above it. */
  heading: string
  code: string
  /** False below a line with `<!-- compiled only -->`. */
  isRun: boolean
}

/** The text of a page, by its path from the root of the repository. */
export function readPage (page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

/** The TypeScript blocks of a page. */
export function snippetsOf (page: string): Snippet[] {
  const text = readPage(page)

  return [...text.matchAll(/(<!-- compiled only -->\n)?```ts\n(.*?)```/gs)].map((match) => {
    const [, mark, code = ''] = match
    const before = text.slice(0, match.index)

    return {
      page,
      line: before.split('\n').length + (mark == null ? 0 : 1),
      heading: [...withoutCode(before).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '',
      code,
      isRun: mark == null
    }
  })
}

/** The rows of all tables with these headers, below the heading of a page, as cells. */
export function rowsBelow (page: string, heading: string, ...headers: string[]): string[][] {
  const text = readPage(page)
  const start = text.search(new RegExp(`^#+ ${heading}$`, 'm'))
  assert.notEqual(start, -1, `${page} has a heading "${heading}"`)
  const level = text.slice(start).indexOf(' ')
  const rest = text.slice(start + level)
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'))
  const lines = rest.slice(0, end === -1 ? undefined : end).split('\n')
  const rows: string[][] = []

  lines.forEach((line, i) => {
    if (line === `| ${headers.join(' | ')} |`) {
      const below = lines.slice(i + 2)
      const count = below.findIndex((line) => !line.startsWith('|'))
      rows.push(...below.slice(0, count === -1 ? undefined : count).map(cellsOf))
    }
  })

  assert.notEqual(rows.length, 0, `${page} has a table of ${headers.join(', ')} below "${heading}"`)

  for (const row of rows) {
    assert.equal(row.length, headers.length, row.join(' | '))
  }

  return rows
}

function cellsOf (line: string): string[] {
  return line.replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim())
}

/** What stands in backticks in the first cell of each row. */
export function namesIn (rows: string[][]): string[] {
  return rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)).sort()
}

/** The links of a page that lead nowhere: to no file, or to no heading of a page. Links to other sites are not followed. */
export function deadLinksOf (page: string): string[] {
  const links = [...withoutCode(readPage(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)

  return links.filter((link) => !link.startsWith('https:')).filter((link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : join(dirname(page), path)

    return !existsSync(join(ROOT, target)) || (anchor != null && !anchorsOf(target).includes(anchor))
  })
}

/** The anchors of the headings of a page. A heading that comes again gets a number. */
export function anchorsOf (page: string): string[] {
  const counts = new Map<string, number>()

  return [...withoutCode(readPage(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const anchor = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
    const count = counts.get(anchor) ?? 0
    counts.set(anchor, count + 1)

    return count === 0 ? anchor : `${anchor}-${count}`
  })
}

/**
 * The sentences of a page, those in cells of tables included, without code. A name in backticks is one word, together with the title of a
 * test behind it.
 */
export function sentencesOf (page: string): string[] {
  const text = withoutCode(readPage(page)).replace(/^#+ .*$|^ *\|[-|]+$/gm, '').replace(/`[^`]+`(?:: "[^"]*")?/g, 'CODE').replace(/\]\([^)]+\)/g, '')
  const parts = text.split(/\n{2,}|\n(?= *(?:- |\d+\. |\|))|(?<=^ *\|.*) \| /m)

  return parts.flatMap((part) => part.replace(/[|*\n[\]]/g, ' ').split(/(?<=[.!?])\s+/)).map((sentence) => sentence.trim()).filter((sentence) => sentence !== '')
}

function withoutCode (text: string): string {
  return text.replace(/```.*?```/gs, '')
}
