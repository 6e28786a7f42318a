import { StorageError, errorMessage } from '../errors.ts'

/** Where the identity is, under {@link IDENTITY_KEY}. */
export const IDENTITY_STORE = 'identity'

/** The only key in {@link IDENTITY_STORE}. */
export const IDENTITY_KEY = 'key'

/** Where the known peers are, by their ids. */
export const PEERS_STORE = 'peers'

const VERSION = 1

/** Opens the database of a node, and makes it where there is none. Throws a {@link StorageError}. */
export async function openDatabase (name: string): Promise<IDBDatabase> {
  return guard(name, async () => {
    const request = indexedDB.open(name, VERSION)

    request.onupgradeneeded = () => {
      request.result.createObjectStore(IDENTITY_STORE)
      request.result.createObjectStore(PEERS_STORE)
    }

    const db = await outcome(request)
    // whoever deletes the database is not to wait for this page
    db.onversionchange = () => { db.close() }

    return db
  })
}

/** The value of a request. */
export async function outcome<Value> (request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => { resolve(request.result) }
    request.onerror = () => { reject(request.error ?? new Error('the request failed')) }
  })
}

/** Resolves when a transaction is on disk, as far as a browser says. */
export async function committed (transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => { resolve() }
    transaction.onabort = () => { reject(transaction.error ?? new Error('the transaction was aborted')) }
  })
}

/** What `use` returns; what it throws becomes a {@link StorageError} that names the database. */
export async function guard<Value> (name: string, use: () => Promise<Value>): Promise<Value> {
  try {
    return await use()
  } catch (err) {
    throw err instanceof StorageError ? err : new StorageError(`Could not use the database ${name}: ${errorMessage(err)}`, { cause: err })
  }
}
