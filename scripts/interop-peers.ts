import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Where the peers of interop/ are built, and how. They are kept outside of the clone: a peer is built once for its sources.

const ROOT = join(import.meta.dirname, '..')

/** So many peers of each language are kept: of the branches that are worked on. */
const MAX_KEPT = 5

/** How long what fetches crates or modules may take, in ms. What they hang on is a registry that does not answer. */
const FETCH_MS = 10 * 60_000

/** The languages of interop/. */
export const LANGUAGES = ['rust', 'go'] as const

/** A language of interop/. */
export type Language = typeof LANGUAGES[number]

/** How the peer of a language is made. */
interface Recipe {
  /** The program that builds it, and what it asks for by name. */
  tool: string
  /** The oldest version of the tool that will do. */
  needs: RegExpExecArray
  /** Fetches what it is built from. */
  fetch: string[]
  /** What `fetch` says where it fails for another reason than the registry. */
  ownFault: RegExp
  /** Builds it, without the registry. */
  build: (out: string, cache: string) => { args: string[], env: NodeJS.ProcessEnv, binary: string }
}

/** A peer that cannot be built here, for want of a tool or of a registry. */
export class CannotBuildHere extends Error {
  override name = 'CannotBuildHere'
}

const VERSION = /\d+\.\d+(?:\.\d+)?/

const RECIPES: Record<Language, Recipe> = {
  rust: {
    tool: 'cargo',
    needs: required(/rust-version = "([\d.]+)"/, 'rust/Cargo.toml'),
    fetch: ['fetch', '--locked'],
    ownFault: /--locked|checksum|manifest/,
    build: (out, cache) => ({
      args: ['build', '--release', '--locked', '--offline', '--target-dir', out],
      // crates are compiled once for all clones, and what is made of them is not written over by another one
      env: { CARGO_BUILD_BUILD_DIR: join(cache, 'rust-build') },
      binary: join(out, 'release', exe('vibecoin-peer'))
    })
  },
  go: {
    tool: 'go',
    needs: required(/^go ([\d.]+)$/m, 'go/go.mod'),
    fetch: ['mod', 'download'],
    ownFault: /checksum|go\.mod|go\.sum|SECURITY/,
    build: (out) => ({
      args: ['build', '-trimpath', '-mod=readonly', '-o', join(out, exe('vibecoin-peer')), '.'],
      env: { GOPROXY: 'off' },
      binary: join(out, exe('vibecoin-peer'))
    })
  }
}

/** The variable that has the path of another peer than the one that is built. */
export function variableOf (language: Language): string {
  return `VIBECOIN_${language.toUpperCase()}_PEER`
}

/** The peer of a language: that of its variable, or the one that was built for its sources; `undefined` where there is none. */
export function peerOf (language: Language): string | undefined {
  const given = process.env[variableOf(language)] ?? ''
  const built = pathOf(language)

  return given !== '' ? given : existsSync(built) ? built : undefined
}

/** Builds the peer of a language, unless that was done. Throws a {@link CannotBuildHere}, or an error where it does not compile. */
export function buildPeer (language: Language): { path: string, isNew: boolean } {
  const path = pathOf(language)

  if (existsSync(path)) {
    const now = new Date()
    utimesSync(path, now, now)

    return { path, isNew: false }
  }

  const { tool, fetch, ownFault, build } = RECIPES[language]
  checkTool(language)
  mkdirSync(cacheDirectory(), { recursive: true })
  const fetched = run(tool, fetch, { language, timeout: FETCH_MS })

  if (fetched.status !== 0) {
    const said = fetched.said.trim().split('\n').slice(-3).join('\n')
    throw ownFault.test(said) ? new Error(`${tool} ${fetch.join(' ')}: ${said}`) : new CannotBuildHere(`${tool} cannot fetch what it is built from:\n${said}`)
  }

  const unfinished = `${path}.${process.pid}`
  const { args, env, binary } = build(unfinished, cacheDirectory())

  try {
    if (run(tool, args, { language, env, isShown: true }).status !== 0) {
      throw new Error(`${tool} ${args.join(' ')} has failed in interop/${language}`)
    }

    if (pathOf(language) !== path) {
      throw new Error(`interop/${language} has changed while it was built: build it again`)
    }

    // a copy: what cargo makes is a link to what it may write over
    copyFileSync(binary, join(unfinished, 'copy'))
    renameSync(join(unfinished, 'copy'), path)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }

  forgetOthers(language)

  return { path, isNew: true }
}

/** Where peers are kept: `vibecoin-network-interop` in the user's cache. */
export function cacheDirectory (): string {
  const home = process.env['XDG_CACHE_HOME'] ?? ''

  return join(home === '' ? join(homedir(), '.cache') : home, 'vibecoin-network-interop')
}

/** The name has the digest of all that the peer is made from. */
function pathOf (language: Language): string {
  const files = globSync([`interop/${language}/**/*.{rs,go,toml,lock,mod,sum}`, 'proto/*.proto'], { cwd: ROOT, exclude: ['**/target/**'] }).sort()
  const hash = createHash('sha256')
  files.forEach((file) => { hash.update(`${file}\n`).update(readFileSync(join(ROOT, file))).update('\n') })

  return join(cacheDirectory(), exe(`${prefixOf(language)}${hash.digest('hex').slice(0, 16)}`))
}

function prefixOf (language: Language): string {
  return `peer-${language}-${process.platform}-${process.arch}-`
}

/** Those that were not used for the longest time go. */
function forgetOthers (language: Language): void {
  const names = readdirSync(cacheDirectory()).filter((name) => name.startsWith(prefixOf(language)))
  const peers = names.map((name) => join(cacheDirectory(), name))
  const age = (path: string): number => statSync(path).mtimeMs
  peers.sort((a, b) => age(b) - age(a)).slice(MAX_KEPT).forEach((path) => { rmSync(path, { recursive: true, force: true }) })
}

function checkTool (language: Language): void {
  const { tool, needs } = RECIPES[language]
  const { said, status } = run(tool, [tool === 'go' ? 'version' : '--version'], { language })
  const version = VERSION.exec(said)?.[0]

  if (status !== 0 || version == null) {
    throw new CannotBuildHere(`there is no ${tool} here`)
  }

  // go fetches a later one by itself
  if (tool !== 'go' && isOlder(version, needs[1]!)) {
    throw new CannotBuildHere(`it needs ${tool} ${needs[1]} or later, and here is ${version}`)
  }
}

function isOlder (version: string, needed: string): boolean {
  const [have, want] = [version, needed].map((text) => text.split('.').map(Number)) as [number[], number[]]
  const different = want.findIndex((part, i) => (have[i] ?? 0) !== part)

  return different !== -1 && (have[different] ?? 0) < want[different]!
}

interface RunOptions { language: Language, env?: NodeJS.ProcessEnv | undefined, isShown?: boolean, timeout?: number }
interface Outcome { status: number | null, said: string }

function run (tool: string, args: string[], { language, env, isShown = false, timeout }: RunOptions): Outcome {
  const { status, stdout, stderr, error } = spawnSync(tool, args, {
    cwd: join(ROOT, 'interop', language),
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', isShown ? 'inherit' : 'pipe'],
    ...timeout == null ? {} : { timeout }
  })

  return { status, said: `${stdout}${isShown ? '' : stderr}${error?.message ?? ''}` }
}

function required (pattern: RegExp, file: string): RegExpExecArray {
  const found = pattern.exec(readFileSync(join(ROOT, 'interop', file), 'utf8'))

  if (found == null) {
    throw new Error(`interop/${file} does not say which version it needs`)
  }

  return found
}

function exe (name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name
}
