import { NotRunningError, StorageError, errorMessage } from '../../errors.ts'
import type { Clock } from '../../util/clock.ts'
import type { StorageFault, StoreName } from '../../types/storage.ts'

/**
 * From one `storage:fault` of a store to the next: peers may bring one about with each request.
 *
 * @remarks The node counts further faults in the metric and writes them to the log.
 */
export const FAULT_PAUSE_MS = 10_000

/** Options of {@link StorageFaults}. None of the callbacks may throw. */
export interface StorageFaultsInit {
  clock: Clock
  /** Called with each fault. */
  onCount: (store: StoreName) => void
  /** Called with the first fault of a store, and with one in every `FAULT_PAUSE_MS` after that. */
  onFault: (fault: StorageFault) => void
}

/** Tells the application of trouble with what is stored, not more often than it can take. */
export class StorageFaults {
  readonly #init: StorageFaultsInit
  /** When a fault of each store was told last. */
  readonly #toldAt = new Map<StoreName, number>()

  constructor (init: StorageFaultsInit) {
    this.#init = init
  }

  /** Takes note of what a store has thrown, or was found to give. */
  note (store: StoreName, error: unknown): void {
    // what comes after the end is no trouble
    if (error instanceof NotRunningError) {
      return
    }

    const { clock, onCount, onFault } = this.#init
    const now = clock.now()
    const toldAt = this.#toldAt.get(store)
    onCount(store)

    if (toldAt == null || now - toldAt >= FAULT_PAUSE_MS) {
      this.#toldAt.set(store, now)
      onFault({ store, error: error instanceof Error ? error : new StorageError(errorMessage(error), { cause: error }) })
    }
  }
}
