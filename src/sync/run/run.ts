import { Branches } from '../fork/branches.ts'
import { Extension } from './extension.ts'
import { Feed } from './feed.ts'
import { offerBranch } from '../fork/offer-branch.ts'
import { ProgressMeter } from './progress.ts'
import { RunPeers } from './run-peers.ts'
import { SlowWatch } from '../fork/slow-watch.ts'
import { RequestError, SyncError } from '../../errors.ts'
import type { BranchScout } from '../fork/branch-scout.ts'
import type { RequestBlock } from '../fork/branch-search.ts'
import type { Candidate, Candidates } from './candidates.ts'
import type { ChainWriter } from '../chain/chain-writer.ts'
import type { DownloadFault } from '../download/fault.ts'
import type { ExtensionEnd, SentBlock } from './extension.ts'
import type { CreateDownload } from './feed.ts'
import type { Clock } from '../../util/clock.ts'
import type { RequestErrorCode } from '../../errors.ts'
import type { Tip } from '../../types/block.ts'
import type { SyncFault, SyncProgress, SyncResult } from '../../types/sync.ts'

/** Turns in a row of a synchronisation of which nothing comes. Then it ends. */
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
  requestBlock: RequestBlock
  onProgress: (progress: SyncProgress) => void
  onFault: (fault: SyncFault) => void
  /** Called when the tip has moved. */
  onGrown: () => void
}

/**
 * One synchronisation, turn by turn: what follows our tip is appended, while the branches of those who are on one are looked at;
 * one that is there and goes as far as our chain is offered. Each turn moves the tip, has one peer less, waits, or is the last.
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
  readonly #branches: Branches
  /** Looks after what follows our tip. */
  #watch: SlowWatch | undefined

  constructor (init: SyncRunInit) {
    this.#init = init
    this.#peers = new RunPeers({
      candidates: init.candidates,
      peer: init.peer,
      canReorganise: init.writer.canReorganise,
      onFault: (fault: DownloadFault) => { init.onFault(fault) }
    })
    this.#branches = new Branches({
      writer: init.writer,
      clock: init.clock,
      peers: this.#peers,
      requestBlock: init.requestBlock
    })
  }

  get #busyPeers (): number { return (this.#source?.busyPeers ?? 0) + this.#branches.busyPeers }

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
      clock, from: tip.height, target: () => this.#peers.target(tip), peers: () => this.#busyPeers, onProgress
    })

    this.#meter = meter

    try {
      let idle = 0
      let best = tip.height

      for (let turn = await this.#turn(tip, result); turn !== 'over'; turn = await this.#turn(tip, result)) {
        tip = await writer.chain.tip()
        const isIdle = !this.#peers.settle(tip) && tip.height <= best && turn === 'done'
        idle = isIdle ? idle + 1 : turn === 'done' ? 0 : idle
        best = Math.max(best, tip.height)

        if (idle > MAX_IDLE_TURNS) {
          throw this.#error ?? new SyncError('STORE', 'The tip of the chain moves on its own, or does not move, again and again')
        }
      }
    } finally {
      await this.#branches.stop()
      tip = await writer.chain.tip().catch(() => tip)
      this.#peers.settle(tip)
      result.height = tip.height
      meter.end(tip.height)
    }

    this.#throwUnlessInStep(tip)

    return result
  }

  /** What has become of a turn: nothing is left to do, something was done, or others were waited for. */
  async #turn (tip: Tip, result: SyncResult): Promise<'over' | 'done' | 'waited'> {
    this.#init.signal.throwIfAborted()
    this.#look(tip)
    const { ready } = this.#branches

    if (ready != null) {
      await this.#offer(ready, result)
      return 'done'
    }

    const [highest] = this.#peers.straight(tip)

    if (highest != null) {
      await this.#extend(tip, highest.height)
      return 'done'
    }

    if (this.#branches.isBusy) {
      await this.#branches.whenChanged(this.#init.signal)
      return 'waited'
    }

    return 'over'
  }

  /** Takes note of what has become of branches, and begins to look at others. */
  #look (tip: Tip): void {
    const candidates = this.#peers.branches(tip)
    this.#onErrors(this.#branches.takeErrors())
    this.#branches.onTip(tip.height)

    if (candidates.length === 0) {
      return
    }

    if (this.#init.writer.canReorganise) {
      this.#branches.begin(candidates)
      this.#unlinked = undefined
    } else if (this.#peers.straight(tip).length === 0) {
      this.#onFork(candidates as [Candidate], tip)
    }
  }

  /** What our own chain has failed with ends everything. */
  #onErrors (errors: readonly Error[]): void {
    const own = errors.find((error) => !(error instanceof RequestError))

    if (own != null) {
      throw own
    }

    this.#error = errors.at(-1) ?? this.#error
  }

  /** Our chain cannot change over to any branch. */
  #onFork (branches: [Candidate, ...Candidate[]], tip: Tip): never {
    const [{ peer, height }] = branches
    branches.forEach(({ peer, height }) => { this.#peers.doubt(peer, { above: tip.height, upTo: height }) })

    throw new SyncError('FORK', `Peer ${peer.id} has another chain, up to block ${height}, and ours cannot change over`)
  }

  async #offer (scout: BranchScout, result: SyncResult): Promise<void> {
    const { writer, signal, onGrown } = this.#init
    const { isAdopted, error } = await offerBranch(scout, {
      writer,
      signal,
      peers: this.#peers,
      branches: this.#branches,
      onTaken: ({ block, bytes }) => { this.#meter?.add(block.height, { blocks: 1, bytes: bytes.byteLength }) }
    })
    this.#error = error ?? (isAdopted ? undefined : this.#error)

    if (isAdopted) {
      result.reorganised = true
      // they were branches of another chain
      await this.#branches.stop()
      onGrown()
    }
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

    const extension = new Extension({ writer, feed, signal, onAppended: (blocks) => { this.#onAppended(blocks) } })
    this.#source = feed
    this.#watch = new SlowWatch(clock, () => { this.#onSlow(extension) })

    try {
      this.#onExtended(await extension.run())
    } finally {
      this.#watch.stop()
      this.#source = undefined
    }
  }

  /** What follows our tip may come as slowly as it likes: a branch that goes further is not to wait for it. */
  #onSlow (extension: Extension): void {
    const { tipHeight } = this.#branches
    this.#peers.settleUnlinked(tipHeight)

    if (this.#branches.ready != null) {
      extension.end()
    } else if (this.#init.writer.canReorganise) {
      this.#branches.begin(this.#peers.diverged(tipHeight))
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
    this.#branches.onTip(last.received.block.height)

    for (const { peer, received } of blocks) {
      this.#peers.onDelivered(peer, received.block.height)
    }

    const bytes = blocks.reduce((bytes, { received }) => bytes + received.bytes.byteLength, 0)
    this.#meter?.add(last.received.block.height, { blocks: blocks.length, bytes })
    this.#watch?.add(blocks.length, bytes)

    this.#init.onGrown()
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
