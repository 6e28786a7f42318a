// Writes the files of Grafana and Prometheus: `npm run ops`. What is in them is in ops/source/.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { opsFiles } from './source/render.ts'

for (const { path, text } of opsFiles()) {
  const file = fileURLToPath(new URL(path, import.meta.url))

  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    writeFileSync(file, text)
    console.log(`wrote ops/${path}`)
  }
}
