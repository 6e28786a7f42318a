// Events, errors and other types that an application gets.

import ts from 'typescript'
import { listIn, table } from './markdown.ts'
import { docOf, literalsOf, membersOf, propertiesOf, publicNames, signatureOf } from './source.ts'
import type { Member } from './source.ts'

/** A table of the properties of an interface. */
export function renderFields (name: string): string {
  return table(['field', 'type', 'what it is'], membersOf(name).map(({ name, type, text, remarks }) => {
    return [`\`${name}\``, `\`${type}\``, [text, remarks].join(' ').trim()]
  }))
}

/** A table of the options of a call, with their defaults. `entry` is the file of src/ that exports them. */
export function renderCallOptions (name: string, entry: string): string {
  return table(['option', 'type', 'default', 'what it is'], membersOf(name, { entry }).map(({ name, type, text, remarks, default: preset }) => {
    return [`\`${name}\``, `\`${type}\``, preset == null ? 'none' : `\`${preset}\``, [text, remarks].join(' ').trim()]
  }))
}

/** A table of the methods and properties that an interface declares, each as it is declared. */
export function renderMembers (name: string): string {
  return table(['member', 'what it does'], membersOf(name, { inherited: false }).map(({ signature, text, remarks }) => {
    return [`\`${signature}\``, [text, remarks].join(' ').trim()]
  }))
}

/** A table of the functions that the package exports. */
export function renderFunctions (): string {
  const functions = [...publicNames().values()].filter(({ flags }) => flags & ts.SymbolFlags.Function)

  return table(['function', 'what it does'], functions.map((symbol) => {
    const { text, remarks } = docOf(symbol)

    return [`\`${signatureOf(symbol)}\``, [text, remarks].join(' ').trim()]
  }))
}

/** A table of types that stand for others. */
export function renderAliases (...names: string[]): string {
  return table(['type', 'what it is'], names.map((name) => {
    const symbol = publicNames().get(name)!

    return [`\`${signatureOf(symbol)}\``, docOf(symbol).text]
  }))
}

/** A table of the strings that a type is one of, from the list in its words. */
export function renderChoices (name: string): string {
  const symbol = publicNames().get(name)!
  const choices = listIn(docOf(symbol).text)
  const listed = choices.map(([choice]) => choice).sort().join()

  if (listed !== literalsOf(symbol).join()) {
    throw new Error(`The words of ${name} are about ${listed}, and it is one of ${literalsOf(symbol).join()}`)
  }

  return table([`\`${name}\``, 'what it says'], choices.map(([choice, words]) => [`\`${choice}\``, words]))
}

/** A table of the events. */
export function renderEvents (): string {
  return table(['event', 'detail', 'when'], membersOf('VibeCoinEvents').map((event) => {
    return [`\`${event.name}\``, detailOf(event), [event.text, event.remarks].join(' ').trim()]
  }))
}

/** A table of the error classes, and what an application can do about each. */
export function renderErrors (): string {
  const classes = [...publicNames().values()].filter((symbol) => /Error$/.test(symbol.name) && symbol.flags & ts.SymbolFlags.Class)

  return table(['error', 'when', 'what to do'], classes.map((symbol) => {
    const { text, remarks } = docOf(symbol)

    return [`\`${symbol.name}\``, text, remarks]
  }).sort(([a = ''], [b = '']) => a.localeCompare(b)))
}

/** The type of an event's detail, by its name or by its fields. */
function detailOf ({ node }: Member): string {
  const detail = node != null && ts.isTypeReferenceNode(node) ? node.typeArguments?.[0] : undefined

  if (detail == null) {
    return ''
  }

  const name = detail.getText()

  return publicNames().has(name)
    ? `[\`${name}\`](#${name.toLowerCase()})`
    : `\`{ ${propertiesOf(detail).map(({ name }) => name).join(', ')} }\``
}
