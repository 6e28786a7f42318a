import { Extension } from './extension.ts'
import { Feed } from './feed.ts'
import { offerBranch } from './offer-branch.ts'
import { ProgressMeter } from './progress.ts'
import { RunPeers } from './run-peers.ts'
import { RequestError, SyncError } from '../errors.ts'
import type { Candidate, Candidates } from './candidates.ts'
import type { ChainWriter } from './chain-writer.ts'
import type { DownloadFault } from './download-fault.ts'
import type { ExtensionEnd, SentBlock } from './extension.ts'
import type { CreateDownload } from './feed.ts'
import type { OfferContext } from './offer-branch.ts'
import type { RecentHashes } from './recent-hashes.ts'
import type { Clock } from '../clock.ts'
import type { RequestErrorCode } from '../errors.ts'
import type { Session } from '../peer/handler.ts'
import type { Block } from '../types/block.ts'
import type { Tip } from '../types/node-info.ts'
import type { SyncFault, SyncProgress, SyncResult } from '../types/sync.ts'

/** How often in a row nothing may come of a turn. */
export const MAX_IDLE_TURNS = 8

/** What says of peers that they cannot be used, and nothing of us. */
const THEIR_DOING: readonly RequestErrorCode[] = ['UNAVAILABLE', 'INVALID_RESPONSE', 'UNLINKED', 'TIMEOUT', 'DISCONNECTED']

/** What {@link SyncRun} is made with. */
export interface SyncRunInit {
  writer: ChainWriter
  candidates: Candidates
  clock: Clock
  /** The libp2p peer id of the only peer to ask. */
  peer: string | undefined
  signal: AbortSignal
  createDownload: CreateDownload
  /** Asks one peer for one block. Throws a RequestError where it does not answer. */
  requestBlock: (peer: Session, height: number, signal: AbortSignal) => Promise<Block | undefined>
  onProgress: (progress: SyncProgress) => void
  onFault: (fault: SyncFault) => void
  /** Called when the tip has moved. */
  onGrown: () => void
}

/**
 * One synchronisation, turn by turn: what follows our tip is appended first; where nobody has that, the branch of whoever is on
 * one is offered. Each turn moves the tip, has one peer less, or is the last.
 */
export class SyncRun {
  readonly #init: SyncRunInit
  readonly #peers: RunPeers
  #meter: ProgressMeter | undefined
  #result: SyncResult | undefined
  /** Who is asked now. */
  #source: { readonly busyPeers: number } | undefined
  /** Why it could not go on. */
  #error: Error | undefined
  /** Why it could not go on without looking at branches. */
  #unlinked: Error | undefined
  readonly #refused: RecentHashes[] = []

  constructor (init: SyncRunInit) {
    this.#init = init
    this.#peers = new RunPeers({
      candidates: init.candidates,
      peer: init.peer,
      canReorganise: init.writer.canReorganise,
      onFault: (fault: DownloadFault) => { init.onFault(fault) }
    })
  }

  /** What it has achieved; `undefined` where nobody had anything for us. */
  get result (): SyncResult | undefined { return this.#result }

  /** Goes on until nobody has anything for us. Throws where that is because those who have cannot be used. */
  async run (): Promise<SyncResult> {
    const { writer, clock, onProgress, signal } = this.#init
    let tip = await writer.chain.tip()
    const result: SyncResult = { from: tip.height, height: tip.height, reorganised: false }
    signal.throwIfAborted()

    if (!this.#peers.begin(tip)) {
      return result
    }

    this.#result = result

    const meter = new ProgressMeter({
      clock, from: tip.height, target: () => this.#peers.target(tip), peers: () => this.#source?.busyPeers ?? 0, onProgress
    })

    this.#meter = meter

    try {
      let idle = 0
      let best = tip.height

      while (await this.#turn(tip, result)) {
        tip = await writer.chain.tip()
        idle = this.#peers.settle(tip) || tip.height > best ? 0 : idle + 1
        best = Math.max(best, tip.height)

        if (idle > MAX_IDLE_TURNS) {
          throw this.#error ?? new SyncError('STORE', 'The tip of the chain moves on its own, or does not move, again and again')
        }
      }
    } finally {
      tip = await writer.chain.tip().catch(() => tip)
      this.#peers.settle(tip)
      result.height = tip.height
      meter.end(tip.height)
    }

    this.#throwUnlessInStep(tip)

    return result
  }

  /** False where there is nothing left to do. */
  async #turn (tip: Tip, result: SyncResult): Promise<boolean> {
    this.#init.signal.throwIfAborted()
    const [highest] = this.#peers.straight(tip)

    if (highest != null) {
      await this.#extend(tip, highest.height)
      return true
    }

    const branches = this.#peers.branches(tip)

    if (branches.length === 0) {
      return false
    }

    const end = await offerBranch(this.#checkFork(branches, tip), tip, this.#offerContext())
    this.#error = end.error ?? this.#error
    this.#unlinked = undefined

    if (end.isAdopted) {
      result.reorganised = true
      this.#error = undefined
      this.#init.onGrown()
    }

    return true
  }

  /** The highest of those who are on branches. Throws where our chain cannot change over to any. */
  #checkFork (branches: Candidate[], tip: Tip): Candidate {
    const [{ peer, height }] = branches as [Candidate]

    if (this.#init.writer.canReorganise) {
      return branches[0]!
    }

    branches.forEach(({ peer, height }) => { this.#peers.doubt(peer, { above: tip.height, upTo: height }) })

    throw new SyncError('FORK', `Peer ${peer.id} has another chain, up to block ${height}, and ours cannot change over`)
  }

  async #extend (tip: Tip, endHeight: number): Promise<void> {
    const { writer, clock, createDownload, signal } = this.#init
    const previous = await writer.chain.head(tip)

    if (previous == null) {
      return
    }

    const feed = new Feed({
      createDownload,
      range: { startHeight: tip.height + 1, endHeight, previous, signal },
      download: {
        clock,
        peers: () => this.#peers.straight(tip).map(({ peer }) => peer),
        onFault: (fault) => { this.#peers.onFault(fault) }
      }
    })

    this.#source = feed

    try {
      this.#onExtended(await new Extension({
        writer, feed, signal, onAppended: (blocks) => { this.#onAppended(blocks) }
      }).run())
    } finally {
      this.#source = undefined
    }
  }

  #onExtended ({ error, invalid }: ExtensionEnd): void {
    if (invalid != null) {
      this.#peers.onInvalid(invalid)
      this.#error = new RequestError('INVALID_RESPONSE', `Peer ${invalid.peer.id} sent an invalid block ${invalid.height}: ${invalid.error.message}`, {
        cause: invalid.error
      })
    } else if (error instanceof RequestError) {
      if (error.code === 'UNLINKED') {
        this.#unlinked = error
      } else {
        this.#error = error
      }
    } else if (error != null) {
      throw error as Error
    }
  }

  #onAppended (blocks: readonly SentBlock[]): void {
    const last = blocks.at(-1)!
    this.#error = undefined

    for (const { peer, received } of blocks) {
      this.#peers.onDelivered(peer, received.block.height)
    }

    this.#meter?.add(last.received.block.height, {
      blocks: blocks.length,
      bytes: blocks.reduce((bytes, { received }) => bytes + received.bytes.byteLength, 0)
    })

    this.#init.onGrown()
  }

  #offerContext (): OfferContext {
    const { writer, clock, createDownload, requestBlock, signal } = this.#init

    return {
      writer,
      clock,
      createDownload,
      requestBlock,
      signal,
      peers: this.#peers,
      refused: this.#refused,
      onSource: (source) => { this.#source = source },
      onTaken: ({ block, bytes }) => { this.#meter?.add(block.height, { blocks: 1, bytes: bytes.byteLength }) }
    }
  }

  /** What was found out about some is no reason to fail where others are as high as we are, and nobody above us owes an answer. */
  #throwUnlessInStep (tip: Tip): void {
    const error = this.#error ?? this.#unlinked

    if (error == null) {
      return
    }

    const isTheirs = error instanceof RequestError && THEIR_DOING.includes(error.code)

    if (!isTheirs || this.#peers.hasStalled(tip) || !this.#peers.isInStep(tip)) {
      throw error
    }
  }
}
