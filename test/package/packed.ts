import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))
export const TOOLS: string = fileURLToPath(new URL('tools', import.meta.url))

/** What npm says where it cannot reach the registry, and has not in its cache what it wants of it. */
const NO_REGISTRY = /\b(EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTCACHED|ENOTFOUND|ERR_SOCKET_TIMEOUT|ETIMEDOUT)\b/

/** What ran, and how it ended. */
export interface Outcome { code: number, output: string }

/** A file in the package. */
export interface PackedFile { path: string, size: number }

/** What `npm pack` says of a package. */
export interface Packed { filename: string, files: PackedFile[], size: number, unpackedSize: number }

/** Runs a program in a directory to its end, whatever that is. */
export async function run (cwd: string, file: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, maxBuffer: 16 * 1024 * 1024 }, (err, stdout, stderr) => {
      resolve({ code: err == null ? 0 : Number(err.code), output: stdout + stderr })
    })
  })
}

/** The same with the Node.js of the tests. */
export async function runNode (cwd: string, ...args: string[]): Promise<Outcome> {
  return run(cwd, process.execPath, ...args)
}

/** Makes the package of what `npm run build` has left in dist/, and puts it into `directory`. */
export async function pack (directory: string): Promise<Packed> {
  const { code, output } = await run(ROOT, 'npm', 'pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', directory)

  if (code !== 0) {
    throw new Error(`npm pack failed:\n${output}`)
  }

  // npm 12 gives an object with the package's name as its key, and those before it an array
  return Object.values(JSON.parse(output) as Record<string, Packed>)[0]!
}

/** Installs packages into a directory, without their scripts. False where there is no registry to have them from. */
export async function install (directory: string, ...packages: string[]): Promise<boolean> {
  const options = ['--prefix', directory, '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries', '1']
  const { code, output } = await run(directory, 'npm', 'install', ...options, ...packages)

  if (code !== 0 && !NO_REGISTRY.test(output)) {
    throw new Error(`npm install failed:\n${output}`)
  }

  return code === 0
}

/** A directory of its own for a test. */
export async function createDirectory (): Promise<string> {
  return mkdtemp(join(tmpdir(), 'vibecoin-test-'))
}

export async function removeDirectory (directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
}
