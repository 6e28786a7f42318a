import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { decodeKey } from './decode-key.ts'
import { IDENTITY_KEY, IDENTITY_STORE, committed, guard, openDatabase, outcome } from '../entries/indexed-db.ts'
import { StorageError, errorMessage } from '../../errors.ts'
import type { PrivateKey } from '@libp2p/interface'

/**
 * The identity of a web page: the key in the IndexedDB database `name`, or a new Ed25519 one that is stored there. Pages that start at
 * once all get the same key. Every script of the page's origin can read it.
 * Throws a {@link StorageError} for a database that cannot be used, and for a damaged key, which stays as it is.
 */
export async function loadIdentity (name: string): Promise<PrivateKey> {
  // generated before the node knows whether it is needed: a transaction waits for nothing else
  const candidate = privateKeyToProtobuf(await generateKeyPair('Ed25519'))
  const db = await openDatabase(name)

  try {
    return await decode(name, await guard(name, async () => readOrKeep(db, candidate)))
  } finally {
    db.close()
  }
}

async function readOrKeep (db: IDBDatabase, candidate: Uint8Array): Promise<unknown> {
  const transaction = db.transaction(IDENTITY_STORE, 'readwrite', { durability: 'strict' })
  const done = committed(transaction)
  const store = transaction.objectStore(IDENTITY_STORE)
  const [existing] = await Promise.all([
    outcome<unknown>(store.get(IDENTITY_KEY)).then((value) => {
      if (value === undefined) {
        store.put(candidate, IDENTITY_KEY)
      }

      return value
    }),
    done
  ])

  return existing ?? candidate
}

async function decode (name: string, bytes: unknown): Promise<PrivateKey> {
  try {
    if (!(bytes instanceof Uint8Array)) {
      throw new Error('it is not bytes')
    }

    return await decodeKey(bytes)
  } catch (err) {
    throw new StorageError(
      `Could not read the identity in the database ${name}: ${errorMessage(err)}. Delete the database to get a new identity.`, { cause: err }
    )
  }
}
