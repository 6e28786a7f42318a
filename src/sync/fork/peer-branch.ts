import { BranchFetch } from './branch-fetch.ts'
import { searchAncestor } from './ancestor-search.ts'
import { faultKindOf } from '../download/fault.ts'
import { RecentHashes } from '../chain/recent-hashes.ts'
import { errorMessage, RequestError, SyncError } from '../../errors.ts'
import type { BranchBudget, BudgetedBranch } from './branch-budget.ts'
import type { RequestBlock } from './ancestor-search.ts'
import type { Candidate } from '../run/candidates.ts'
import type { ChainWriter } from '../chain/chain-writer.ts'
import type { RunPeers } from '../run/run-peers.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Block } from '../../types/block.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** Blocks above our tip that are fetched of a branch before it is offered. More are fetched where the chain does not change over. */
export const BRANCH_LEAD_BLOCKS = 128

/** Options of {@link PeerBranch}. */
export interface PeerBranchInit {
  candidate: Candidate
  /** Height of our tip now. */
  tipHeight: () => number
  writer: ChainWriter
  clock: Clock
  peers: RunPeers
  budget: BranchBudget
  /** The branches that our chain has refused. */
  refused: readonly RecentHashes[]
  requestBlock: RequestBlock
  /** Called when the branch is ready to be offered, or over. */
  onChange: () => void
}

/**
 * The branch of one peer. Finds where it leaves our chain, and fetches and verifies its blocks from there on, as far as they decide.
 * They are offered from memory, so nothing of our chain waits for the peer.
 */
export class PeerBranch implements BudgetedBranch {
  readonly peer: Session
  /** The height that the peer says to have. */
  readonly height: number
  /** What has come above the common ancestor, verified. */
  readonly blocks: ReceivedBlock[] = []
  readonly #init: PeerBranchInit
  readonly #controller = new AbortController()
  #common: Block | undefined
  #bytes = 0
  #fetch: BranchFetch | undefined
  /** How many blocks above our tip are fetched before it is offered. */
  #lead = BRANCH_LEAD_BLOCKS
  #isComplete = false
  #isWaiting = false
  #isOver = false
  #error: Error | undefined
  #answer: PromiseWithResolvers<void> | undefined
  readonly #done: Promise<void>

  constructor (init: PeerBranchInit) {
    this.#init = init
    this.peer = init.candidate.peer
    this.height = init.candidate.height
    this.#done = this.#run()
  }

  /** The common ancestor of our chain and the peer's, once it is found. */
  get common (): Block | undefined { return this.#common }

  /** Bytes of what has come. */
  get bytes (): number { return this.#bytes }

  /** Whether it is ready to be offered: it goes as far as our chain, and no more of it comes before {@link goOn}. */
  get isReady (): boolean { return this.#isWaiting && this.#reachesTip }

  get isOver (): boolean { return this.#isOver }

  /** Whether the peer has a request under way. */
  get isBusy (): boolean { return !this.#isOver && (this.#fetch == null || this.#fetch.isBusy) }

  /** Whether nothing more of it can come. */
  get isComplete (): boolean { return this.#isComplete }

  /** Why it was not fetched to its end; a SyncError where our chain has failed. */
  get error (): Error | undefined { return this.#error }

  /** Fetches more where it waits: all that the budget allows where it was offered, and as much as a tip that has moved asks for. */
  goOn ({ wasOffered }: { wasOffered: boolean }): void {
    this.#lead = wasOffered ? Infinity : this.#lead
    this.#answer?.resolve()
  }

  /** Ends the fetch. Resolves when nothing of it is under way. Does not throw. */
  async stop (): Promise<void> {
    this.#controller.abort()
    this.#answer?.resolve()
    await this.#done
  }

  get #reachesTip (): boolean { return (this.blocks.at(-1)?.block.height ?? -1) >= this.#init.tipHeight() }

  async #run (): Promise<void> {
    const { signal } = this.#controller

    try {
      // the constructor has returned by then
      await Promise.resolve()
      const common = await this.#search()

      if (common != null) {
        this.#common = common
        await this.#init.budget.acquire(this, signal)
        await this.#fetchAll(common)
      }
    } catch (err) {
      if (!signal.aborted) {
        this.#error = err instanceof Error ? err : new SyncError('STORE', errorMessage(err), { cause: err })
      }
    } finally {
      this.#fetch?.stop()
      this.#init.budget.release(this)
      this.#isOver = true
      this.#init.onChange()
    }
  }

  /** The common ancestor, where there is a branch above it that was not refused before. */
  async #search (): Promise<Block | undefined> {
    const { candidate, writer, peers, tipHeight } = this.#init
    const ours = tipHeight()
    let asked = ours
    let found: Block | RecentHashes

    try {
      found = await searchAncestor({
        ...this.#init,
        ours,
        signal: this.#controller.signal,
        own: async (height) => writer.chain.block(height),
        requestBlock: async (peer, height, signal) => {
          asked = height

          return this.#init.requestBlock(peer, height, signal)
        }
      })
    } catch (err) {
      if (err instanceof SyncError || this.#controller.signal.aborted) {
        throw err
      }

      this.#onFailure(err, { height: asked, above: ours })
      throw requestErrorOf(err, `Peer ${this.peer.id} could not be asked where its chain leaves ours`)
    }

    if (found instanceof RecentHashes) {
      peers.distrust(candidate.peer, { above: ours, upTo: this.height, blocks: found.size })
      return undefined
    }

    if (found.height === ours) {
      peers.onLinked(candidate.peer, found)
      return undefined
    }

    return found
  }

  async #fetchAll (common: Block): Promise<void> {
    const { clock, peers } = this.#init
    this.#fetch = new BranchFetch({ peer: this.peer, common, clock, signal: this.#controller.signal })

    while (!this.#isOver) {
      while (!this.#isComplete && !this.#isEnough) {
        await this.#fetchSome(this.#fetch, common)
      }

      if (!this.#reachesTip) {
        // the budget does not take all of it
        if (this.#error == null && this.#fetch.next <= this.height) {
          peers.distrust(this.peer, { above: common.height, upTo: this.height })
          this.#error = new RequestError('UNLINKED', `The chain of peer ${this.peer.id} leaves ours at block ${common.height}, ` +
          `${this.#init.tipHeight() - common.height} blocks below our tip: more of it would have to be in memory than may be`)
        }

        return
      }

      await this.#wait()

      if (this.#isComplete) {
        return
      }
    }
  }

  get #isEnough (): boolean {
    const height = this.blocks.at(-1)?.block.height ?? -1

    return height >= Math.min(this.height, this.#init.tipHeight() + this.#lead)
  }

  /** Waits until it was offered, or our tip has moved. */
  async #wait (): Promise<void> {
    this.#controller.signal.throwIfAborted()
    this.#answer = Promise.withResolvers<void>()
    this.#isWaiting = true
    this.#init.onChange()
    await this.#answer.promise
    this.#isWaiting = false
    this.#controller.signal.throwIfAborted()
  }

  async #fetchSome (fetch: BranchFetch, common: Block): Promise<void> {
    const { budget, tipHeight, peers } = this.#init
    const { bytes, blocks } = await budget.allowance(this, this.#controller.signal)

    if (blocks === 0) {
      this.#isComplete = true
      return
    }

    const endHeight = Math.min(this.height, tipHeight() + this.#lead, fetch.next + blocks - 1)
    let come: ReceivedBlock[]

    try {
      come = await fetch.fetch(endHeight, bytes)
    } catch (err) {
      this.#onFailure(err, { height: fetch.next, above: common.height })
      this.#controller.signal.throwIfAborted()
      this.#isComplete = true
      this.#error = requestErrorOf(err, `Peer ${this.peer.id} did not send its branch to the end`)

      // blocks that came before the deadline are good
      if (!(err instanceof RequestError && err.code === 'TIMEOUT' && this.#reachesTip)) {
        throw this.#error
      }

      return
    }

    if (come.length === 0) {
      this.#isComplete = true
      this.#error = new RequestError('UNAVAILABLE', `peer ${this.peer.id} does not have block ${fetch.next}`)
      peers.onBranchFault({ peer: this.peer, kind: 'unavailable', height: fetch.next, detail: this.#error.message }, common)
      return
    }

    await this.#take(come, common)
    this.#isComplete = fetch.next > this.height
  }

  async #take (come: readonly ReceivedBlock[], common: Block): Promise<void> {
    const { writer, peers } = this.#init
    const invalid = await writer.verify(come, this.blocks.at(-1)?.block ?? common, this.#controller.signal)

    if (invalid != null) {
      const { height, error } = invalid
      peers.onInvalid({ peer: this.peer, height, error })
      throw new RequestError('INVALID_RESPONSE', `Peer ${this.peer.id} sent an invalid block ${height}: ${error.message}`, { cause: error })
    }

    this.blocks.push(...come)
    this.#bytes += come.reduce((bytes, received) => bytes + received.bytes.byteLength, 0)
  }

  /** Takes note of what a failure says about the peer. */
  #onFailure (err: unknown, { height, above }: { height: number, above: number }): void {
    if (this.#controller.signal.aborted) {
      return
    }

    const { peers } = this.#init
    const kind = err instanceof RequestError && err.code === 'UNAVAILABLE' ? 'unavailable' : faultKindOf(err)

    if (kind == null) {
      peers.distrust(this.peer, { above })
    } else {
      peers.onBranchFault({ peer: this.peer, kind, height, detail: errorMessage(err) }, { height: above })
    }
  }
}

/** What failed with a peer, as a failure of a request to it: a session that has ended is no failure of our own chain. */
function requestErrorOf (error: unknown, what: string): RequestError {
  return new RequestError(error instanceof RequestError ? error.code : 'DISCONNECTED', `${what}: ${errorMessage(error)}`, { cause: error })
}
