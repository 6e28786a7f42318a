import { GRACE_BLOCKS } from '../../sync/auto-sync.ts'
import type { SyncStatus } from '../../types/sync-status.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * How long a node that was in step may lack the last 2 blocks of its peers before it says that it is behind. They are probably on
 * their way.
 */
export const BEHIND_AFTER_MS = 5000

/** Options of {@link StepWatch}. None of the callbacks may throw. */
export interface StepWatchInit {
  clock: Clock
  /** How the chain compares with those of peers now. */
  read: () => Pick<SyncStatus, 'state' | 'behind'>
  /** Called when the node is in step, and was not before, or could not tell. */
  onSynced: () => void
  /** Called when it is behind, and was not before. */
  onBehind: () => void
}

/** Watches whether the chain is in step with those of peers. A few blocks that come a little late change nothing. */
export class StepWatch {
  readonly #init: StepWatchInit
  #state: SyncStatus['state'] = 'unknown'
  #timer: unknown
  #since: number | null = null
  /** Whether it looks at the end of this turn. */
  #isDue = false

  constructor (init: StepWatchInit) {
    this.#init = init
  }

  /** Since when the state is not `synced`, in ms since the Unix epoch; `null` where it is, or nothing was looked at yet. */
  get since (): number | null { return this.#since }

  get state (): SyncStatus['state'] { return this.#state }

  /** Looks at the chain and the peers. The owner calls it whenever one of them may have changed. */
  check (): void {
    const { clock, read } = this.#init
    this.#isDue = false
    const { state, behind } = read()

    if (state !== 'behind' || this.#state !== 'synced' || behind > GRACE_BLOCKS) {
      this.#become(state)
    } else {
      this.#timer ??= clock.setTimeout(() => { this.#become(read().state) }, BEHIND_AFTER_MS)
    }
  }

  /** Looks once at the end of the turn of the event loop: a look goes through all peers, and many sessions may end in one turn. */
  checkAfterTurn (): void {
    if (!this.#isDue) {
      this.#isDue = true
      this.#init.clock.afterTurn(() => {
        if (this.#isDue) {
          this.check()
        }
      })
    }
  }

  /** Ends it. {@link check} may be called again afterwards. */
  stop (): void {
    this.#isDue = false
    this.#state = 'unknown'
    this.#since = null
    this.#endWait()
  }

  #become (state: SyncStatus['state']): void {
    const before = this.#state
    this.#state = state
    this.#since = state === 'synced' ? null : this.#since ?? this.#init.clock.date()
    this.#endWait()

    if (state === 'synced' && before !== state) {
      this.#init.onSynced()
    } else if (state === 'behind' && before !== state) {
      this.#init.onBehind()
    }
  }

  #endWait (): void {
    this.#init.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
