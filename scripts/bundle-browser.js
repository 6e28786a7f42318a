// Bundles programs for web pages, with what package.json's `browser` says about the files of this package.
//
//   node scripts/bundle-browser.js [--json] <directory> <entry>...
//
// `vibecoin-network` in a program is src/: what it is built to is not needed. The files of `dir/name.ts` come to
// <directory>/name/, and what is loaded on demand is in files of its own. With --json, all that is known of them is printed.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild-wasm'

const root = fileURLToPath(new URL('..', import.meta.url))
const { name, browser } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** dist/a.js -> src/a.ts */
const toSource = (path) => join(root, path.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts'))

/** What takes the place of which source file in a web page, as the bundlers of those who install the package read it. */
const twins = new Map(Object.entries(browser).map(([path, twin]) => [toSource(path), toSource(twin)]))

const source = {
  name: 'source',
  setup ({ onResolve }) {
    onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: join(root, 'src', 'index.ts') }))

    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, importer }) => {
      const file = resolve(dirname(importer), path)

      // of what package.json says this of, and not of the pages that import it
      return { path: twins.get(file) ?? file, sideEffects: !file.startsWith(join(root, 'src')) }
    })
  }
}

/** @returns {Promise<object[]>} The files that `entry` was bundled to, and of what; `atOnce` are those that are not loaded on demand. */
async function bundle (entry, directory) {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    outdir: directory,
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'browser',
    conditions: ['browser'],
    target: 'es2024',
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
    absWorkingDir: root,
    plugins: [source]
  })

  const contents = new Map(outputFiles.map((file) => [relative(root, file.path), file.contents]))
  const atOnce = findAtOnce(metafile.outputs, relative(root, resolve(entry)))

  return Object.entries(metafile.outputs).map(([path, { inputs }]) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), contents.get(path))

    return {
      path: join(root, path),
      bytes: contents.get(path).byteLength,
      gzipBytes: gzipSync(contents.get(path), { level: 9 }).byteLength,
      atOnce: atOnce.has(path),
      inputs: Object.keys(inputs)
    }
  })
}

/** @returns {Set<string>} The file of `entry`, and those that it imports, as far as that goes. */
function findAtOnce (outputs, entry) {
  const found = new Set()

  const follow = (path) => {
    if (!found.has(path)) {
      found.add(path)
      outputs[path].imports.filter(({ kind }) => kind === 'import-statement').forEach((chunk) => { follow(chunk.path) })
    }
  }

  follow(Object.keys(outputs).find((path) => outputs[path].entryPoint === entry))

  return found
}

const args = process.argv.slice(2)
const [directory, ...entries] = args.filter((arg) => arg !== '--json')
const bundles = {}

for (const entry of entries) {
  const name = basename(entry, extname(entry))
  bundles[name] = await bundle(entry, join(resolve(directory), name))
}

if (args.includes('--json')) {
  console.log(JSON.stringify(bundles))
} else {
  for (const { path, bytes, gzipBytes, atOnce } of Object.values(bundles).flat()) {
    console.log(`${relative(process.cwd(), path)}: ${bytes} bytes, ${gzipBytes} compressed${atOnce ? '' : ', on demand'}`)
  }
}
