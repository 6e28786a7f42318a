// Writes the generated parts of docs/reference/*.md: `npm run docs:reference`. The words come from the TSDoc in src/.

import { writeFileSync } from 'node:fs'
import { ADMIN_SCHEMA_FILE, renderAdminSchema, renderSchema, SCHEMA_FILE } from './reference/json-schema.ts'
import { fillPages } from './reference/pages.ts'

writeFileSync(SCHEMA_FILE, renderSchema())
writeFileSync(ADMIN_SCHEMA_FILE, renderAdminSchema())

for (const { path, before, after } of await fillPages()) {
  if (before !== after) {
    writeFileSync(path, after)
    console.log(`wrote ${path}`)
  }
}
