import { StorageFaults } from './storage-faults.ts'
import type { ServiceMetrics } from '../metrics/metrics.ts'
import type { IsolatedEventEmitter } from '../isolate/events.ts'
import type { VibeCoinEvents } from './events.ts'
import type { Clock } from '../../util/clock.ts'
import type { DialFailure } from '../../connect/dial/types.ts'
import type { Session } from '../../session/session.ts'
import type { Closure } from '../../session/types.ts'
import type { Ban } from '../../types/ban.ts'
import type { BroadcastMessage } from '../../types/message.ts'
import type { DialEnd } from '../../types/dial-end.ts'
import type { ServedRequest } from '../../types/served-request.ts'
import type { StorageFault, StoreName } from '../../types/storage.ts'
import type { Tip } from '../../types/block.ts'
import type { BlockTimeline, TransactionTimeline } from '../../types/timeline.ts'
import type { SyncEnd, SyncFault, SyncProgress, SyncState } from '../../types/sync.ts'
import type { Outcome } from '../../types/handlers.ts'
import type { Logger } from '@libp2p/interface'

/** Options of {@link Reports}. */
export interface ReportsInit {
  log: Logger
  metrics: ServiceMetrics
  events: IsolatedEventEmitter<VibeCoinEvents>
  clock: Clock
}

/** Reports events to the log, the metrics and the listeners of the application. */
export class Reports {
  readonly #init: ReportsInit
  readonly #storageFaults: StorageFaults

  constructor (init: ReportsInit) {
    this.#init = init
    this.#storageFaults = new StorageFaults({
      clock: init.clock,
      onCount: (store) => { init.metrics.storageFaulted(store) },
      onFault: (fault) => { this.#onStorageFault(fault) }
    })
  }

  onReady (session: Session): void {
    const { log, events } = this.#init
    log('session with %s (%s) is ready', session.id, session.direction)
    events.safeDispatchEvent('peer:ready', { detail: session })
  }

  onClosed (session: Session, closure: Closure, wasReady: boolean): void {
    const { log, events, metrics } = this.#init
    log('session with %s (%s) has ended: %s', session.id, session.direction, closure.reason ?? 'connection lost')
    metrics.closed(closure.reason, closure.byRemote)
    events.safeDispatchEvent(wasReady ? 'peer:closed' : 'peer:refused', { detail: { peer: session, ...closure } })
  }

  onOutcome (message: BroadcastMessage, peer: Session, outcome: Outcome): void {
    const { log, events, metrics } = this.#init
    metrics.judged(message.type, outcome)

    if (outcome !== 'accept') {
      log('%s of %s: %s', message.type, peer.id, outcome)
    } else if (message.type === 'newBlock') {
      events.safeDispatchEvent('block', { detail: { block: message.block, peer } })
    } else if (events.listenerCount('transaction') > 0) {
      events.safeDispatchEvent('transaction', { detail: { transaction: message.transaction, peer } })
    }
  }

  /** Takes the timeline of a block that was relayed. */
  onTimeline (timeline: () => BlockTimeline): void {
    const { events, metrics } = this.#init
    const isHeard = events.listenerCount('block:timeline') > 0

    if (isHeard || metrics.isMeasured) {
      const detail = timeline()
      metrics.spread('newBlock', detail)

      if (isHeard) {
        events.safeDispatchEvent('block:timeline', { detail })
      }
    }
  }

  /** Whether there is a use for the timelines of transactions. */
  get hasTransactionTimelines (): boolean {
    const { events, metrics } = this.#init

    return metrics.isMeasured || events.listenerCount('transaction:timeline') > 0
  }

  /** Takes the timeline of a sampled transaction that was relayed. */
  onTransactionTimeline (timeline: () => TransactionTimeline): void {
    const { events, metrics } = this.#init
    const detail = timeline()
    metrics.spread('newTransaction', detail)

    if (events.listenerCount('transaction:timeline') > 0) {
      events.safeDispatchEvent('transaction:timeline', { detail })
    }
  }

  onBan (ban: Ban): void {
    this.#init.events.safeDispatchEvent('peer:banned', { detail: ban })
  }

  onDialFailure (failure: DialFailure): void {
    this.#init.events.safeDispatchEvent('dial:failed', { detail: failure })
  }

  /** Takes a dial that has ended. The record is made where the application listens. */
  onDialEnd (make: () => DialEnd): void {
    if (this.#init.events.listenerCount('dial:end') > 0) {
      this.#init.events.safeDispatchEvent('dial:end', { detail: make() })
    }
  }

  /** Takes a request of a peer that has ended: see {@link onDialEnd}. */
  onServed (make: () => ServedRequest): void {
    if (this.#init.events.listenerCount('request:served') > 0) {
      this.#init.events.safeDispatchEvent('request:served', { detail: make() })
    }
  }

  onTip ({ height, hash }: Tip): void {
    this.#init.events.safeDispatchEvent('tip', { detail: { height, hash: new Uint8Array(hash) } })
  }

  onStep (state: 'synced' | 'behind', detail: SyncState): void {
    this.#init.log('%s at block %d, %d behind', state, detail.height, detail.behind)
    this.#init.events.safeDispatchEvent(state, { detail })
  }

  onProgress (progress: SyncProgress): void {
    this.#init.events.safeDispatchEvent('sync:progress', { detail: progress })
  }

  onSyncEnd (end: SyncEnd): void {
    this.#init.events.safeDispatchEvent('sync:end', { detail: end })
  }

  /** Takes note of an error of a store, or of a value of it that must not be sent. */
  onStorageError (store: StoreName, error: unknown): void {
    this.#storageFaults.note(store, error)
  }

  onFault (fault: SyncFault): void {
    const { log, events, metrics } = this.#init
    log('%s at block %d: %s, %s', fault.peer.id, fault.height, fault.kind, fault.detail)
    metrics.faulted(fault.kind)
    events.safeDispatchEvent('sync:fault', { detail: fault })
  }

  #onStorageFault (fault: StorageFault): void {
    this.#init.events.safeDispatchEvent('storage:fault', { detail: fault })
  }
}
