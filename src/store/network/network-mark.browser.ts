import { IDENTITY_STORE, committed, guard, openDatabase, outcome } from '../entries/indexed-db.ts'
import { decodeMark, encodeMark, isSameNetwork, otherNetwork } from './mark.ts'
import type { MarkedNetwork } from './mark.ts'

/** The key of the note in {@link IDENTITY_STORE}. */
const MARK_KEY = 'network'

/**
 * Notes in the IndexedDB database `name` to which network the known peers and the bans belong, where that is not noted. The page replaces
 * a damaged note, and reports it. Throws a `StorageError` for the database of another network, and changes nothing of it.
 */
export async function claimDataDir (
  name: string, network: MarkedNetwork, { onWarning }: { onWarning?: (message: string) => void } = {}
): Promise<void> {
  const db = await openDatabase(name)

  try {
    const text = await guard(name, async () => readOrKeep(db, encodeMark(network)))
    const mark = decodeMark(String(text))

    if (mark == null) {
      onWarning?.(`The note of the network in the database ${name} is damaged; replaced it with "${network.network}"`)
      await guard(name, async () => { await keep(db, encodeMark(network)) })
    } else if (!isSameNetwork(mark, network)) {
      throw otherNetwork({ place: `the database ${name}`, mark, network, toAdopt: `remove "${MARK_KEY}" from its object store "${IDENTITY_STORE}"` })
    }
  } finally {
    db.close()
  }
}

/** In one transaction: of pages that start at once, one writes. */
async function readOrKeep (db: IDBDatabase, text: string): Promise<unknown> {
  const transaction = db.transaction(IDENTITY_STORE, 'readwrite')
  const done = committed(transaction)
  const store = transaction.objectStore(IDENTITY_STORE)
  const [existing] = await Promise.all([
    outcome<unknown>(store.get(MARK_KEY)).then((value) => {
      if (value === undefined) {
        store.put(text, MARK_KEY)
      }

      return value
    }),
    done
  ])

  return existing ?? text
}

async function keep (db: IDBDatabase, text: string): Promise<void> {
  const transaction = db.transaction(IDENTITY_STORE, 'readwrite')
  const done = committed(transaction)
  transaction.objectStore(IDENTITY_STORE).put(text, MARK_KEY)
  await done
}
