import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { namesIn, rowsBelow } from './markdown.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGE = 'docs/internals/dependencies.md'

/** A version that one package keeps to itself may be there for each of three. */
const MAX_COPIES = 3

interface Manifest {
  name: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  optionalDependencies: Record<string, string>
  peerDependencies: Record<string, string>
  peerDependenciesMeta: Record<string, { optional: boolean }>
}

interface Installed {
  version: string
  integrity?: string
  link?: boolean
  dev?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

function readJson (file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
}

const { name, dependencies, devDependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = readJson('package.json') as Manifest
const { packages } = readJson('package-lock.json') as { packages: Record<string, Installed> }

/** What an application installs: the packages of the lock file that are not for development, by their names, then by their versions. */
function installed (): Map<string, Map<string, string[]>> {
  const found = new Map<string, Map<string, string[]>>()

  for (const [path, { version, dev }] of Object.entries(packages)) {
    const name = nameOf(path)

    if (path !== '' && dev !== true) {
      const versions = found.get(name) ?? new Map<string, string[]>()
      versions.set(version, [...versions.get(version) ?? [], path])
      found.set(name, versions)
    }
  }

  return found
}

function nameOf (path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

/** Whether the lock file has a package where another one finds it: in its own node_modules, or further up. */
function isFoundFrom (path: string, name: string): boolean {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (`${at}/node_modules/${name}` in packages) {
      return true
    }
  }

  return `node_modules/${name}` in packages
}

/** The packages that keep copies to themselves. */
function ownersOf (paths: string[]): string[] {
  const nested = paths.filter((path) => path.includes('/node_modules/'))

  return [...new Set(nested.map((path) => nameOf(path.slice(0, path.lastIndexOf('/node_modules/')))))].sort()
}

/** The packages that files import, types included. */
function importedBy (...patterns: string[]): Set<string> {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).filter((file) => !/node_modules|\.snippets/.test(file))
  const specifiers = files.flatMap((file) => ts.preProcessFile(readFileSync(join(ROOT, file), 'utf8'), true, true).importedFiles)

  return new Set(specifiers.map(({ fileName }) => fileName)
    .filter((specifier) => !/^[./]|^node:/.test(specifier) && !builtinModules.includes(specifier))
    .map((specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')))
}

describe('dependencies', () => {
  it('have one version each, apart from those that docs/internals/dependencies.md lists', () => {
    const rows = rowsBelow(PAGE, 'What is there twice', 'package', 'versions', 'the older ones are for')
    const doubles = [...installed()].filter(([, versions]) => versions.size > 1).map(([name, versions]) => {
      return { name, versions: [...versions.keys()].sort(), owners: ownersOf([...versions.values()].flat()) }
    })

    assert.deepEqual(doubles.sort((a, b) => a.name.localeCompare(b.name)), rows.map(([name = '', versions = '', owners = '']) => {
      return { name: namesIn([[name]])[0], versions: versions.split(', '), owners: namesIn([[owners]]) }
    }))
  })

  it('have no version in more copies than there are packages that keep to it', () => {
    for (const [name, versions] of installed()) {
      for (const [version, paths] of versions) {
        assert.ok(paths.length <= MAX_COPIES, `${name} ${version}: ${paths.join(', ')}`)
      }
    }
  })

  it('are all in the lock file, also those of other platforms, without which `npm ci` fails', () => {
    const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) => {
      return Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !isFoundFrom(path, name)).map((name) => `${path}: ${name}`)
    })

    assert.deepEqual(missing, [])
  })

  it('have an integrity that `npm ci` verifies, apart from those that docs/internals/dependencies.md lists', () => {
    const rows = rowsBelow(PAGE, 'What the lock file cannot verify', 'package', 'platforms')
    const listed = rows.flatMap(([name = '', platforms = '']) => namesIn([[platforms]]).map((platform) => `${namesIn([[name]])[0]}-${platform}`))
    const without = Object.entries(packages).filter(([path, { integrity, link }]) => path !== '' && integrity == null && link !== true)

    assert.deepEqual(without.map(([path]) => nameOf(path)).sort(), listed.sort())
  })

  it('are imported in src, apart from those that keep others single', () => {
    const imported = importedBy('src/**/!(*.d).{ts,js}')
    const single = namesIn(rowsBelow(PAGE, 'What keeps the newest version single', 'dependency', 'why it is one', 'without it'))

    assert.deepEqual(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).sort(), [...imported, ...single].sort())
  })

  it('that are optional are those that docs/internals/dependencies.md lists', () => {
    const rows = rowsBelow(PAGE, 'What is optional', 'dependency', 'what loads it', 'why this one')

    assert.deepEqual(namesIn(rows.map(([name = '']) => [name])).sort(), Object.keys({ ...optionalDependencies, ...peerDependencies }).sort())
    assert.ok(Object.keys(peerDependencies).every((name) => peerDependenciesMeta[name]?.optional === true))
  })

  it('are at the top in the newest version that another package asks for, where they keep others single', () => {
    for (const name of namesIn(rowsBelow(PAGE, 'What keeps the newest version single', 'dependency', 'why it is one', 'without it'))) {
      const asking = Object.values(packages).filter(({ dev, dependencies = {} }) => dev !== true && name in dependencies)
      const versions = [...installed().get(name)!.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))

      assert.equal(packages[`node_modules/${name}`]?.version, versions.at(-1))
      assert.ok(asking.length > MAX_COPIES, `${name}: ${asking.length} packages ask for it`)
    }
  })

  it('of tests, benchmarks, scripts and examples are declared', () => {
    const imported = importedBy('{test,bench,scripts,examples}/**/*.{ts,js}')
    const declared = new Set([name, ...Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies })])

    assert.deepEqual([...imported].filter((name) => !declared.has(name)), [])
  })
})
