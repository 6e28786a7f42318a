import { BranchFetch } from './branch-fetch.ts'
import { searchCommon } from './branch-search.ts'
import { faultKindOf } from '../download/fault.ts'
import { errorMessage, RequestError, SyncError } from '../../errors.ts'
import type { BranchRoom, RoomGuest } from './branch-room.ts'
import type { RequestBlock } from './branch-search.ts'
import type { Candidate } from '../run/candidates.ts'
import type { ChainWriter } from '../chain/chain-writer.ts'
import type { RecentHashes } from '../chain/recent-hashes.ts'
import type { RunPeers } from '../run/run-peers.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Block } from '../../types/block.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** Blocks above our tip that are fetched of a branch before it is offered. More are fetched where the chain does not change over. */
export const BRANCH_LEAD_BLOCKS = 128

/** What {@link BranchScout} is made with. */
export interface ScoutInit {
  candidate: Candidate
  /** Height of our tip now. */
  tipHeight: () => number
  writer: ChainWriter
  clock: Clock
  peers: RunPeers
  room: BranchRoom
  /** The branches that have been refused. */
  refused: readonly RecentHashes[]
  requestBlock: RequestBlock
  /** Called when there is something to be offered, or nothing more to come. */
  onChange: () => void
}

/**
 * Looks at the branch of one peer while nothing of ours waits for it: where it leaves our chain, and its blocks from there on,
 * verified, as far as they decide. They are offered from memory.
 */
export class BranchScout implements RoomGuest {
  readonly peer: Session
  /** The height that the peer says to have. */
  readonly height: number
  /** What has come above the common block, verified. */
  readonly blocks: ReceivedBlock[] = []
  readonly #init: ScoutInit
  readonly #controller = new AbortController()
  #common: Block | undefined
  #bytes = 0
  #fetch: BranchFetch | undefined
  /** How far above our tip it is fetched before it is offered. */
  #lead = BRANCH_LEAD_BLOCKS
  #isComplete = false
  #isWaiting = false
  #isOver = false
  #error: Error | undefined
  #answer: PromiseWithResolvers<void> | undefined
  readonly #done: Promise<void>

  constructor (init: ScoutInit) {
    this.#init = init
    this.peer = init.candidate.peer
    this.height = init.candidate.height
    this.#done = this.#run()
  }

  /** The last block that we and the peer have both, once it is found. */
  get common (): Block | undefined { return this.#common }

  /** Bytes of what has come. */
  get bytes (): number { return this.#bytes }

  /** Whether it is to be offered: it goes as far as our chain, and no more of it comes before {@link goOn}. */
  get isReady (): boolean { return this.#isWaiting && this.#reachesTip }

  get isOver (): boolean { return this.#isOver }

  /** Whether the peer is to send something now. */
  get isBusy (): boolean { return !this.#isOver && (this.#fetch == null || this.#fetch.isBusy) }

  /** Whether nothing more of it can come. */
  get isComplete (): boolean { return this.#isComplete }

  /** Why it could not be looked at to its end; a SyncError where that is our chain's doing. */
  get error (): Error | undefined { return this.#error }

  /** Has more of it fetched where it waits: as much as there may be where it was offered, as our tip asks for where that has moved. */
  goOn ({ wasOffered }: { wasOffered: boolean }): void {
    this.#lead = wasOffered ? Infinity : this.#lead
    this.#answer?.resolve()
  }

  /** Ends it. Resolves when nothing of it is under way. Does not throw. */
  async stop (): Promise<void> {
    this.#controller.abort()
    this.#answer?.resolve()
    await this.#done
  }

  get #reachesTip (): boolean { return (this.blocks.at(-1)?.block.height ?? -1) >= this.#init.tipHeight() }

  async #run (): Promise<void> {
    const { signal } = this.#controller

    try {
      // who has made it knows it by then
      await Promise.resolve()
      const common = await this.#search()

      if (common != null) {
        this.#common = common
        await this.#init.room.enter(this, signal)
        await this.#fetchAll(common)
      }
    } catch (err) {
      if (!signal.aborted) {
        this.#error = err instanceof Error ? err : new SyncError('STORE', errorMessage(err), { cause: err })
      }
    } finally {
      this.#fetch?.stop()
      this.#init.room.leave(this)
      this.#isOver = true
      this.#init.onChange()
    }
  }

  /** The last common block, where there is a branch above it that is worth a look. */
  async #search (): Promise<Block | undefined> {
    const { candidate, writer, peers, tipHeight } = this.#init
    const ours = tipHeight()
    let asked = ours
    let common: Block | undefined

    try {
      common = await searchCommon({
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
      const code = err instanceof RequestError ? err.code : 'DISCONNECTED'
      throw new RequestError(code, `Peer ${this.peer.id} could not be asked where its chain leaves ours: ${errorMessage(err)}`, { cause: err })
    }

    if (common == null) {
      peers.doubt(candidate.peer, { above: ours, upTo: this.height })
    } else if (common.height === ours) {
      peers.onLinked(candidate.peer, common)
      common = undefined
    }

    return common
  }

  async #fetchAll (common: Block): Promise<void> {
    const { clock, peers } = this.#init
    this.#fetch = new BranchFetch({ peer: this.peer, common, clock, signal: this.#controller.signal })

    while (!this.#isOver) {
      while (!this.#isComplete && !this.#isEnough) {
        await this.#fetchSome(this.#fetch, common)
      }

      if (!this.#reachesTip) {
        // more than there is room for
        if (this.#error == null && this.#fetch.next <= this.height) {
          peers.doubt(this.peer, { above: common.height, upTo: this.height })
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

  /** Waits until it has been looked at. */
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
    const { room, tipHeight, peers } = this.#init
    const { bytes, blocks } = await room.whenRoom(this, this.#controller.signal)

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
      this.#error = err as Error

      // what came before it was too slow is as good as ever
      if (!(err instanceof RequestError && err.code === 'TIMEOUT' && this.#reachesTip)) {
        throw err
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

  /** Takes note of what it says of the peer that something has failed. */
  #onFailure (err: unknown, { height, above }: { height: number, above: number }): void {
    if (this.#controller.signal.aborted) {
      return
    }

    const { peers } = this.#init
    const kind = err instanceof RequestError && err.code === 'UNAVAILABLE' ? 'unavailable' : faultKindOf(err)

    if (kind == null) {
      peers.doubt(this.peer, { above })
    } else {
      peers.onBranchFault({ peer: this.peer, kind, height, detail: errorMessage(err) }, { height: above })
    }
  }
}
