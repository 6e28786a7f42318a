import type { Clock } from '../../util/clock.ts'
import type { Tip } from '../../types/block.ts'
import type { Location } from '../../address/location.ts'

/** Branches that are fetched or wait to be offered at a time. */
export const MAX_BRANCHES = 8

/** Those branches that come from one public host, of peers that have dialled this node. */
export const MAX_HOST_BRANCHES = 2

/** Those branches that come from one network, of peers that have dialled this node. */
export const MAX_NETWORK_BRANCHES = 4

/**
 * Bytes of the blocks of one branch in memory. The first branch may have as much, each other an eighth until it is the first.
 *
 * @remarks The node offers `reorganise` the blocks that are there, and no more of the branch.
 */
export const MAX_BRANCH_BYTES: number = 64 * 1024 * 1024

/**
 * Blocks of one branch in memory. The first branch may have as many, each other an eighth until it is the first.
 *
 * @remarks The node offers `reorganise` the blocks that are there, and no more of the branch.
 */
export const MAX_BRANCH_BLOCKS = 16_384

/** How long a branch waits for another one that leaves our chain at the same block: they are probably one. */
export const SAME_BRANCH_WAIT_MS = 500

/** Who is to fetch a branch. */
export interface RoomGuest {
  readonly peer: { readonly direction?: 'inbound' | 'outbound', readonly location?: Location }
  readonly common: Tip | undefined
  readonly bytes: number
  readonly blocks: { readonly length: number }
}

/** What may be in memory of one branch, besides what is there. */
export interface Room { bytes: number, blocks: number }

interface Waiting {
  isMet: () => boolean
  resolve: () => void
}

/** Room for the blocks of branches: how many are fetched at a time, and how much of each is in memory. */
export class BranchRoom {
  readonly #clock: Clock
  /** In the order in which they came in. */
  readonly #inside = new Set<RoomGuest>()
  readonly #waiting = new Set<Waiting>()
  /** When each came in, by the clock. */
  readonly #since = new WeakMap<RoomGuest, number>()
  #timer: unknown

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Those whose branches are fetched. */
  get size (): number { return this.#inside.size }

  /** Resolves when a branch may be fetched, which then has room until {@link leave}. Throws the signal's reason. */
  async enter (guest: RoomGuest, signal: AbortSignal): Promise<void> {
    await this.#until(() => {
      const hasRoom = this.#hasRoom(guest)

      // nobody else is to be let in for the same place
      if (hasRoom) {
        this.#inside.add(guest)
        this.#since.set(guest, this.#clock.now())
      }

      return hasRoom
    }, signal)
  }

  /** What may come of a branch, once anything may: nothing where it has as much as any may have. Throws the signal's reason. */
  async whenRoom (guest: RoomGuest, signal: AbortSignal): Promise<Room> {
    await this.#until(() => this.#isFirst(guest) || roomOf(guest, MAX_BRANCHES) != null, signal)

    return roomOf(guest, this.#isFirst(guest) ? 1 : MAX_BRANCHES) ?? { bytes: 0, blocks: 0 }
  }

  /** Gives back what {@link enter} gave, if anything. */
  leave (guest: RoomGuest): void {
    this.#inside.delete(guest)
    this.#check()
  }

  #isFirst (guest: RoomGuest): boolean {
    const [first] = this.#inside

    return first === guest
  }

  #hasRoom (guest: RoomGuest): boolean {
    return this.#inside.size < MAX_BRANCHES && this.#waitFor(guest) <= 0 &&
      this.#countAs(guest, hostOf) < MAX_HOST_BRANCHES && this.#countAs(guest, groupOf) < MAX_NETWORK_BRANCHES
  }

  /** How many of those inside are where somebody is. */
  #countAs (guest: RoomGuest, keyOf: (guest: RoomGuest) => string | undefined): number {
    const key = keyOf(guest)

    return key == null ? 0 : [...this.#inside].filter((other) => keyOf(other) === key).length
  }

  /** How long the last one that left our chain at the same block is still to be waited for. */
  #waitFor ({ common }: RoomGuest): number {
    const same = [...this.#inside].filter((other) => other.common?.height === common?.height)

    return Math.max(...same.map((other) => this.#since.get(other)! + SAME_BRANCH_WAIT_MS - this.#clock.now()))
  }

  async #until (isMet: () => boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = { isMet, resolve }
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
      if (waiting.isMet()) {
        this.#waiting.delete(waiting)
        waiting.resolve()
      }
    }

    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#waiting.size === 0 ? undefined : this.#clock.setTimeout(() => { this.#check() }, SAME_BRANCH_WAIT_MS)
  }
}

/** What an `n`th part of all room leaves for a branch; `undefined` where that is nothing. */
function roomOf ({ bytes, blocks }: RoomGuest, n: number): Room | undefined {
  const room = { bytes: Math.floor(MAX_BRANCH_BYTES / n) - bytes, blocks: Math.floor(MAX_BRANCH_BLOCKS / n) - blocks.length }

  return room.bytes > 0 && room.blocks > 0 ? room : undefined
}

/** The public host of a peer that has dialled us: those who were dialled are not free to make. */
function hostOf (guest: RoomGuest): string | undefined {
  return groupOf(guest) == null ? undefined : guest.peer.location?.host
}

/** The network of a peer that has dialled us, where it is a public one. */
function groupOf ({ peer: { direction, location } }: RoomGuest): string | undefined {
  return direction === 'inbound' ? location?.netgroup : undefined
}
