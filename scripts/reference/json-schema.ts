// The JSON schemas of what the commands print with --json, from the types of it.

import { join } from 'node:path'
import { createGenerator } from 'ts-json-schema-generator'
import { table } from './markdown.ts'
import { ROOT } from './source.ts'

/** Where the schema stands. */
export const SCHEMA_FILE: string = join(ROOT, 'docs/reference/json-events.schema.json')

/** Where the schema of what a running node answers stands. */
export const ADMIN_SCHEMA_FILE: string = join(ROOT, 'docs/reference/admin-answers.schema.json')

interface EventSchema { properties: Record<string, { type?: string, const?: string }>, required: string[] }

/** The schema of one line of `start` and `devnet`, as text. */
export function renderSchema (): string {
  return `${JSON.stringify(createSchema(), undefined, 2)}\n`
}

/** The schema of what the commands print that ask a running node, as text: a property for each command. */
export function renderAdminSchema (): string {
  return `${JSON.stringify(createAdminSchema(), undefined, 2)}\n`
}

/** A table of the commands that ask a running node, and what they print. */
export function renderAdminAnswers (): string {
  const { definitions } = createAdminSchema() as { definitions: { AdminAnswers: { properties: Record<string, { description?: string }> } } }

  return table(['command', 'its line'], Object.entries(definitions.AdminAnswers.properties).map(([name, { description = '' }]) => {
    return [`\`${name}\``, description]
  }))
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
  return schemaOf('JsonLine', 'src/cli/output/report.ts')
}

function createAdminSchema (): unknown {
  return schemaOf('AdminAnswers', 'src/cli/admin/answers.ts')
}

function schemaOf (type: string, file: string): unknown {
  return createGenerator({
    path: join(ROOT, file), type, tsconfig: join(ROOT, 'tsconfig.json'), skipTypeCheck: true, topRef: true, additionalProperties: false
  }).createSchema(type)
}
