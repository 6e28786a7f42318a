import type { Clock } from '../../util/clock.ts'
import type { Tip } from '../../types/block.ts'
import type { Location } from '../../address/location.ts'

/** Branches that are fetched or wait to be offered at a time. */
export const MAX_FETCHED_BRANCHES = 8

/** Those branches that come from one public host, of inbound peers. */
export const MAX_HOST_BRANCHES = 2

/** Those branches that come from one netgroup, of inbound peers. */
export const MAX_NETGROUP_BRANCHES = 4

/**
 * Bytes of the blocks of one branch in memory. The first branch may have as much, each other an eighth until it is the first.
 *
 * @remarks The node offers `reorganise` the blocks that are there, and no more of the branch. Where they do not reach our tip, it offers
 * none, and the synchronisation ends with an error.
 */
export const MAX_BRANCH_BYTES: number = 64 * 1024 * 1024

/**
 * Blocks of one branch in memory. The first branch may have as many, each other an eighth until it is the first.
 *
 * @remarks The node offers `reorganise` the blocks that are there, and no more of the branch. Where they do not reach our tip, it offers
 * none, and the synchronisation ends with an error.
 */
export const MAX_BRANCH_BLOCKS = 16_384

/** How long a branch waits for another one that leaves our chain at the same block: they are probably the same. */
export const SAME_BRANCH_WAIT_MS = 500

/** A branch as the budget sees it. */
export interface BudgetedBranch {
  readonly peer: { readonly direction?: 'inbound' | 'outbound', readonly location?: Location }
  readonly common: Tip | undefined
  readonly bytes: number
  readonly blocks: { readonly length: number }
}

/** What may still come of one branch. */
export interface BranchAllowance { bytes: number, blocks: number }

interface Waiting {
  isDue: () => boolean
  resolve: () => void
}

/** The budget for branches: how many are fetched at a time, and how much of each is in memory. */
export class BranchBudget {
  readonly #clock: Clock
  /** The branches that are fetched, the first one first. */
  readonly #admitted = new Set<BudgetedBranch>()
  readonly #waiting = new Set<Waiting>()
  /** When each was admitted, by the clock. */
  readonly #since = new WeakMap<BudgetedBranch, number>()
  #timer: unknown

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Branches that are fetched. */
  get size (): number { return this.#admitted.size }

  /** Resolves when a branch may be fetched. It counts until {@link release}. Throws the signal's reason. */
  async acquire (branch: BudgetedBranch, signal: AbortSignal): Promise<void> {
    await this.#until(() => {
      const hasRoom = this.#hasRoom(branch)

      // before another one is checked
      if (hasRoom) {
        this.#admitted.add(branch)
        this.#since.set(branch, this.#clock.now())
      }

      return hasRoom
    }, signal)
  }

  /** What may come of a branch, as soon as anything may: nothing where it has as much as any may have. Throws the signal's reason. */
  async allowance (branch: BudgetedBranch, signal: AbortSignal): Promise<BranchAllowance> {
    await this.#until(() => this.#isFirst(branch) || remainderOf(branch, MAX_FETCHED_BRANCHES) != null, signal)

    return remainderOf(branch, this.#isFirst(branch) ? 1 : MAX_FETCHED_BRANCHES) ?? { bytes: 0, blocks: 0 }
  }

  /** Takes a branch out, if it was admitted. */
  release (branch: BudgetedBranch): void {
    this.#admitted.delete(branch)
    this.#check()
  }

  #isFirst (branch: BudgetedBranch): boolean {
    const [first] = this.#admitted

    return first === branch
  }

  #hasRoom (branch: BudgetedBranch): boolean {
    return this.#admitted.size < MAX_FETCHED_BRANCHES && this.#waitFor(branch) <= 0 &&
      this.#countOf(branch, hostOf) < MAX_HOST_BRANCHES && this.#countOf(branch, netgroupOf) < MAX_NETGROUP_BRANCHES
  }

  /** How many admitted branches come from the same host or netgroup. */
  #countOf (branch: BudgetedBranch, keyOf: (branch: BudgetedBranch) => string | undefined): number {
    const key = keyOf(branch)

    return key == null ? 0 : [...this.#admitted].filter((other) => keyOf(other) === key).length
  }

  /** How long a branch still waits for the last one that leaves our chain at the same block. */
  #waitFor ({ common }: BudgetedBranch): number {
    const same = [...this.#admitted].filter((other) => other.common?.height === common?.height)

    return Math.max(...same.map((other) => this.#since.get(other)! + SAME_BRANCH_WAIT_MS - this.#clock.now()))
  }

  async #until (isDue: () => boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = { isDue, resolve }
    const onAbort = (): void => { resolve() }
    signal.throwIfAborted()
    this.#waiting.add(waiting)
    signal.addEventListener('abort', onAbort)
    this.#check()

    try {
      await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#waiting.delete(waiting)
      this.#check()
    }

    signal.throwIfAborted()
  }

  #check (): void {
    for (const waiting of [...this.#waiting]) {
      if (waiting.isDue()) {
        this.#waiting.delete(waiting)
        waiting.resolve()
      }
    }

    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#waiting.size === 0 ? undefined : this.#clock.setTimeout(() => { this.#check() }, SAME_BRANCH_WAIT_MS)
  }
}

/** What an `n`th part of the budget leaves for a branch; `undefined` where that is nothing. */
function remainderOf ({ bytes, blocks }: BudgetedBranch, n: number): BranchAllowance | undefined {
  const left = { bytes: Math.floor(MAX_BRANCH_BYTES / n) - bytes, blocks: Math.floor(MAX_BRANCH_BLOCKS / n) - blocks.length }

  return left.bytes > 0 && left.blocks > 0 ? left : undefined
}

/** The public host of an inbound peer. An attacker cannot make us dial as many peers as it likes. */
function hostOf (branch: BudgetedBranch): string | undefined {
  return netgroupOf(branch) == null ? undefined : branch.peer.location?.host
}

/** The netgroup of an inbound peer, where it is public. */
function netgroupOf ({ peer: { direction, location } }: BudgetedBranch): string | undefined {
  return direction === 'inbound' ? location?.netgroup : undefined
}
