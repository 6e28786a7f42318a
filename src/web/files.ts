import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A file of the page. */
export interface PageFile { content: Uint8Array, contentType: string }

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml'
}

const DIRECTORY = fileURLToPath(new URL('page/', import.meta.url))

/** Where a clone has its own page made. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/vibecoin-network/page/', import.meta.url))
const BUILD_SCRIPT = fileURLToPath(new URL('../../scripts/build-page.js', import.meta.url))

/** The files of the page, by the path that they are asked for by. A package has them in its `dist`; in a clone they are made anew. */
export async function readPageFiles (): Promise<ReadonlyMap<string, PageFile>> {
  const directory = import.meta.url.endsWith('.ts') ? await build() : DIRECTORY
  const names = (await readdir(directory)).filter((name) => Object.hasOwn(TYPES, extname(name)))
  const files = await Promise.all(names.map(async (name): Promise<[string, PageFile]> => {
    return [name === 'index.html' ? '/' : `/${name}`, { content: await readFile(join(directory, name)), contentType: TYPES[extname(name)]! }]
  }))

  return new Map(files)
}

async function build (): Promise<string> {
  await promisify(execFile)(process.execPath, [BUILD_SCRIPT, CACHE])

  return CACHE
}
