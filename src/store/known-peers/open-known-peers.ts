import { openEntries } from '../entries/entries.ts'
import { PEERS_TITLE, StoredPeers } from './stored-peers.ts'
import { decodeEntry, encodeEntry } from './peer-entry.ts'
import { PeerTable } from './peer-table.ts'
import { readEntries } from '../entries/read-entries.ts'
import type { EntryOptions } from '../entries/entries.ts'
import type { EntryKind } from '../entries/read-entries.ts'
import type { KnownPeers } from '../../types/known-peers.ts'

export { memoryKnownPeers } from './stored-peers.ts'

const KNOWN_PEERS: EntryKind<PeerTable> = {
  name: 'peers',
  title: PEERS_TITLE,
  read: async (entries, source) => {
    const table = new PeerTable()
    const anchors = new Set<string>()
    const changes = new Map<string, string | undefined>()

    await readEntries(entries, {
      ...source,
      title: PEERS_TITLE,
      decode: decodeEntry,
      keep: ({ peer, isAnchor }) => {
        const evicted = table.set(peer)

        if (evicted != null) {
          changes.set(evicted, undefined)
        }

        if (isAnchor) {
          anchors.add(peer.id)
        }
      }
    })

    // an anchor is removed from the disk before the node dials it
    for (const id of anchors) {
      const peer = table.get(id)
      changes.set(id, peer == null ? undefined : encodeEntry(peer, { isAnchor: false }))
    }

    return { contents: new PeerTable(table.list(), [...anchors]), changes }
  }
}

/**
 * Opens the known peers under `dataDir`: in LevelDB, or in the IndexedDB database of that name. Damaged data is moved aside and reported,
 * and the node begins anew: it learns of peers from the network again. Throws a `StorageError` when another node has them open, or they
 * cannot be used.
 */
export async function openKnownPeers (dataDir: string, options: EntryOptions = {}): Promise<KnownPeers> {
  const { contents, storage } = await openEntries(dataDir, KNOWN_PEERS, options)

  return new StoredPeers(storage, contents)
}
