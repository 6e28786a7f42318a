/** Entries as stored in LevelDB or IndexedDB: text under keys. */
export type TextEntries = AsyncIterable<[key: string, value: string]> | Iterable<[key: string, value: string]>

/** One kind of entries. */
export interface EntryKind<Contents> {
  /** The directory under the data directory, or the object store. */
  readonly name: string
  /** Their name in messages. */
  readonly title: string
  /** Reads the entries that can be read. */
  readonly read: (entries: TextEntries, source: EntrySource) => Promise<ReadEntries<Contents>>
}

/** The source of entries, and the callback for problems with them. */
export interface EntrySource {
  /** For messages. */
  location: string
  onWarning?: (message: string) => void
}

/** The entries that were read, and the changes to write at once. */
export interface ReadEntries<Contents> {
  contents: Contents
  changes: Map<string, string | undefined>
}

/**
 * Calls `keep` with each entry that can be read. Others stay as they are and are reported: `decode` tells which are damaged, and which a
 * later version of this package wrote.
 */
export async function readEntries<Entry extends object> (
  entries: TextEntries,
  { title, location, onWarning, decode, keep }: EntrySource & {
    title: string
    decode: (key: string, value: string) => Entry | 'damaged' | 'newer'
    keep: (entry: Entry) => void
  }
): Promise<void> {
  const skipped = { damaged: 0, newer: 0 }

  for await (const [key, value] of entries) {
    const entry = decode(key, value)

    if (typeof entry === 'string') {
      skipped[entry]++
    } else {
      keep(entry)
    }
  }

  if (skipped.damaged + skipped.newer > 0) {
    onWarning?.(`Skipped ${title} in ${location}: ${skipped.damaged} damaged, ${skipped.newer} of a newer version`)
  }
}
