import { decodeEntry } from './peer-entry.ts'
import { PeerTable } from './peer-table.ts'
import type { StoreOptions } from './data-dir.ts'

/** Reads what can be read of stored peers. Returns also the ids of those over the bound, which are to be removed. */
export async function readTable (
  entries: AsyncIterable<[id: string, value: string]> | Iterable<[id: string, value: string]>,
  { location, onWarning }: StoreOptions & { location: string }
): Promise<{ table: PeerTable, evicted: string[] }> {
  const table = new PeerTable()
  const evicted: string[] = []
  const skipped = { damaged: 0, newer: 0 }

  for await (const [id, value] of entries) {
    const entry = decodeEntry(id, value)

    if (typeof entry === 'string') {
      skipped[entry]++
      continue
    }

    const leaving = table.set(entry)

    if (leaving != null) {
      evicted.push(leaving)
    }
  }

  if (skipped.damaged + skipped.newer > 0) {
    onWarning?.(`Skipped known peers in ${location}: ${skipped.damaged} damaged, ${skipped.newer} of a newer version`)
  }

  return { table, evicted }
}
