import { errorMessage, SyncError } from '../errors.ts'
import { isChainLeft } from '../sync/chain/chain-gate.ts'
import { ChainWriter } from '../sync/chain/chain-writer.ts'
import { Download } from '../sync/download/download.ts'
import { askForBlock } from '../sync/download/client.ts'
import { AutoSync } from '../sync/auto-sync.ts'
import { BlockImport } from '../sync/import/block-import.ts'
import { encodeStored, readStored } from '../sync/serve/stored-block.ts'
import { Synchroniser } from '../sync/synchroniser.ts'
import type { Dispatch } from './dispatch.ts'
import type { Clock } from '../util/clock.ts'
import type { Gossip } from '../gossip/gossip.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../peers/manager/manager.ts'
import type { ChainSource, ChainStore } from '../types/chain.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { SyncEnd, SyncFault, SyncOptions, SyncProgress, SyncResult } from '../types/sync.ts'
import type { Outcome } from '../types/handlers.ts'
import type { Logger } from '@libp2p/interface'

/** What {@link ChainSync} is made with. */
export interface ChainSyncInit {
  /** The chain of the config: written to where it is a ChainStore. */
  chain: ChainSource | undefined
  /** Whether to fetch what peers have whenever they are ahead. */
  isAuto: boolean
  peers: SessionManager
  router: Dispatch
  /** Asked when it is needed: the relay is made later. */
  relay: () => Gossip
  clock: Clock
  log: Logger
  onProgress: (progress: SyncProgress) => void
  onEnd: (end: SyncEnd) => void
  onFault: (fault: SyncFault) => void
  /** Told what went wrong with the chain. */
  onStoreError: (error: unknown) => void
}

/**
 * The chain that the network writes to, if it has one: new blocks of peers are appended, those whose parents are missing wait for
 * them, and what is missing is fetched. Puts the parts of `sync/` together.
 */
export class ChainSync {
  readonly #init: ChainSyncInit
  readonly #synchroniser: Synchroniser
  /** All of it, or none: without a ChainStore there is nothing to write to. */
  readonly #store: { chain: ChainStore, writer: ChainWriter, intake: BlockImport, inStep: AutoSync | undefined } | undefined

  constructor (init: ChainSyncInit) {
    const { chain, isAuto, peers, clock, log, onProgress, onFault } = init
    const writer = isChainStore(chain) ? new ChainWriter(chain, clock) : undefined
    this.#init = init
    this.#synchroniser = new Synchroniser({
      writer,
      peers,
      clock,
      createDownload: (init, range) => new Download(init, range),
      requestBlock: askForBlock,
      onProgress,
      onFault,
      onGrown: () => { this.onGrown() },
      onEnd: (end) => { this.#onEnd(end) }
    })

    if (isChainStore(chain) && writer != null) {
      this.#store = {
        chain,
        writer,
        intake: this.#createIntake(writer),
        inStep: isAuto ? new AutoSync({ chain: writer.chain, synchroniser: this.#synchroniser, clock, log }) : undefined
      }
    }
  }

  /** Decides what becomes of a block or transaction. Never throws, and never rejects. */
  judge (message: BroadcastMessage, item: Uint8Array, from: Session): Outcome | Promise<Outcome> {
    const { router } = this.#init

    return this.#store == null || message.type !== 'newBlock'
      ? router.judge(message, from)
      : this.#store.intake.judge(message, item, from)
  }

  /** See {@link Synchroniser.sync}. */
  async sync (options?: SyncOptions): Promise<SyncResult> {
    return this.#synchroniser.sync(options)
  }

  start (): void {
    this.#store?.writer.start()
    this.check()
  }

  /** Ends everything; what has begun to be written goes on until it is done. */
  stop (): void {
    this.#store?.inStep?.stop()
    this.#synchroniser.stop()
    this.#store?.intake.stop()
    this.#store?.writer.stop()
  }

  /** To be called when a peer may have something for us. */
  check (): void {
    this.#store?.inStep?.check()
  }

  /** To be called when the chain may have grown, by whomever. */
  onGrown (): void {
    this.#store?.intake.onGrown()
  }

  /** To be called when a session has ended. */
  onClosed (session: Session): void {
    this.#store?.intake.onClosed(session)
  }

  #createIntake (writer: ChainWriter): BlockImport {
    const { clock, log, router, relay } = this.#init

    return new BlockImport({
      writer,
      clock,
      log,
      ask: (block, from) => router.judge({ type: 'newBlock', block }, from),
      resume: (message, item, from) => relay().resume(message, item, from),
      forget: (item) => { relay().forget(item) },
      onHeld: () => { this.check() },
      onRival: (from, block) => {
        this.#synchroniser.noteRival(from, block)
        this.check()
      },
      onStoreError: this.#init.onStoreError,
      onAppended: (from, { height }) => { this.#synchroniser.onDelivered(from, height) }
    })
  }

  #onEnd (end: SyncEnd): void {
    this.#init.onEnd(end)

    if (end.error instanceof SyncError && end.error.code === 'STORE') {
      this.#init.onStoreError(end.error.cause ?? end.error)
    }

    if (end.height > end.from || end.reorganised) {
      void this.#announceTip(end)
    }
  }

  /** Tells those who are behind, or after a change of branch everybody, what is best now: they hear of no block that was fetched. */
  async #announceTip ({ height, reorganised }: SyncEnd): Promise<void> {
    const { relay, log, onStoreError } = this.#init

    try {
      const stored = await this.#store?.chain.get(height)

      if (stored != null) {
        const item = encodeStored(stored, height)
        relay().announce({ type: 'newBlock', block: readStored(item, height) }, item, (session) => reorganised || session.bestHeight < height)
      }
    } catch (err) {
      if (!isChainLeft(err)) {
        log.error('could not announce block %d: %s - %e', height, errorMessage(err), err)
        onStoreError(err)
      }
    }
  }
}

function isChainStore (chain: ChainSource | undefined): chain is ChainStore {
  return chain != null && typeof (chain as Partial<ChainStore>).append === 'function'
}
