import { encodeBan } from './ban-entry.ts'
import { BanTable } from './ban-table.ts'
import { NO_STORAGE, WriteQueue } from '../entries/write-queue.ts'
import type { TextStorage } from '../entries/write-queue.ts'
import type { Ban, BanStore } from '../../types/ban.ts'

/** The name of the contents of a {@link StoredBans} in messages. */
export const BANS_TITLE = 'bans'

/** The bans, all in memory, and each change written through to `storage`. */
export class StoredBans implements BanStore {
  readonly #table: BanTable
  readonly #queue: WriteQueue

  constructor (storage: TextStorage, table: BanTable = new BanTable()) {
    this.#table = table
    this.#queue = new WriteQueue(storage, BANS_TITLE)
  }

  // these methods are async so that errors reject

  async load (): Promise<Ban[]> {
    this.#queue.checkOpen()

    return this.#table.list()
  }

  async save (ban: Ban): Promise<void> {
    this.#queue.checkOpen()
    await this.#write([...this.#table.set(ban), ban.subject])
  }

  async remove (subject: string): Promise<void> {
    this.#queue.checkOpen()
    this.#table.delete(subject)
    await this.#write([subject])
  }

  async close (): Promise<void> {
    await this.#queue.close()
  }

  /** Writes the current state of these. */
  #write (subjects: readonly string[]): Promise<void> {
    return this.#queue.write(this.#entries(subjects))
  }

  * #entries (subjects: readonly string[]): Iterable<[string, string | undefined]> {
    for (const subject of subjects) {
      const ban = this.#table.get(subject)
      yield [subject, ban == null ? undefined : encodeBan(ban)]
    }
  }
}

/** Bans that are lost when the node stops. */
export function memoryBans (): BanStore {
  return new StoredBans(NO_STORAGE)
}
