import { readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What may happen to the files of a LevelDB database that has an entry in a table, and makes it useless: the directory is
 * given, and what happens is said.
 */
export const DAMAGES: Record<string, (location: string) => Promise<void>> = {
  'is of another kind': async (location) => { await writeFile(join(location, 'CURRENT'), 'something else') },
  'has a manifest that is cut off': async (location) => { await truncate(await find(location, /^MANIFEST/), 10) },
  'has a manifest of other bytes': async (location) => { await writeFile(await find(location, /^MANIFEST/), 'something else') },
  'has lost its manifest': async (location) => { await rm(await find(location, /^MANIFEST/)) },
  'has lost a table': async (location) => { await rm(await find(location, /\.ldb$/)) },
  'has a table that is cut off': async (location) => { await truncate(await find(location, /\.ldb$/), 20) },
  'has an empty table': async (location) => { await truncate(await find(location, /\.ldb$/), 0) },
  'has a table of other bytes': async (location) => { await writeFile(await find(location, /\.ldb$/), Buffer.alloc(100, 0xff)) }
}

/** The first file of the directory that has such a name. */
async function find (location: string, pattern: RegExp): Promise<string> {
  return join(location, (await readdir(location)).find((name) => pattern.test(name))!)
}
