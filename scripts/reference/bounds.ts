// The constants of src/ that are numbers: what each bounds, and what happens beyond it.

import ts from 'typescript'
import { duration, size, table } from './markdown.ts'
import { declarationOf, docOfNode, pathIn, sourceFiles } from './source.ts'
import type { Doc } from './source.ts'

/** A constant that bounds something. */
export interface Bound extends Doc {
  name: string
  value: number
  /** The directory in src/, or `src` for a file right there. */
  room: string
  /** The file, inside of src/. */
  file: string
}

/** Numbers that bound nothing: parts of the encoding. */
const NO_BOUND = /_(TAG|FIELD|VERSION)$/

/** Rooms that no node loads. */
const NOT_OF_A_NODE = /^testing\//

/** Every exported constant of a node that is a number, room by room, in the order of the source. */
export function findBounds (): Bound[] {
  return sourceFiles().filter((file) => !NOT_OF_A_NODE.test(pathIn(file))).flatMap((file) => {
    const path = pathIn(file)
    const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : 'src'

    return exportedConstants(file).flatMap((node): Bound[] => {
      const name = node.name.getText()
      const value = node.initializer == null ? undefined : evaluate(node.initializer)

      return value == null || NO_BOUND.test(name) ? [] : [{ name, value, room, file: path, ...docOfNode(node) }]
    })
  })
}

/** A bound's value with its unit, which its name ends with. */
export function valueText ({ name, value }: Pick<Bound, 'name' | 'value'>): string {
  return name.endsWith('_MS') ? duration(value) : /_BYTES(_PER_SECOND)?$/.test(name) ? size(value) : String(value)
}

/** A table for each room: of the bounds that an application or an operator can meet, or of all others. */
export function renderBounds (kind: string): string {
  const bounds = findBounds().filter(({ remarks }) => (remarks !== '') === (kind === 'met'))

  return [...Map.groupBy(bounds, ({ room }) => room)].sort(([a], [b]) => a.localeCompare(b)).map(([room, bounds]) => {
    const rows = bounds.map((bound) => {
      const [text = ''] = bound.text.split('\n\n')
      const words = kind === 'met' ? [text, bound.remarks] : [text]

      return [`\`${bound.name}\`<br>${bound.file}`, valueText(bound), ...words]
    })

    return `### ${room}\n\n${table(['constant', 'value', 'what it is', ...(kind === 'met' ? ['beyond it'] : [])], rows)}`
  }).join('\n\n')
}

function exportedConstants (file: ts.SourceFile): ts.VariableDeclaration[] {
  return file.statements.filter(ts.isVariableStatement)
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap(({ declarationList }) => declarationList.declarations)
}

/** The value of an expression of numbers and constants; `undefined` for anything else. */
function evaluate (node: ts.Node): number | undefined {
  if (ts.isNumericLiteral(node)) {
    return Number(node.text)
  }

  if (ts.isParenthesizedExpression(node)) {
    return evaluate(node.expression)
  }

  if (ts.isIdentifier(node)) {
    const declaration = declarationOf(node)

    return declaration != null && ts.isVariableDeclaration(declaration) && declaration.initializer != null
      ? evaluate(declaration.initializer)
      : undefined
  }

  if (ts.isBinaryExpression(node)) {
    const [left, right] = [evaluate(node.left), evaluate(node.right)]

    return left == null || right == null ? undefined : OPERATIONS[node.operatorToken.getText()]?.(left, right)
  }

  return undefined
}

const OPERATIONS: Record<string, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '**': (left, right) => left ** right
}
