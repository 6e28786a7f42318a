// The JSON schema of what the command prints with --json, from the types of its reports.

import { join } from 'node:path'
import { createGenerator } from 'ts-json-schema-generator'
import { table } from './markdown.ts'
import { ROOT } from './source.ts'

/** Where the schema stands. */
export const SCHEMA_FILE: string = join(ROOT, 'docs/reference/json-events.schema.json')

interface EventSchema { properties: Record<string, { type?: string, const?: string }>, required: string[] }

/** The schema of one line, as text. */
export function renderSchema (): string {
  return `${JSON.stringify(createSchema(), undefined, 2)}\n`
}

/** A table of the events and their fields. */
export function renderJsonEvents (): string {
  const { definitions } = createSchema() as { definitions: { JsonLine: { anyOf: EventSchema[] } } }
  const rows = definitions.JsonLine.anyOf.map(({ properties, required }) => {
    const fields = Object.keys(properties).filter((name) => !['time', 'event', 'node'].includes(name))
      .map((name) => `\`${name}\`${required.includes(name) ? '' : ' (may be absent)'}`)

    return [`\`${properties['event']?.const ?? ''}\``, fields.length === 0 ? 'none' : fields.join(', ')]
  })

  return table(['event', 'fields'], rows)
}

function createSchema (): unknown {
  return createGenerator({
    path: join(ROOT, 'src/cli/output/report.ts'), type: 'JsonLine', tsconfig: join(ROOT, 'tsconfig.json'), skipTypeCheck: true, topRef: true,
    additionalProperties: false
  }).createSchema('JsonLine')
}
