import { PEERS_STORE, committed, guard, openDatabase, outcome } from './indexed-db.ts'
import { PeerBook } from './peer-book.ts'
import { encodeEntry } from './peer-entry.ts'
import { readTable } from './read-table.ts'
import { StorageError } from '../errors.ts'
import type { PeerStorage } from './peer-book.ts'
import type { KnownPeer, KnownPeers } from '../types/known-peers.ts'

export { memoryKnownPeers } from './peer-book.ts'

/** What {@link openKnownPeers} takes besides the name. */
export interface KnownPeersOptions {
  /** Told, in a sentence, what was wrong and has been dealt with. */
  onWarning?: (message: string) => void
}

/** How long to wait for a page to let go of its database, in ms: one that was reloaded is not gone at once. */
const LOCK_TIMEOUT_MS = 1000

/**
 * The known peers in the IndexedDB database `name`. Throws a {@link StorageError} when another tab or node has them open, or
 * the database cannot be used.
 */
export async function openKnownPeers (name: string, options: KnownPeersOptions = {}): Promise<KnownPeers> {
  const unlock = await lock(name)
  let db: IDBDatabase | undefined

  try {
    db = await openDatabase(name)
    const storage = new IndexedDbStorage(db, unlock)
    const { table, evicted } = await readTable(await readAll(db), { ...options, location: `the database ${name}` })
    await storage.write(new Map(evicted.map((id) => [id, undefined])))

    return new PeerBook(storage, table)
  } catch (err) {
    db?.close()
    unlock()
    throw err
  }
}

class IndexedDbStorage implements PeerStorage {
  readonly #db: IDBDatabase
  readonly #unlock: () => void

  constructor (db: IDBDatabase, unlock: () => void) {
    this.#db = db
    this.#unlock = unlock
  }

  async write (changes: Map<string, Readonly<KnownPeer> | undefined>): Promise<void> {
    if (changes.size === 0) {
      return
    }

    await guard(this.#db.name, async () => {
      const transaction = this.#db.transaction(PEERS_STORE, 'readwrite')
      const store = transaction.objectStore(PEERS_STORE)

      for (const [id, peer] of changes) {
        if (peer == null) {
          store.delete(id)
        } else {
          store.put(encodeEntry(peer), id)
        }
      }

      await committed(transaction)
    })
  }

  async close (): Promise<void> {
    this.#db.close()
    this.#unlock()
  }
}

async function readAll (db: IDBDatabase): Promise<[id: string, value: string][]> {
  return guard(db.name, async () => {
    const store = db.transaction(PEERS_STORE).objectStore(PEERS_STORE)
    const [keys, values] = await Promise.all([outcome(store.getAllKeys()), outcome<unknown[]>(store.getAll())])

    // what is no string was put there by somebody else, and is read as damaged
    return keys.map((key, i) => [textOf(key), textOf(values[i])])
  })
}

function textOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Keeps other tabs out, until the function that is returned is called or the page goes. */
async function lock (name: string): Promise<() => void> {
  const { locks } = navigator as { locks?: LockManager }

  // only where the page came over a connection that is safe, which includes loopback
  if (locks == null) {
    return () => {}
  }

  const released = Promise.withResolvers<void>()
  const granted = Promise.withResolvers<void>()
  const signal = AbortSignal.timeout(LOCK_TIMEOUT_MS)

  locks.request(`vibecoin-network ${name}`, { signal }, async () => {
    granted.resolve()
    await released.promise
  }).catch(granted.reject)

  try {
    await granted.promise
  } catch (err) {
    throw new StorageError(
      `Could not open the known peers: another tab or node is using the database ${name}. Give each node a database of its own.`,
      { cause: err }
    )
  }

  return released.resolve
}
