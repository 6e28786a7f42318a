import type { Direction } from '../types/peer.ts'

/** Room for one session. `release` gives it back, and may be called more than once. */
export interface Slot {
  readonly direction: Direction
  /** Whether it is outside the limits. */
  readonly isReserved: boolean
  /** Whether this node wants no transactions in the session: such outbound sessions have room of their own. */
  readonly isBlockOnly: boolean
  /** Whether the peer answers: `resume` was called. */
  readonly isAnswered: boolean
  /** Makes the pending session a ready one. False where there is no room: the slot stays as it is then. */
  promote: () => boolean
  /** Lets another dial have the room of a pending outbound session that is slow. It still counts as pending. */
  park: () => void
  /**
   * Says that the peer answers: the slot keeps its room, or takes that of a dial that still waits for an answer. False where there is
   * none. True where the slot was not parked.
   */
  resume: () => boolean
  /** Gives the slot back. */
  release: () => void
}

/** Who counts a slot. */
export type Kind = 'reserved' | 'blockOnly' | 'others'

/** What has become of a slot. */
export type Stage = 'pending' | 'parked' | 'ready' | 'released'

/** Sessions of one direction, and of one kind: with reserved peers, block-only ones, or all others. */
export interface Tally {
  pending: number
  /** Pending sessions whose room others may have. */
  parked: number
  ready: number
}

/** What a slot is counted as. */
export interface SlotKind {
  readonly direction: Direction
  readonly kind: Kind
  /** Whether it may be one beyond `maxOutbound`. */
  readonly isExtra: boolean
}

/** What the slots of a node count in. */
export interface Counts {
  readonly tallies: Record<Kind, Record<Direction, Tally>>
  /** The outbound slots whose peers have not answered yet, the oldest first. */
  readonly waiting: Readonly<Record<Kind, Set<CountedSlot>>>
  readonly hasPending: (slot: SlotKind) => boolean
  readonly hasReady: (kind: Kind) => boolean
}

/** A slot that counts itself. */
export class CountedSlot implements Slot, SlotKind {
  readonly direction: Direction
  readonly kind: Kind
  readonly isExtra: boolean
  readonly #counts: Counts
  #stage: Stage = 'pending'
  #isAnswered = false

  constructor (counts: Counts, { direction, kind, isExtra }: SlotKind) {
    this.direction = direction
    this.kind = kind
    this.isExtra = isExtra
    this.#counts = counts
    this.#tally.pending++

    if (this.#canPark) {
      this.#waiting.add(this)
    }
  }

  get isReserved (): boolean { return this.kind === 'reserved' }
  get isBlockOnly (): boolean { return this.kind === 'blockOnly' }
  get isAnswered (): boolean { return this.#isAnswered }

  park (): void {
    this.#waiting.delete(this)

    if (this.#stage === 'pending' && this.#canPark) {
      this.#stage = 'parked'
      this.#tally.pending--
      this.#tally.parked++
    }
  }

  resume (): boolean {
    this.#isAnswered = true
    this.#waiting.delete(this)

    if (this.#stage === 'parked' && !this.#counts.hasPending(this)) {
      // a peer that answers late is worth more than one that may never answer
      const [first] = this.#waiting
      first?.park()
    }

    if (this.#stage === 'parked' && this.#counts.hasPending(this)) {
      this.#stage = 'pending'
      this.#tally.parked--
      this.#tally.pending++
    }

    return this.#stage === 'pending' || this.#stage === 'ready'
  }

  promote (): boolean {
    if (!this.resume() || this.#stage !== 'pending' || (this.direction === 'inbound' && !this.#counts.hasReady(this.kind))) {
      return false
    }

    this.#stage = 'ready'
    this.#tally.pending--
    this.#tally.ready++

    return true
  }

  release (): void {
    this.#waiting.delete(this)

    if (this.#stage !== 'released') {
      this.#tally[this.#stage]--
    }

    this.#stage = 'released'
  }

  get #tally (): Tally { return this.#counts.tallies[this.kind][this.direction] }
  get #waiting (): Set<CountedSlot> { return this.#counts.waiting[this.kind] }
  get #canPark (): boolean { return this.direction === 'outbound' && this.kind !== 'reserved' }
}
