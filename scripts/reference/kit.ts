// What vibecoin-network/testing exports: a section for each function, class and interface.

import ts from 'typescript'
import { table } from './markdown.ts'
import { declaredMembers, docOf, parentsOf, publicNames, signatureOf } from './source.ts'

const ENTRY = 'testing/index.ts'

/** The names of its exports. */
export function kitNames (): string[] {
  return [...publicNames(ENTRY).keys()]
}

/** What it declares without words: exports, and members of these. */
export function kitWithoutWords (): string[] {
  return [...publicNames(ENTRY)].flatMap(([name, symbol]) => {
    const members = isDeclared(symbol) ? declaredMembers(symbol).map((member) => ({ ...member, name: `${name}.${member.name}` })) : []

    return [{ name, ...docOf(symbol) }, ...members].filter(({ text }) => text === '').map((described) => described.name)
  })
}

/** Sections of some of its exports, in this order. */
export function renderKit (...names: string[]): string {
  const exported = publicNames(ENTRY)

  return names.map((name) => {
    const symbol = exported.get(name)

    if (symbol == null) {
      throw new Error(`src/${ENTRY} exports no ${name}`)
    }

    return renderExport(name, symbol, exported)
  }).join('\n\n')
}

function renderExport (name: string, symbol: ts.Symbol, exported: ReadonlyMap<string, ts.Symbol>): string {
  const { text, remarks } = docOf(symbol)
  const parents = parentsOf(symbol).filter((parent) => exported.has(parent)).map((parent) => `[\`${parent}\`](#${parent.toLowerCase()})`)
  const more = parents.length > 0 ? `It has all of ${parents.join(', ')} too.` : ''

  return [
    `### \`${name}\``,
    isDeclared(symbol) ? '' : `\`${signatureOf(symbol)}\``,
    [text, remarks].filter((words) => words !== '').join('\n\n'),
    more,
    isDeclared(symbol) ? membersTable(symbol) : ''
  ].filter((part) => part !== '').join('\n\n')
}

function isDeclared ({ flags }: ts.Symbol): boolean {
  return (flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) !== 0
}

function membersTable (symbol: ts.Symbol): string {
  const members = declaredMembers(symbol)
  const hasDefaults = members.some((member) => member.default != null)
  const rows = members.map(({ signature, text, remarks, default: preset }) => [
    `\`${signature}\``, ...hasDefaults ? [preset == null ? '' : `\`${preset}\``] : [], [text, remarks].join(' ').trim()
  ])

  return rows.length === 0 ? '' : table(['member', ...hasDefaults ? ['default'] : [], 'what it is'], rows)
}
