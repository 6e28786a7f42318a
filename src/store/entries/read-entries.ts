/** What is kept under keys, as text: in LevelDB, or in IndexedDB. */
export type TextEntries = AsyncIterable<[key: string, value: string]> | Iterable<[key: string, value: string]>

/** One kind of entries, each under its key. */
export interface EntryKind<Contents> {
  /** Where they are: the directory under the data directory, or the object store. */
  readonly name: string
  /** What they are called in messages. */
  readonly title: string
  /** Takes up what can be read of them. */
  readonly read: (entries: TextEntries, source: EntrySource) => Promise<ReadEntries<Contents>>
}

/** Where entries come from, and whom to tell what is wrong with them. */
export interface EntrySource {
  /** For messages. */
  location: string
  onWarning?: (message: string) => void
}

/** What was read of entries, and what is to be changed of them at once. */
export interface ReadEntries<Contents> {
  contents: Contents
  changes: Map<string, string | undefined>
}

/**
 * Hands each entry that can be read to `keep`. Others are left as they are and reported: `decode` says which are damaged and
 * which a later version of this package wrote.
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
