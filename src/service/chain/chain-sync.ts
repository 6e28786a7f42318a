import { errorMessage, SyncError } from '../../errors.ts'
import { isChainLeft } from '../../sync/chain/chain-gate.ts'
import { Download } from '../../sync/download/download.ts'
import { askForBlock } from '../../sync/download/client.ts'
import { chainState, claimedAhead } from './chain-state.ts'
import { MAX_WAITING_WRITES } from '../../sync/chain/chain-writer.ts'
import { WINDOW_BYTES, WINDOW_SLACK_BYTES } from '../../sync/download/window.ts'
import { AutoSync } from '../../sync/auto-sync.ts'
import { StepWatch } from './step-watch.ts'
import { encodeStored, readStored } from '../../sync/serve/stored-block.ts'
import { Synchroniser } from '../../sync/synchroniser.ts'
import type { Importer } from '../dispatch/importer.ts'
import type { Clock } from '../../util/clock.ts'
import type { Gossip } from '../../gossip/gossip.ts'
import type { Session } from '../../session/session.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { Tip } from '../../types/block.ts'
import type { MemoryStatus, QueuesStatus, Usage } from '../../types/status.ts'
import type { DoubtedPeerStatus, SyncEndStatus, SyncFaultStatus, SyncStatus } from '../../types/sync-status.ts'
import type { SyncEnd, SyncFault, SyncOptions, SyncProgress, SyncResult, SyncState } from '../../types/sync.ts'
import type { Logger } from '@libp2p/interface'

/** Faults of peers that a status lists of a synchronisation. */
export const MAX_LISTED_FAULTS = 8

/** Peers that a status lists as not believed. */
export const MAX_LISTED_DOUBTS = 8

const NONE: Usage = { items: 0, maxItems: 0, bytes: 0, maxBytes: 0 }

/** Options of {@link ChainSync}. None of the callbacks may throw. */
export interface ChainSyncInit {
  /** What writes to the chain, and takes the blocks that peers announce. */
  importer: Importer
  gossip: Gossip
  peers: SessionManager
  /** Whether the node fetches what peers have whenever they are ahead. */
  isAuto: boolean
  clock: Clock
  log: Logger
  onProgress: (progress: SyncProgress) => void
  onEnd: (end: SyncEnd) => void
  /** The last known tip; `undefined` without a chain. */
  tip: () => Tip | undefined
  /** Called when the node is in step, or is behind, and was not before. */
  onStep: (state: 'synced' | 'behind', facts: SyncState) => void
  onFault: (fault: SyncFault) => void
  /** Called with an error of the chain. */
  onStoreError: (error: unknown) => void
}

/**
 * Keeps the chain that the node writes to, if it has one, as high as those of peers: fetches what is missing, has blocks judged
 * that waited for it, and announces the new tip. Puts the parts of `sync/` together.
 */
export class ChainSync {
  readonly #init: ChainSyncInit
  readonly #synchroniser: Synchroniser
  readonly #autoSync: AutoSync | undefined
  readonly #watch: StepWatch
  #progress: SyncProgress | undefined
  /** When the tip last moved, in ms since the Unix epoch. */
  #grownAt: number | null = null
  #lastEnd: SyncEndStatus | null = null
  /** Faults of peers in the synchronisation under way, the latest first. */
  #faults: SyncFaultStatus[] = []

  constructor (init: ChainSyncInit) {
    const { importer: { store }, gossip, isAuto, peers, clock, log } = init
    this.#init = init
    this.#synchroniser = new Synchroniser({
      writer: store?.writer,
      peers,
      knownHeight: () => init.tip()?.height ?? 0,
      clock,
      createDownload: (init, range) => new Download(init, range),
      requestBlock: askForBlock,
      onProgress: (progress) => { this.#onProgress(progress) },
      onFault: (fault) => { this.#onFault(fault) },
      onGrown: () => { this.onGrown() },
      onEnd: (end) => { this.#onEnd(end) }
    })

    if (store != null && isAuto) {
      this.#autoSync = new AutoSync({ chain: store.writer.chain, synchroniser: this.#synchroniser, clock, log })
    }

    this.#watch = new StepWatch({
      clock,
      read: () => this.#compare(init.tip()),
      onSynced: () => { this.#onStep('synced') },
      onBehind: () => { this.#onStep('behind') }
    })

    store?.blocks.attach({
      release: (held) => gossip.release(held),
      forget: (item) => { gossip.forget(item) },
      onHeld: () => { this.check() },
      onRival: (from, block) => {
        this.#synchroniser.noteRival(from, block)
        this.check()
      },
      onAppended: (from, { height }) => { this.#synchroniser.onDelivered(from, height) }
    })
  }

  /** See {@link Synchroniser.sync}. */
  async sync (options?: SyncOptions): Promise<SyncResult> {
    return this.#synchroniser.sync(options)
  }

  /** How the chain compares with those of peers, where its tip is this one. */
  statusAt (tip: Tip | undefined): Omit<SyncStatus, 'chainCalls'> {
    return {
      ...this.#compare(tip),
      state: this.#watch.state,
      since: this.#watch.since,
      grownAt: this.#grownAt,
      doubted: this.#listDoubted(tip),
      isAutomatic: this.#autoSync != null,
      progress: this.#progress == null ? null : { ...this.#progress, eta: this.#progress.eta ?? null },
      ...(this.#autoSync?.status ?? { failures: 0, retryIn: null }),
      lastEnd: this.#lastEnd
    }
  }

  /** How much waits for the chain, or for a parent. */
  get usage (): Pick<QueuesStatus, 'chainWrites'> & Pick<MemoryStatus, 'orphans' | 'fetchedBlocks'> {
    const { store } = this.#init.importer

    return {
      chainWrites: { items: store?.writer.waiting ?? 0, maxItems: MAX_WAITING_WRITES, bytes: null, maxBytes: null },
      orphans: store?.blocks.usage ?? NONE,
      fetchedBlocks: { items: null, maxItems: null, bytes: this.#synchroniser.bufferedBytes, maxBytes: WINDOW_BYTES + WINDOW_SLACK_BYTES }
    }
  }

  start (): void {
    this.#init.importer.store?.writer.start()
    this.check()
  }

  /** Ends everything, apart from a write that has begun. */
  stop (): void {
    const { store } = this.#init.importer
    this.#autoSync?.stop()
    this.#watch.stop()
    this.#synchroniser.stop()
    store?.blocks.stop()
    store?.writer.stop()
  }

  /** Whether there is a chain that blocks can be appended to. */
  get canSync (): boolean { return this.#init.importer.store != null }

  /** Whether the chain is in step with those of peers. */
  get state (): SyncStatus['state'] { return this.#watch.state }

  /** Takes note that the tip has moved. */
  onTip (): void {
    this.#grownAt = this.#init.clock.date()
    this.#watch.check()
  }

  /** Synchronises where a peer is ahead. The service calls it whenever a peer may have something for this node. */
  check (): void {
    this.#autoSync?.check()
    this.#watch.check()
  }

  /** Takes note that the chain may have grown. */
  onGrown (): void {
    this.#init.importer.store?.blocks.onGrown()
  }

  /** Takes note of a session that has ended. */
  onClosed (session: Session): void {
    this.#init.importer.store?.blocks.onClosed(session)
    this.#watch.checkAfterTurn()
  }

  #onStep (state: 'synced' | 'behind'): void {
    const tip = this.#init.tip()
    const { behind, best } = this.#compare(tip)
    this.#init.onStep(state, { height: tip?.height ?? 0, best: best ?? 0, behind })
  }

  #compare (tip: Tip | undefined): ReturnType<typeof chainState> {
    const { importer } = this.#init
    const peers = [...this.#init.peers]

    if (tip == null) {
      return chainState(tip, { peers, ahead: [] })
    }

    if (importer.store == null) {
      return chainState(tip, { peers, ahead: claimedAhead(tip, peers) })
    }

    return chainState(tip, { peers, ahead: this.#synchroniser.ahead(tip), doubted: this.#synchroniser.doubted(tip).length })
  }

  #listDoubted (tip: Tip | undefined): DoubtedPeerStatus[] {
    const doubted = tip == null ? [] : this.#synchroniser.doubted(tip)

    return doubted.slice(0, MAX_LISTED_DOUBTS).map(({ peer: { id, nodeId, bestHeight }, believed, retryIn }) => {
      return { peer: id, nodeId, claimed: bestHeight, believed, retryIn }
    })
  }

  #onProgress (progress: SyncProgress): void {
    this.#progress = progress
    this.#init.onProgress(progress)
  }

  #onFault (fault: SyncFault): void {
    const { peer: { id, nodeId }, kind, height } = fault
    this.#faults = [{ peer: id, nodeId, kind, height, at: this.#init.clock.date() }, ...this.#faults].slice(0, MAX_LISTED_FAULTS)
    this.#init.onFault(fault)
  }

  #onEnd (end: SyncEnd): void {
    const { from, height, reorganised, error } = end
    this.#progress = undefined
    this.#lastEnd = {
      at: this.#init.clock.date(), from, height, reorganised, error: error == null ? null : errorMessage(error), faults: this.#faults
    }
    this.#faults = []
    this.#init.onEnd(end)
    this.#watch.check()

    if (end.error instanceof SyncError && end.error.code === 'STORE') {
      this.#init.onStoreError(end.error.cause ?? end.error)
    }

    if (end.height > end.from || end.reorganised) {
      void this.#announceTip(end)
    }
  }

  /** Announces the new tip to peers that are behind, or after a change of branch to all: gossip does not relay fetched blocks. */
  async #announceTip ({ height, reorganised }: SyncEnd): Promise<void> {
    const { importer, gossip, log, onStoreError } = this.#init

    try {
      const stored = await importer.store?.chain.get(height)

      if (stored != null) {
        const item = encodeStored(stored, height)
        gossip.announce({ type: 'newBlock', block: readStored(item, height) }, item, (session) => reorganised || session.bestHeight < height)
      }
    } catch (err) {
      if (!isChainLeft(err)) {
        log.error('could not announce block %d: %s - %e', height, errorMessage(err), err)
        onStoreError(err)
      }
    }
  }
}
