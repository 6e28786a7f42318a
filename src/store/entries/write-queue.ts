import { NotRunningError, StorageError } from '../../errors.ts'

/** The storage of a {@link WriteQueue}: text under keys. */
export interface TextStorage {
  /** Writes these values under their keys, all or none; `undefined` removes one. Called for one write at a time. */
  write (changes: Map<string, string | undefined>): Promise<void>
  /** Called once, after the last write. */
  close (): Promise<void>
}

/**
 * Changes to known peers, and to bans, that wait for a disk that does not answer.
 *
 * @remarks The change is lost, and the node logs it.
 */
export const MAX_WAITING_KEYS = 50_000

/** Changes on their way to the disk. During a write, further changes are collected for the next one. */
export class WriteQueue {
  readonly #storage: TextStorage
  readonly #title: string
  readonly #maxWaiting: number
  /** The last change of each key since the last write began. */
  #changes = new Map<string, string | undefined>()
  /** The write under way, or the last one. Never rejects. */
  #current: Promise<void> = Promise.resolve()
  /** The next write, if there are changes for it. */
  #next: Promise<void> | undefined
  #closing: Promise<void> | undefined

  /** `title` is the name of the contents in messages. */
  constructor (storage: TextStorage, title: string, maxWaiting: number = MAX_WAITING_KEYS) {
    this.#storage = storage
    this.#title = title
    this.#maxWaiting = maxWaiting
  }

  /** Throws a {@link NotRunningError} once the queue is closed. */
  checkOpen (): void {
    if (this.#closing != null) {
      throw new NotRunningError(`The ${this.#title} are closed`)
    }
  }

  /**
   * Writes `changes`; `undefined` removes a key. Resolves when they are on disk. Rejects with a {@link StorageError} where they cannot be
   * written, or too many wait already. Where nothing is kept it takes none of them, so that a generator encodes none.
   */
  write (changes: Iterable<[key: string, value: string | undefined]>): Promise<void> {
    if (this.#storage === NO_STORAGE) {
      return Promise.resolve()
    }

    for (const [key, value] of changes) {
      if (this.#changes.size >= this.#maxWaiting && !this.#changes.has(key)) {
        return Promise.reject(new StorageError(`Could not write the ${this.#title}: too much waits for the disk`))
      }

      this.#changes.set(key, value)
    }

    this.#next ??= this.#current.then(() => this.#writeNow())

    return this.#next
  }

  /** Writes the changes that wait, and closes the storage. */
  async close (): Promise<void> {
    this.#closing ??= (this.#next ?? this.#current).catch(() => {}).then(() => this.#storage.close())
    await this.#closing
  }

  #writeNow (): Promise<void> {
    const changes = this.#changes
    this.#changes = new Map()
    this.#next = undefined

    const written = this.#storage.write(changes)
    this.#current = written.catch(() => {})

    return written
  }
}

/** A storage that keeps nothing. */
export const NO_STORAGE: TextStorage = { write: async () => {}, close: async () => {} }
