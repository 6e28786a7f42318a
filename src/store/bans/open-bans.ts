import { BANS_TITLE, StoredBans } from './stored-bans.ts'
import { decodeBan } from './ban-entry.ts'
import { BanTable } from './ban-table.ts'
import { openEntries } from '../entries/entries.ts'
import { readEntries } from '../entries/read-entries.ts'
import type { EntryOptions } from '../entries/entries.ts'
import type { EntryKind } from '../entries/read-entries.ts'
import type { BanStore } from '../../types/ban.ts'

export { memoryBans } from './stored-bans.ts'

const BANS: EntryKind<BanTable> = {
  name: 'bans',
  title: BANS_TITLE,
  read: async (entries, source) => {
    const table = new BanTable()
    const changes = new Map<string, string | undefined>()

    await readEntries(entries, {
      ...source,
      title: BANS_TITLE,
      decode: decodeBan,
      keep: (ban) => { table.set(ban).forEach((subject) => changes.set(subject, undefined)) }
    })

    return { contents: table, changes }
  }
}

/**
 * Opens the bans under `dataDir`: in LevelDB, or in the IndexedDB database of that name. Damaged data is moved aside and reported, and the
 * node begins anew: a peer that it lets in by that is banned again at the next offence. Throws a `StorageError` when another node has them
 * open, or they cannot be used.
 */
export async function openBans (dataDir: string, options: EntryOptions = {}): Promise<BanStore> {
  const { contents, storage } = await openEntries(dataDir, BANS, options)

  return new StoredBans(storage, contents)
}
