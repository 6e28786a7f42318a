import { NotRunningError, StorageError, errorMessage } from '../../errors.ts'
import type { Clock } from '../../util/clock.ts'
import type { StorageFault, StoreName } from '../../types/storage.ts'

/**
 * From one `storage:fault` of a store to the next: peers may cause one with each request.
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

/** Reports faults of the stores to the application, at a bounded rate. */
export class StorageFaults {
  readonly #init: StorageFaultsInit
  /** When the last fault of each store was reported. */
  readonly #reportedAt = new Map<StoreName, number>()

  constructor (init: StorageFaultsInit) {
    this.#init = init
  }

  /** Takes note of an error of a store, or of a value of it that must not be sent. */
  note (store: StoreName, error: unknown): void {
    // an error after the end is no fault
    if (error instanceof NotRunningError) {
      return
    }

    const { clock, onCount, onFault } = this.#init
    const now = clock.now()
    const reportedAt = this.#reportedAt.get(store)
    onCount(store)

    if (reportedAt == null || now - reportedAt >= FAULT_PAUSE_MS) {
      this.#reportedAt.set(store, now)
      onFault({ store, error: error instanceof Error ? error : new StorageError(errorMessage(error), { cause: error }) })
    }
  }
}
