import type { AbortOptions, PeerId, PeerStore } from '@libp2p/interface'

type Release = () => void

/** What `@libp2p/peer-store` has inside. */
interface Inside {
  store?: {
    getReadLock?: (peer: PeerId, options?: AbortOptions) => Promise<Release>
    getWriteLock?: (peer: PeerId, options?: AbortOptions) => Promise<Release>
  }
}

/** One that waits for a lock. */
interface Waiting { isWriter: boolean, grant: () => void }

/** Readers share it, and a writer has it alone. Those that wait have their turns in the order in which they came. */
class SharedLock {
  readonly #onFree: () => void
  readonly #waiting: Waiting[] = []
  #readers = 0
  #isWritten = false

  /** `onFree` is called when there is nothing that has it, or waits for it. */
  constructor (onFree: () => void) {
    this.#onFree = onFree
  }

  /** Resolves to what gives it back. Rejects with the reason of the signal, where that comes first. */
  async take (isWriter: boolean, signal: AbortSignal | undefined): Promise<Release> {
    if (this.#waiting.length > 0 || !this.#isFreeFor(isWriter)) {
      await this.#wait(isWriter, signal)
    } else {
      this.#begin(isWriter)
    }

    return () => { this.#end(isWriter) }
  }

  async #wait (isWriter: boolean, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        isWriter,
        grant: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }
      }
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(signal?.reason as Error)
        this.#grant()
      }
      this.#waiting.push(waiting)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  #isFreeFor (isWriter: boolean): boolean {
    return !this.#isWritten && (!isWriter || this.#readers === 0)
  }

  #begin (isWriter: boolean): void {
    if (isWriter) {
      this.#isWritten = true
    } else {
      this.#readers++
    }
  }

  #end (isWriter: boolean): void {
    if (isWriter) {
      this.#isWritten = false
    } else {
      this.#readers--
    }

    this.#grant()

    if (this.#readers === 0 && !this.#isWritten) {
      this.#onFree()
    }
  }

  /** Gives it to those at the front that may have it now. */
  #grant (): void {
    for (let next = this.#waiting[0]; next != null && this.#isFreeFor(next.isWriter); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#begin(next.isWriter)
      next.grant()
    }
  }
}

/**
 * Has `@libp2p/peer-store` 12 lock a peer without the queues of `mortice`: those make two queues, two jobs, an `AbortController` for each
 * and an error with its stack for a record that is free. libp2p reads the record of a peer twice when its last connection ends, and writes
 * it for each stream. The order of readers and writers stays what it is.
 */
export function lightenPeerStoreLocks (peerStore: Pick<PeerStore, 'get'>): void {
  const { store } = peerStore as Inside

  if (typeof store?.getReadLock !== 'function' || typeof store.getWriteLock !== 'function') {
    return
  }

  const locks = new Map<string, SharedLock>()
  const take = async (peer: PeerId, isWriter: boolean, signal: AbortSignal | undefined): Promise<Release> => {
    signal?.throwIfAborted()
    const key = peer.toString()
    let lock = locks.get(key)

    if (lock == null) {
      lock = new SharedLock(() => { locks.delete(key) })
      locks.set(key, lock)
    }

    return lock.take(isWriter, signal)
  }

  store.getReadLock = async (peer, options) => take(peer, false, options?.signal)
  store.getWriteLock = async (peer, options) => take(peer, true, options?.signal)
}
