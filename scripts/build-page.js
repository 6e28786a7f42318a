// Makes the live page of web/: bundles its program with this package, and puts its other files beside it.
//
//   node scripts/build-page.js <directory>

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const directory = resolve(process.argv[2])
const temporary = mkdtempSync(join(tmpdir(), 'vibecoin-page-'))

try {
  execFileSync(process.execPath, [join(root, 'scripts/bundle-browser.js'), temporary, join(root, 'web/main.ts')], { stdio: ['ignore', 'ignore', 'inherit'] })
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })

  for (const name of readdirSync(join(temporary, 'main'))) {
    cpSync(join(temporary, 'main', name), join(directory, name))
  }

  for (const name of ['index.html', 'style.css', 'icon.svg']) {
    cpSync(join(root, 'web', name), join(directory, name))
  }

  cpSync(join(root, 'node_modules/uplot/dist/uPlot.min.css'), join(directory, 'uplot.css'))
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
