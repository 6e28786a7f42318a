import type { TrafficClass } from './traffic-class.ts'

/** The share of one session in a `FairShare`. */
export interface Lane {
  /** Whether there is a cap. Without one, the session need not ask. */
  readonly isLimited: boolean
  /** Whether it waits for a turn. */
  readonly isWaiting: boolean
  /** The most that passes in one turn, in bytes, at least 1. */
  readonly turnBytes: number
  /** Asks for a turn for this traffic class. It may come before this returns. */
  wait (kind: TrafficClass): void
  /** Takes note of bytes that passed without a turn. */
  charge (bytes: number): void
  /** Leaves. No turn comes any more. */
  close (): void
}

/** Called in the turn of a lane: see `FairShare.open`. */
export type OnTurn = (maxBytes: number, kind: TrafficClass) => number

/** What a {@link LazyLane} has of the share that it is a lane of. */
export interface LaneOwner<Entry> {
  isLimited (): boolean
  turnBytes (): number
  enter (onTurn: OnTurn): Entry
  wait (entry: Entry, kind: TrafficClass): void
  charge (entry: Entry, bytes: number): void
  close (entry: Entry): void
}

/** A lane of which nothing is counted until it first waits or is charged: without a cap, it never is. */
export class LazyLane<Entry extends { readonly isWaiting: boolean }> implements Lane {
  readonly #owner: LaneOwner<Entry>
  readonly #onTurn: OnTurn
  #entry: Entry | undefined
  #isClosed = false

  constructor (owner: LaneOwner<Entry>, onTurn: OnTurn) {
    this.#owner = owner
    this.#onTurn = onTurn
  }

  get isLimited (): boolean { return this.#owner.isLimited() }

  get isWaiting (): boolean { return this.#entry?.isWaiting === true }

  get turnBytes (): number { return this.#owner.turnBytes() }

  wait (kind: TrafficClass): void {
    if (!this.#isClosed) {
      this.#owner.wait(this.#counted, kind)
    }
  }

  charge (bytes: number): void {
    if (!this.#isClosed) {
      this.#owner.charge(this.#counted, bytes)
    }
  }

  close (): void {
    this.#isClosed = true

    if (this.#entry != null) {
      this.#owner.close(this.#entry)
    }
  }

  get #counted (): Entry { return this.#entry ??= this.#owner.enter(this.#onTurn) }
}
