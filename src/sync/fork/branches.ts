import { BranchRoom } from './branch-room.ts'
import { BranchScout } from './branch-scout.ts'
import type { RequestBlock } from './branch-search.ts'
import type { Candidate } from '../run/candidates.ts'
import type { ChainWriter } from '../chain/chain-writer.ts'
import type { RecentHashes } from '../chain/recent-hashes.ts'
import type { RunPeers } from '../run/run-peers.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/** Branches that the node looks at at a time. */
export const MAX_SCOUTS = 64

/** Refused branches that are remembered, the last ones, so that the node does not fetch the same from another peer. */
export const MAX_REFUSED_BRANCHES = 16

/** What {@link Branches} is made with. */
export interface BranchesInit {
  writer: ChainWriter
  clock: Clock
  peers: RunPeers
  requestBlock: RequestBlock
}

/** How often the node looks for something else to do while it only looks at branches. */
export const WATCH_MS = 250

/** The branches that are looked at in one synchronisation, side by side and beside everything else. */
export class Branches {
  readonly #init: BranchesInit
  readonly #room: BranchRoom
  readonly #scouts = new Map<Session, BranchScout>()
  readonly #refused: RecentHashes[] = []
  #tipHeight = 0
  /** Called when one is ready to be offered or over. */
  #onChange: () => void = () => {}

  constructor (init: BranchesInit) {
    this.#init = init
    this.#room = new BranchRoom(init.clock)
  }

  /** How far our chain goes. */
  get tipHeight (): number { return this.#tipHeight }

  /** Whether any is looked at. */
  get isBusy (): boolean { return this.#scouts.size > 0 }

  /** Peers that are to send something now. */
  get busyPeers (): number { return [...this.#scouts.values()].filter(({ isBusy }) => isBusy).length }

  /** The one to be offered: of several the highest. */
  get ready (): BranchScout | undefined {
    return [...this.#scouts.values()].filter(({ isReady }) => isReady).sort((a, b) => heightOf(b) - heightOf(a))[0]
  }

  /** Resolves when one is ready to be offered or over, after WATCH_MS, and when the signal is aborted. */
  async whenChanged (signal: AbortSignal): Promise<void> {
    const { clock } = this.#init
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = clock.setTimeout(resolve, WATCH_MS)
    const onAbort = (): void => { resolve() }
    signal.addEventListener('abort', onAbort)
    this.#onChange = resolve
    await promise
    this.#onChange = () => {}
    signal.removeEventListener('abort', onAbort)
    clock.clearTimeout(timer)
  }

  /** Takes note of how far our chain goes: those that were ready may have to go further. */
  onTip (height: number): void {
    this.#tipHeight = height

    for (const scout of this.#scouts.values()) {
      if (!scout.isReady) {
        scout.goOn({ wasOffered: false })
      }
    }
  }

  /** Begins to look at those that are not looked at yet, as far as there may be more. */
  begin (candidates: readonly Candidate[]): void {
    const { peers, ...rest } = this.#init

    for (const candidate of candidates) {
      if (this.#scouts.size < MAX_SCOUTS && !this.#scouts.has(candidate.peer)) {
        peers.onOffered(candidate)
        this.#scouts.set(candidate.peer, new BranchScout({
          ...rest,
          peers,
          candidate,
          room: this.#room,
          refused: this.#refused,
          tipHeight: () => this.#tipHeight,
          onChange: () => { this.#onChange() }
        }))
      }
    }
  }

  /** Takes out those that are over. Returns why they could not be looked at to their end, where that is so. */
  takeErrors (): Error[] {
    const over = [...this.#scouts.values()].filter(({ isOver }) => isOver)
    over.forEach(({ peer }) => { this.#scouts.delete(peer) })

    return over.flatMap(({ error }) => error ?? [])
  }

  /** Whether what has come of a branch was refused before, when another peer had it. */
  isRefused (scout: BranchScout): boolean {
    return this.#refused.some((hashes) => hashes.has(scout.blocks.at(-1)!.block))
  }

  /** Takes note of the end of a branch that our chain has refused, as far as it was looked at. */
  onRefused (taken: RecentHashes): void {
    this.#refused.push(taken)
    this.#refused.splice(0, Math.max(0, this.#refused.length - MAX_REFUSED_BRANCHES))
  }

  /** Ends all of them: those that were looked at are looked at anew where they still are branches of our chain. Does not throw. */
  async stop (): Promise<void> {
    const scouts = [...this.#scouts.values()]
    scouts.filter(({ isOver, error }) => !isOver && error == null).forEach(({ peer }) => { this.#init.peers.onWithdrawn(peer) })
    await Promise.all(scouts.map(async (scout) => { await scout.stop() }))
    this.#scouts.clear()
  }
}

function heightOf ({ blocks }: BranchScout): number {
  return blocks.at(-1)!.block.height
}
