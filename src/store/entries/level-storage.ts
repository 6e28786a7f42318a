import { MAX_WAITING_KEYS } from './write-queue.ts'
import { StorageError } from '../../errors.ts'
import { LevelHandle } from '../../level/handle.ts'
import type { TextEntries } from './read-entries.ts'
import type { TextStorage } from './write-queue.ts'
import type { Clock } from '../../util/clock.ts'
import type { Level } from '../../level/handle.ts'

type Changes = ReadonlyMap<string, string | undefined>

/** What {@link LevelStorage.open} takes. */
export interface LevelStorageInit {
  location: string
  /** What is kept there, in messages. */
  title: string
  /** Told that the disk takes changes again. */
  onWarning?: (message: string) => void
  clock?: Clock
}

/** Text under keys in LevelDB. What could not be written is written when the disk takes it again. */
export class LevelStorage implements TextStorage {
  readonly #title: string
  #level: LevelHandle<string, string> | undefined
  /** The last changes that were written. */
  #written: Changes = new Map()
  /** Those that could not be. */
  readonly #unwritten = new Map<string, string | undefined>()

  private constructor (title: string) {
    this.#title = title
  }

  /** Throws what LevelDB throws. */
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

  /** All that is there. */
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

  /** The last changes that were said to be written, in case that they are not, and those that were not. */
  async #rewrite (db: Level<string, string>): Promise<void> {
    const changes = new Map([...this.#written, ...this.#unwritten])
    await db.batch(batchOf(changes), { sync: true })
    this.#written = changes

    // others may have come meanwhile
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
