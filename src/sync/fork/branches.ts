import { BranchBudget } from './branch-budget.ts'
import { PeerBranch } from './peer-branch.ts'
import type { RequestBlock } from './ancestor-search.ts'
import type { Candidate } from '../run/candidates.ts'
import type { ChainWriter } from '../chain/chain-writer.ts'
import type { RecentHashes } from '../chain/recent-hashes.ts'
import type { RunPeers } from '../run/run-peers.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/** Peers whose branches the node looks at at a time. */
export const MAX_TRACKED_BRANCHES = 64

/** Refused branches that are remembered, the last ones, so that the node does not fetch the same from another peer. */
export const MAX_REFUSED_BRANCHES = 16

/** Options of {@link Branches}. */
export interface BranchesInit {
  writer: ChainWriter
  clock: Clock
  peers: RunPeers
  requestBlock: RequestBlock
}

/** How often a round ends that only waits for branches, so that the node looks for other candidates. */
export const BRANCH_CHECK_MS = 250

/** The branches of one synchronisation, one {@link PeerBranch} for each peer: side by side, and beside the extension of our chain. */
export class Branches {
  readonly #init: BranchesInit
  readonly #budget: BranchBudget
  readonly #byPeer = new Map<Session, PeerBranch>()
  readonly #refused: RecentHashes[] = []
  #tipHeight = 0
  /** Called when a branch is ready to be offered, or over. */
  #onChange: () => void = () => {}

  constructor (init: BranchesInit) {
    this.#init = init
    this.#budget = new BranchBudget(init.clock)
  }

  /** How far our chain goes. */
  get tipHeight (): number { return this.#tipHeight }

  /** Whether any branch is looked at. */
  get isBusy (): boolean { return this.#byPeer.size > 0 }

  /** Peers that have a request under way. */
  get busyPeers (): number { return [...this.#byPeer.values()].filter(({ isBusy }) => isBusy).length }

  /** The branch to offer: of several that are ready the highest. */
  get ready (): PeerBranch | undefined {
    return [...this.#byPeer.values()].filter(({ isReady }) => isReady).sort((a, b) => heightOf(b) - heightOf(a))[0]
  }

  /** Resolves when a branch is ready to be offered or over, after BRANCH_CHECK_MS, and when the signal is aborted. */
  async whenChanged (signal: AbortSignal): Promise<void> {
    const { clock } = this.#init
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = clock.setTimeout(resolve, BRANCH_CHECK_MS)
    const onAbort = (): void => { resolve() }
    signal.addEventListener('abort', onAbort)
    this.#onChange = resolve
    await promise
    this.#onChange = () => {}
    signal.removeEventListener('abort', onAbort)
    clock.clearTimeout(timer)
  }

  /** Takes note of how far our chain goes: branches that were ready may have to go further. */
  onTip (height: number): void {
    this.#tipHeight = height

    for (const branch of this.#byPeer.values()) {
      if (!branch.isReady) {
        branch.goOn({ wasOffered: false })
      }
    }
  }

  /** Begins to look at the branches of these peers, MAX_TRACKED_BRANCHES in all. */
  begin (candidates: readonly Candidate[]): void {
    const { peers, ...rest } = this.#init

    for (const candidate of candidates) {
      if (this.#byPeer.size < MAX_TRACKED_BRANCHES && !this.#byPeer.has(candidate.peer)) {
        peers.onBranchBegun(candidate)
        this.#byPeer.set(candidate.peer, new PeerBranch({
          ...rest,
          peers,
          candidate,
          budget: this.#budget,
          refused: this.#refused,
          tipHeight: () => this.#tipHeight,
          onChange: () => { this.#onChange() }
        }))
      }
    }
  }

  /** Takes out the branches that are over. Returns the errors of those that were not fetched to their end. */
  takeErrors (): Error[] {
    const over = [...this.#byPeer.values()].filter(({ isOver }) => isOver)
    over.forEach(({ peer }) => { this.#byPeer.delete(peer) })

    return over.flatMap(({ error }) => error ?? [])
  }

  /** Whether our chain has refused the same branch before, from another peer. */
  isRefused (branch: PeerBranch): boolean {
    return this.#refused.some((hashes) => hashes.has(branch.blocks.at(-1)!.block))
  }

  /** Takes note of the last blocks that our chain took of a branch before it refused it. */
  onRefused (taken: RecentHashes): void {
    this.#refused.push(taken)
    this.#refused.splice(0, Math.max(0, this.#refused.length - MAX_REFUSED_BRANCHES))
  }

  /** Ends all of them. Those that are still branches of our chain are looked at anew. Does not throw. */
  async stop (): Promise<void> {
    const branches = [...this.#byPeer.values()]
    branches.filter(({ isOver, error }) => !isOver && error == null).forEach(({ peer }) => { this.#init.peers.onBranchAbandoned(peer) })
    await Promise.all(branches.map(async (branch) => { await branch.stop() }))
    this.#byPeer.clear()
  }
}

function heightOf ({ blocks }: PeerBranch): number {
  return blocks.at(-1)!.block.height
}
