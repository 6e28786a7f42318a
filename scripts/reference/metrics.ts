// The metrics and the names of the logs: both are strings in the calls that register them.

import ts from 'typescript'
import { table } from './markdown.ts'
import { sourceFiles } from './source.ts'

/** A table of the metrics, in the words that a metrics implementation shows too. */
export function renderMetrics (): string {
  const rows = callsWith(/^vibecoin_/).map((args) => {
    const [name = '', help = '', label = ''] = args.flatMap(stringsIn)

    return [`\`${name}\``, `\`${label}\``, help]
  })

  return table(['metric', 'label', 'what it counts'], rows)
}

/** The names of the logs. */
export function logNames (): string[] {
  return [...new Set(callsWith(/^vibecoin:/).flatMap((args) => args.flatMap(stringsIn)))].sort()
}

/** The arguments of each call whose first one is a string like this. */
function callsWith (pattern: RegExp): ts.Expression[][] {
  const found: ts.Expression[][] = []

  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [first] = node.arguments

      if (first != null && ts.isStringLiteral(first) && pattern.test(first.text)) {
        found.push([...node.arguments])
      }
    }

    ts.forEachChild(node, visit)
  }

  sourceFiles().forEach(visit)

  return found
}

/** The strings of an argument: itself, or the properties of an object. */
function stringsIn (node: ts.Expression): string[] {
  if (ts.isStringLiteral(node)) {
    return [node.text]
  }

  return ts.isObjectLiteralExpression(node)
    ? node.properties.filter(ts.isPropertyAssignment).map(({ initializer }) => initializer).flatMap(stringsIn)
    : []
}
