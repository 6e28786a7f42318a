import { committed, guard, openDatabase, outcome } from './indexed-db.ts'
import { StorageError } from '../../errors.ts'
import { systemClock } from '../../util/clock.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import type { EntryKind } from './read-entries.ts'
import type { TextStorage } from './write-queue.ts'

/** Options of {@link openEntries}. */
export interface EntryOptions {
  /** Called with a sentence about a problem that the store has dealt with. */
  onWarning?: (message: string) => void
}

/** Entries that have been opened: those that could be read, and the storage for changes. */
export interface OpenEntries<Contents> { contents: Contents, storage: TextStorage }

/** How long the node waits for another page to release its database, in ms: a page that was reloaded does not end at once. */
const LOCK_TIMEOUT_MS = 1000

/**
 * Opens the entries in an object store of the IndexedDB database `name`. Throws a {@link StorageError} when another tab or node has them
 * open, or the database cannot be used.
 */
export async function openEntries<Contents> (
  name: string, kind: EntryKind<Contents>, { onWarning }: EntryOptions = {}
): Promise<OpenEntries<Contents>> {
  const unlock = await lock(name, kind)
  let db: IDBDatabase | undefined

  try {
    db = await openDatabase(name)
    const storage = new IndexedDbStorage({ db, store: kind.name, unlock })
    const { contents, changes } = await kind.read(await readAll(db, kind.name), {
      location: `the database ${name}`, ...(onWarning == null ? {} : { onWarning })
    })
    await storage.write(changes)

    return { contents, storage }
  } catch (err) {
    db?.close()
    unlock()
    throw err
  }
}

class IndexedDbStorage implements TextStorage {
  readonly #db: IDBDatabase
  readonly #store: string
  readonly #unlock: () => void

  constructor ({ db, store, unlock }: { db: IDBDatabase, store: string, unlock: () => void }) {
    this.#db = db
    this.#store = store
    this.#unlock = unlock
  }

  async write (changes: Map<string, string | undefined>): Promise<void> {
    if (changes.size === 0) {
      return
    }

    await guard(this.#db.name, async () => {
      const transaction = this.#db.transaction(this.#store, 'readwrite')
      const store = transaction.objectStore(this.#store)

      for (const [key, value] of changes) {
        if (value == null) {
          store.delete(key)
        } else {
          store.put(value, key)
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

async function readAll (db: IDBDatabase, name: string): Promise<[key: string, value: string][]> {
  return guard(db.name, async () => {
    const store = db.transaction(name).objectStore(name)
    const [keys, values] = await Promise.all([outcome(store.getAllKeys()), outcome<unknown[]>(store.getAll())])

    // a value that is no string comes from another script, and is read as damaged
    return keys.map((key, i) => [textOf(key), textOf(values[i])])
  })
}

function textOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Keeps other tabs out, until the returned function is called or the page ends. */
async function lock<Contents> (name: string, kind: EntryKind<Contents>): Promise<() => void> {
  const { locks } = navigator as { locks?: LockManager }

  // there are locks only in a secure context, which includes loopback
  if (locks == null) {
    return () => {}
  }

  const released = Promise.withResolvers<void>()
  const granted = Promise.withResolvers<void>()

  try {
    await withTimeLimit({ clock: systemClock, ms: LOCK_TIMEOUT_MS }, async (signal) => {
      locks.request(`vibecoin-network ${name} ${kind.name}`, { signal }, async () => {
        granted.resolve()
        await released.promise
      }).catch(granted.reject)
      await granted.promise
    })
  } catch (err) {
    throw new StorageError(
      `Could not open the ${kind.title}: another tab or node is using the database ${name}. Give each node a database of its own.`,
      { cause: err }
    )
  }

  return released.resolve
}
