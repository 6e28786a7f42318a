import { MAX_WAITING_KEYS } from './write-queue.ts'
import { StorageError } from '../../errors.ts'
import { LevelHandle } from '../../leveldb/handle.ts'
import type { TextEntries } from './read-entries.ts'
import type { TextStorage } from './write-queue.ts'
import type { Clock } from '../../util/clock.ts'
import type { Level } from '../../leveldb/handle.ts'

type Changes = ReadonlyMap<string, string | undefined>

/** Options of {@link LevelStorage.open}. */
export interface LevelStorageInit {
  location: string
  /** The name of the contents in messages. */
  title: string
  /** Called with a sentence when changes can be written again. */
  onWarning?: (message: string) => void
  clock?: Clock
}

/** Text under keys in LevelDB. It keeps changes that could not be written until they can. */
export class LevelStorage implements TextStorage {
  readonly #title: string
  #level: LevelHandle<string, string> | undefined
  /** The changes of the last write. */
  #written: Changes = new Map()
  /** The changes that could not be written. */
  readonly #unwritten = new Map<string, string | undefined>()

  private constructor (title: string) {
    this.#title = title
  }

  /** Opens the storage. Throws LevelDB's errors. */
  static async open ({ location, title, onWarning, clock }: LevelStorageInit): Promise<LevelStorage> {
    const storage = new LevelStorage(title)
    storage.#level = await LevelHandle.open<string, string>({
      location,
      title,
      options: {},
      sync: false,
      ...(clock == null ? {} : { clock }),
      check: async (db) => storage.#rewrite(db),
      onRestored: () => { onWarning?.(`The ${title} in ${location} can be written again`) }
    })

    return storage
  }

  /** All entries. */
  async entries (): Promise<TextEntries> {
    return (await this.#level!.reader()).iterator()
  }

  async write (changes: Changes): Promise<void> {
    const all = new Map([...this.#unwritten, ...changes])

    try {
      await this.#level!.write(batchOf(all))
    } catch (err) {
      this.#keep(changes)
      throw err
    }

    this.#written = all
    this.#unwritten.clear()
  }

  async close (): Promise<void> {
    try {
      if (this.#unwritten.size > 0 && this.#level?.fault == null) {
        await this.write(new Map())
      }
    } finally {
      await this.#level?.close()
    }
  }

  #keep (changes: Changes): void {
    for (const [key, value] of changes) {
      if (this.#unwritten.size >= MAX_WAITING_KEYS && !this.#unwritten.has(key)) {
        throw new StorageError(`Could not write the ${this.#title}: too much waits for the disk`)
      }

      this.#unwritten.set(key, value)
    }
  }

  /** Writes the last changes that LevelDB has acknowledged, which it may have lost, and those that could not be written. */
  async #rewrite (db: Level<string, string>): Promise<void> {
    const changes = new Map([...this.#written, ...this.#unwritten])
    await db.batch(batchOf(changes), { sync: true })
    this.#written = changes

    // a key may have changed again meanwhile
    for (const [key, value] of changes) {
      if (this.#unwritten.get(key) === value) {
        this.#unwritten.delete(key)
      }
    }
  }
}

function batchOf (changes: Changes): ({ type: 'del', key: string } | { type: 'put', key: string, value: string })[] {
  return Array.from(changes, ([key, value]) => value == null ? { type: 'del', key } : { type: 'put', key, value })
}
