import type { Direction } from '../types/peer.ts'

/** How many sessions there may be. Reserved peers are outside of all of these. */
export interface SlotLimits {
  maxInbound: number
  maxOutbound: number
  /** Inbound sessions whose handshake is under way. */
  maxPendingHandshakes: number
}

/** How many sessions there are. Those with reserved peers are in `reserved` only, and no limit counts them. */
export interface PeerCounts {
  /** Ready sessions that the peer opened. */
  inbound: number
  /** Ready sessions that we opened. */
  outbound: number
  /** Dials and handshakes under way, of either direction. */
  pending: number
  /** Ready sessions with reserved peers, of either direction. */
  reserved: number
}

/** A place for one session. Given back by `release`, which may be called more than once. */
export interface Slot {
  readonly direction: Direction
  /** Whether it is outside of the limits. */
  readonly isReserved: boolean
  /** Makes the pending session a ready one. False where there is no room; the slot stays as it is then. */
  promote: () => boolean
  /** Lets others have the room of a pending outbound session that takes its time. It counts as pending still. */
  park: () => void
  /** Takes the room back. False where others have it; true where it was not given away. */
  resume: () => boolean
  release: () => void
}

/**
 * Outbound sessions beyond `maxOutbound`, for a while, to try another peer.
 *
 * @remarks The node dials no further peer until one of its outbound sessions ends.
 */
export const MAX_EXTRA_OUTBOUND = 1

/** Handshakes under way that reserved peers have begun: far more than there are such peers. */
export const MAX_PENDING_RESERVED = 512

type Stage = 'pending' | 'parked' | 'ready' | 'released'

/** Sessions of one direction, and of one kind: with reserved peers, or with all others. */
interface Tally {
  pending: number
  /** Pending ones whose room others may have. */
  parked: number
  ready: number
}

/**
 * The only place where sessions are counted. Outbound sessions have their place from the dial on, so that there are
 * never too many; inbound ones wait in a small room of their own until their handshake is done, so that unfinished
 * handshakes keep nobody out. Reserved peers are counted apart: they find room whatever is full, and take none away.
 */
export class Slots {
  readonly #limits: SlotLimits
  readonly #others: Record<Direction, Tally> = { inbound: newTally(), outbound: newTally() }
  readonly #reserved: Record<Direction, Tally> = { inbound: newTally(), outbound: newTally() }

  constructor (limits: SlotLimits) {
    this.#limits = limits
  }

  get counts (): PeerCounts {
    const { inbound, outbound } = this.#others

    return {
      inbound: inbound.ready,
      outbound: outbound.ready,
      pending: inbound.pending + outbound.pending + outbound.parked,
      reserved: this.#reserved.inbound.ready + this.#reserved.outbound.ready
    }
  }

  /** How many ready sessions there may be at the same time, those with reserved peers apart. */
  get mostReady (): number {
    return this.#limits.maxInbound + this.#limits.maxOutbound + MAX_EXTRA_OUTBOUND
  }

  /** Whether a ready inbound session would find room. */
  get hasInbound (): boolean {
    return this.#others.inbound.ready < this.#limits.maxInbound
  }

  /** Whether there is room for one more outbound session. */
  get hasOutbound (): boolean {
    return this.#hasPending('outbound', false)
  }

  /** Takes a pending place, or returns `undefined` where there is none. One that `isExtra` may be beyond `maxOutbound`. */
  reserve (direction: Direction, options: { isReserved?: boolean, isExtra?: boolean } = {}): Slot | undefined {
    const { isReserved = false, isExtra = false } = options

    return this.#hasPending(direction, isReserved, isExtra) ? this.#take(direction, isReserved, isExtra) : undefined
  }

  /** Gives back a place of an outbound session whose peer turned out to be reserved, for one outside of the limits. */
  exempt (slot: Slot): Slot {
    slot.release()

    return this.#take(slot.direction, true)
  }

  /**
   * A place for the session that is to follow a ready one: it takes over the place of that one when it is promoted, and needs
   * no room of its own before.
   */
  succeed (predecessor: Slot): Slot {
    const { direction, isReserved } = predecessor
    const tally = this.#tally(direction, isReserved)
    let stage: Stage = 'pending'

    return {
      direction,
      isReserved,
      promote: () => {
        predecessor.release()

        if (stage !== 'pending' || !(direction === 'inbound' ? this.#hasReady(isReserved) : this.#hasPending(direction, isReserved))) {
          return false
        }

        stage = 'ready'
        tally.ready++

        return true
      },
      // it takes no room of its own
      park: () => {},
      resume: () => true,
      release: () => {
        if (stage === 'ready') {
          tally.ready--
        }

        stage = 'released'
      }
    }
  }

  #take (direction: Direction, isReserved: boolean, isExtra = false): Slot {
    const tally = this.#tally(direction, isReserved)
    let stage: Stage = 'pending'
    tally.pending++

    const park = (): void => {
      if (stage === 'pending' && direction === 'outbound' && !isReserved) {
        stage = 'parked'
        tally.pending--
        tally.parked++
      }
    }

    const resume = (): boolean => {
      if (stage === 'parked' && this.#hasPending(direction, isReserved, isExtra)) {
        stage = 'pending'
        tally.parked--
        tally.pending++
      }

      return stage === 'pending' || stage === 'ready'
    }

    return {
      direction,
      isReserved,
      park,
      resume,
      promote: () => {
        if (!resume() || stage !== 'pending' || (direction === 'inbound' && !this.#hasReady(isReserved))) {
          return false
        }

        stage = 'ready'
        tally.pending--
        tally.ready++

        return true
      },
      release: () => {
        if (stage !== 'released') {
          tally[stage]--
        }

        stage = 'released'
      }
    }
  }

  #tally (direction: Direction, isReserved: boolean): Tally {
    return (isReserved ? this.#reserved : this.#others)[direction]
  }

  #hasReady (isReserved: boolean): boolean {
    return isReserved || this.hasInbound
  }

  #hasPending (direction: Direction, isReserved: boolean, isExtra = false): boolean {
    const { pending, ready } = this.#tally(direction, isReserved)

    if (direction === 'inbound') {
      return pending < (isReserved ? MAX_PENDING_RESERVED : this.#limits.maxPendingHandshakes)
    }

    const { maxOutbound } = this.#limits

    return isReserved || pending + ready < maxOutbound + (isExtra && maxOutbound > 0 ? MAX_EXTRA_OUTBOUND : 0)
  }
}

function newTally (): Tally {
  return { pending: 0, parked: 0, ready: 0 }
}
