// The metrics and the names of the logs: both are strings in the calls that register them.

import ts from 'typescript'
import { table } from './markdown.ts'
import { sourceFiles } from './source.ts'

/** What a metric is, by the method that registers it: see src/service/metrics/registrar.ts. */
const KINDS: Readonly<Record<string, string>> = {
  counters: 'counter', totals: 'counter', gauge: 'gauge', gauges: 'gauge', times: 'histogram', numbers: 'histogram', timesBy: 'histogram'
}

/** A metric, in the words that a metrics implementation shows too. */
export interface MetricRow { name: string, kind: string, label: string, help: string }

/** The metrics, by their names. */
export function metricRows (): MetricRow[] {
  const rows = callsWith(/^vibecoin_/).map(({ expression, arguments: args }) => {
    const [name = '', help = '', label = ''] = [...args].flatMap(stringsIn)
    const method = ts.isPropertyAccessExpression(expression) ? expression.name.text : ''

    return { name, kind: KINDS[method] ?? fail(`${name} is registered by ${method}, whose kind is not known`), label, help }
  })

  return rows.sort((a, b) => a.name.localeCompare(b.name))
}

/** A table of the metrics. */
export function renderMetrics (): string {
  return table(['metric', 'kind', 'label', 'what it tells'], metricRows().map(({ name, kind, label, help }) => {
    return [`\`${name}\``, kind, label === '' ? '' : `\`${label}\``, help]
  }))
}

function fail (message: string): never {
  throw new Error(message)
}

/** The names of the logs. */
export function logNames (): string[] {
  return [...new Set(callsWith(/^vibecoin:/).flatMap(({ arguments: args }) => [...args].flatMap(stringsIn)))].sort()
}

/** Each call whose first argument is a string like this. */
function callsWith (pattern: RegExp): ts.CallExpression[] {
  const found: ts.CallExpression[] = []

  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [first] = node.arguments

      if (first != null && ts.isStringLiteral(first) && pattern.test(first.text)) {
        found.push(node)
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
