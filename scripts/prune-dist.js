// Leaves in dist/ what package.json leads to, and deletes the rest: modules that had nothing but types, and the
// declarations of modules that no user can import.

import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const { exports, bin, browser } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'))
const entries = Object.values(exports).filter((entry) => typeof entry === 'object')

/** @returns {Set<string>} The files that `entries` import, as far as that goes. `toFile` says which file a specifier means. */
function reach (entries, toFile) {
  const reached = new Set()
  const left = entries.map((path) => resolve(root, path))

  for (let file = left.pop(); file != null; file = left.pop()) {
    if (!reached.has(file)) {
      reached.add(file)
      left.push(...importsOf(file, toFile))
    }
  }

  return reached
}

/** @returns {string[]} */
function importsOf (file, toFile) {
  const text = readFileSync(file, 'utf8')
  const { importedFiles, referencedFiles } = ts.preProcessFile(text, true, true)
  const named = [...importedFiles, ...referencedFiles].map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))

  return [...named, ...startedBy(text)].map((fileName) => {
    const target = toFile(resolve(dirname(file), fileName))

    if (!existsSync(target)) {
      throw new Error(`${relative(root, file)} imports '${fileName}', which is not there`)
    }

    return target
  })
}

/** @returns {string[]} The modules that a module starts, as a thread or a process of its own: `new URL(`x${extname(...)}`, ...)`. */
function startedBy (text) {
  return [...text.matchAll(/new URL\(`([^`$]+)\$\{extname\(import\.meta\.url\)\}`, import\.meta\.url\)/g)].map(([, name]) => `./${name}.js`)
}

const kept = new Set([
  ...reach([...entries.map((entry) => entry.default), ...Object.values(bin), ...Object.values(browser)], (path) => path),
  ...reach(entries.map(({ types }) => types), (path) => path.replace(/\.[jt]s$/, '.d.ts'))
])

for (const path of globSync('dist/**/*.{js,ts,map}', { cwd: root })) {
  const file = resolve(root, path)

  if (!kept.has(file.replace(/\.map$/, ''))) {
    rmSync(file)
  }
}
