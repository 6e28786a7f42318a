import { StorageError, errorMessage } from '../../errors.ts'

/** The object store of the identity, under {@link IDENTITY_KEY}, and of the network that the database belongs to. */
export const IDENTITY_STORE = 'identity'

/** The key of the identity in {@link IDENTITY_STORE}. */
export const IDENTITY_KEY = 'key'

/** All object stores. Those of entries have the names of their kinds: known peers by their ids, bans by their subjects. */
const STORES = [IDENTITY_STORE, 'peers', 'bans']

/** 2: bans. */
const VERSION = 2

/**
 * Opens the database of a node, and creates it where there is none. A database of a later version of this package is used as it is.
 * Throws a {@link StorageError}.
 */
export async function openDatabase (name: string): Promise<IDBDatabase> {
  return guard(name, async () => {
    const db = await open(name, VERSION).catch(async (err: unknown) => {
      if ((err as DOMException | null)?.name !== 'VersionError') {
        throw err
      }

      return open(name)
    })
    // another page that deletes or upgrades the database does not wait for this one
    db.onversionchange = () => { db.close() }

    return db
  })
}

async function open (name: string, version?: number): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version)

  request.onupgradeneeded = () => {
    const { result: db } = request

    for (const store of STORES.filter((store) => !db.objectStoreNames.contains(store))) {
      db.createObjectStore(store)
    }
  }

  return outcome(request)
}

/** The value of a request. */
export async function outcome<Value> (request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => { resolve(request.result) }
    request.onerror = () => { reject(request.error ?? new Error('the request failed')) }
  })
}

/** Resolves when a transaction is complete: on disk, as far as a browser says. */
export async function committed (transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => { resolve() }
    transaction.onabort = () => { reject(transaction.error ?? new Error('the transaction was aborted')) }
  })
}

/** Runs `use`. An error becomes a {@link StorageError} that names the database. */
export async function guard<Value> (name: string, use: () => Promise<Value>): Promise<Value> {
  try {
    return await use()
  } catch (err) {
    throw err instanceof StorageError ? err : new StorageError(`Could not use the database ${name}: ${errorMessage(err)}`, { cause: err })
  }
}
