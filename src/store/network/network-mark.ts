import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createKeyFile } from '../identity/key-file.ts'
import { ensureDataDir } from '../data-dir.ts'
import { errorCode } from '../error-code.ts'
import { StorageError, errorMessage } from '../../errors.ts'
import { decodeMark, encodeMark, isSameNetwork, otherNetwork } from './mark.ts'
import type { StoreOptions } from '../data-dir.ts'
import type { MarkedNetwork } from './mark.ts'

const MARK_FILE = 'network.json'

/**
 * Notes in `<dataDir>/network.json` to which network the known peers and the bans belong, where that is not noted. The node replaces a
 * damaged note, and reports it. Throws a {@link StorageError} for the directory of another network, and changes nothing of it.
 */
export async function claimDataDir (dataDir: string, network: MarkedNetwork, { onWarning }: StoreOptions = {}): Promise<void> {
  const file = join(await ensureDataDir(dataDir), MARK_FILE)

  // another process may be faster: its note counts
  for (let attempt = 0; attempt < 2; attempt++) {
    const text = await readMark(file)
    const mark = text == null ? undefined : decodeMark(text)

    if (mark != null) {
      if (!isSameNetwork(mark, network)) {
        throw otherNetwork({ place: `the data directory ${dataDir}`, mark, network, toAdopt: `remove ${file}` })
      }

      return
    }

    if (text != null) {
      onWarning?.(`The note of the network in ${file} is damaged; replaced it with "${network.network}"`)
      await rm(file, { force: true })
    }

    if (await writeMark(file, encodeMark(network))) {
      return
    }
  }

  throw new StorageError(`Could not use ${file}: it appeared and went while the node started`)
}

async function readMark (file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (err) {
    if (errorCode(err) === 'ENOENT') {
      return undefined
    }

    throw new StorageError(`Could not read the network of the data directory in ${file}: ${errorMessage(err)}`, { cause: err })
  }
}

async function writeMark (file: string, text: string): Promise<boolean> {
  try {
    return await createKeyFile(file, new TextEncoder().encode(text))
  } catch (err) {
    throw new StorageError(`Could not write the network of the data directory to ${file}: ${errorMessage(err)}`, { cause: err })
  }
}
