import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SCRIPT = fileURLToPath(new URL('../../scripts/bundle-browser.js', import.meta.url))

/** Room for the names of all modules that are in the bundles. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

/** The programs that are bundled: the pages of the tests, and the least that an application loads. */
const ENTRIES = ['page.ts', 'least.ts', 'store-page.ts'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** A file that a program was bundled to. */
export interface BundledFile {
  name: string
  content: Uint8Array
  bytes: number
  gzipBytes: number
  /** False where it is loaded on demand. */
  atOnce: boolean
  /** The modules in it, as paths from the root of the package. */
  inputs: string[]
}

let bundling: Promise<Record<string, BundledFile[]>> | undefined

/** The files of each program, by its name. Made once for all tests: the bundler takes seconds. */
export async function bundles (): Promise<Record<string, BundledFile[]>> {
  bundling ??= bundleAll()

  return bundling
}

async function bundleAll (): Promise<Record<string, BundledFile[]>> {
  const directory = await mkdtemp(join(tmpdir(), 'vibecoin-test-'))

  try {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, '--json', directory, ...ENTRIES], { maxBuffer: MAX_OUTPUT_BYTES })
    const listed = JSON.parse(stdout) as Record<string, (BundledFile & { path: string })[]>

    return Object.fromEntries(await Promise.all(Object.entries(listed).map(async ([name, files]) => {
      return [name, await Promise.all(files.map(async ({ path, ...file }) => {
        return { ...file, name: basename(path), content: await readFile(path) }
      }))] as const
    })))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
