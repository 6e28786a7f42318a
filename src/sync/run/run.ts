import { Branches } from '../fork/branches.ts'
import { Extension } from './extension.ts'
import { Feed } from './feed.ts'
import { offerBranch } from '../fork/offer-branch.ts'
import { ProgressMeter } from './progress.ts'
import { RunPeers } from './run-peers.ts'
import { SlowWatch } from '../fork/slow-watch.ts'
import { RequestError, SyncError } from '../../errors.ts'
import type { PeerBranch } from '../fork/peer-branch.ts'
import type { RequestBlock } from '../fork/ancestor-search.ts'
import type { Candidate, Candidates } from './candidates.ts'
import type { ChainWriter } from '../chain/chain-writer.ts'
import type { DownloadFault } from '../download/fault.ts'
import type { ExtensionEnd, SentBlock } from './extension.ts'
import type { CreateDownload } from './feed.ts'
import type { Clock } from '../../util/clock.ts'
import type { RequestErrorCode } from '../../errors.ts'
import type { Tip } from '../../types/block.ts'
import type { SyncFault, SyncProgress, SyncResult } from '../../types/sync.ts'

/** Rounds in a row of a synchronisation of which nothing comes. Then it ends. */
export const MAX_IDLE_ROUNDS = 8

/** Errors that are about peers, and not about our chain. */
const PEER_ERRORS: readonly RequestErrorCode[] = ['UNAVAILABLE', 'INVALID_RESPONSE', 'UNLINKED', 'TIMEOUT', 'DISCONNECTED']

/** Options of {@link SyncRun}. */
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
 * One synchronisation, round by round. A round appends what follows our tip, while the branches of peers are looked at, or offers a
 * branch that goes as far as our chain. Each round moves the tip, has one peer less, waits, or is the last.
 */
export class SyncRun {
  readonly #init: SyncRunInit
  readonly #peers: RunPeers
  #meter: ProgressMeter | undefined
  #result: SyncResult | undefined
  /** The feed of the extension under way. */
  #source: Pick<Feed, 'busyPeers' | 'bufferedBytes'> | undefined
  /** Why the last extension or branch failed. */
  #error: Error | undefined
  /** Why no peer's blocks follow our tip. */
  #unlinked: Error | undefined
  readonly #branches: Branches
  /** Watches how fast the extension goes. */
  #watch: SlowWatch | undefined

  constructor (init: SyncRunInit) {
    this.#init = init
    this.#peers = new RunPeers({
      candidates: init.candidates,
      peer: init.peer,
      canReorganise: init.writer.canReorganise,
      onFault: (fault: DownloadFault) => { init.onFault(fault) }
    })
    const { writer, clock, requestBlock } = init
    this.#branches = new Branches({ writer, clock, peers: this.#peers, requestBlock })
  }

  get #busyPeers (): number { return (this.#source?.busyPeers ?? 0) + this.#branches.busyPeers }

  /** Bytes of blocks that were fetched and wait for the chain. */
  get bufferedBytes (): number { return this.#source?.bufferedBytes ?? 0 }

  /** What it has achieved; `undefined` where no peer had anything for us. */
  get result (): SyncResult | undefined { return this.#result }

  /** Goes on until no peer has anything for us. Throws where that is because those that have cannot be used. */
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

      for (let round = await this.#round(tip, result); round !== 'over'; round = await this.#round(tip, result)) {
        tip = await writer.chain.tip()
        const isIdle = !this.#peers.endRound(tip) && tip.height <= best && round === 'done'
        idle = isIdle ? idle + 1 : round === 'done' ? 0 : idle
        best = Math.max(best, tip.height)

        if (idle > MAX_IDLE_ROUNDS) {
          throw this.#error ?? new SyncError('STORE', 'The tip of the chain moves on its own, or does not move, again and again')
        }
      }
    } finally {
      await this.#branches.stop()
      tip = await writer.chain.tip().catch(() => tip)
      this.#peers.endRound(tip)
      result.height = tip.height
      meter.end(tip.height)
    }

    this.#throwUnlessSynced(tip)

    return result
  }

  /** What has become of a round: nothing is left to do, something was done, or branches were waited for. */
  async #round (tip: Tip, result: SyncResult): Promise<'over' | 'done' | 'waited'> {
    this.#init.signal.throwIfAborted()
    this.#updateBranches(tip)
    const { ready } = this.#branches

    if (ready != null) {
      await this.#offer(ready, result)
      return 'done'
    }

    const [highest] = this.#peers.extending(tip)

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

  /** Takes note of what has become of branches, and begins to look at those of other peers. */
  #updateBranches (tip: Tip): void {
    const candidates = this.#peers.branching(tip)
    this.#onErrors(this.#branches.takeErrors())
    this.#branches.onTip(tip.height)

    if (candidates.length === 0) {
      return
    }

    if (this.#init.writer.canReorganise) {
      this.#branches.begin(candidates)
      this.#unlinked = undefined
    } else if (this.#peers.extending(tip).length === 0) {
      this.#onFork(candidates as [Candidate], tip)
    }
  }

  /** A failure of our own chain ends the synchronisation. */
  #onErrors (errors: readonly Error[]): void {
    const own = errors.find((error) => !(error instanceof RequestError))

    if (own != null) {
      throw own
    }

    this.#error = errors.at(-1) ?? this.#error
  }

  /** Ends the synchronisation where peers are on a branch and our chain cannot change over to any. */
  #onFork (branches: [Candidate, ...Candidate[]], tip: Tip): never {
    const [{ peer, height }] = branches
    branches.forEach(({ peer, height }) => { this.#peers.distrust(peer, { above: tip.height, upTo: height }) })

    throw new SyncError('FORK', `Peer ${peer.id} has another chain, up to block ${height}, and ours cannot change over`)
  }

  async #offer (branch: PeerBranch, result: SyncResult): Promise<void> {
    const { writer, signal, onGrown } = this.#init
    const { isAdopted, error } = await offerBranch(branch, {
      writer,
      signal,
      peers: this.#peers,
      branches: this.#branches,
      onTaken: ({ block, bytes }) => { this.#meter?.add(block.height, { blocks: 1, bytes: bytes.byteLength, senders: [branch.peer.id] }) }
    })
    this.#error = error ?? (isAdopted ? undefined : this.#error)

    if (isAdopted) {
      result.reorganised = true
      // the others were branches of the chain before
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
        peers: () => this.#peers.extending(tip).map(({ peer }) => peer),
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

  /** A branch that goes further than our tip does not wait for peers that send slowly what follows it. */
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
    this.#meter?.add(last.received.block.height, { blocks: blocks.length, bytes, senders: new Set(blocks.map(({ peer }) => peer.id)) })
    this.#watch?.add(blocks.length, bytes)

    this.#init.onGrown()
  }

  /** Faults of peers are no reason to fail where another one is as high as we are, and none above us still owes an answer. */
  #throwUnlessSynced (tip: Tip): void {
    const error = this.#error ?? this.#unlinked

    if (error == null) {
      return
    }

    const isAboutPeers = error instanceof RequestError && PEER_ERRORS.includes(error.code)

    if (!isAboutPeers || this.#peers.hasStalled(tip) || !this.#peers.isSynced(tip)) {
      throw error
    }
  }
}
