import type { Direction } from '../types/peer.ts'

/** How many sessions there may be. Those with reserved peers do not count. */
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
  /** Ready sessions that this node opened. */
  outbound: number
  /** Dials and handshakes under way, of either direction. */
  pending: number
  /** Ready sessions with reserved peers, of either direction. */
  reserved: number
}

/** Room for one session. `release` gives it back, and may be called more than once. */
export interface Slot {
  readonly direction: Direction
  /** Whether it is outside the limits. */
  readonly isReserved: boolean
  /** Makes the pending session a ready one. False where there is no room: the slot stays as it is then. */
  promote: () => boolean
  /** Lets another dial have the room of a pending outbound session that is slow. It still counts as pending. */
  park: () => void
  /** Takes the room back. False where another session has it. True where the slot was not parked. */
  resume: () => boolean
  /** Gives the slot back. */
  release: () => void
}

/**
 * Outbound sessions beyond `maxOutbound`, for a while, to try another peer.
 *
 * @remarks The node dials no further peer until one of its outbound sessions ends.
 */
export const MAX_EXTRA_OUTBOUND = 1

/** Handshakes under way that reserved peers have begun: far more than there can be such peers. */
export const MAX_PENDING_RESERVED = 512

type Stage = 'pending' | 'parked' | 'ready' | 'released'

/** Sessions of one direction, and of one kind: with reserved peers, or with all others. */
interface Tally {
  pending: number
  /** Pending sessions whose room others may have. */
  parked: number
  ready: number
}

/**
 * Counts all sessions. An outbound session has its slot from the dial on, so that there are never too many. An inbound one counts as a
 * half-open handshake until its handshake is done, so that unfinished handshakes keep no peer out. Reserved peers count apart: they find
 * room whatever is full, and take none away.
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

  /** How many ready sessions there may be at the same time, without those with reserved peers. */
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

  /** Takes a pending slot, or returns `undefined` where there is none. With `isExtra` it may be one beyond `maxOutbound`. */
  reserve (direction: Direction, options: { isReserved?: boolean, isExtra?: boolean } = {}): Slot | undefined {
    const { isReserved = false, isExtra = false } = options

    return this.#hasPending(direction, isReserved, isExtra) ? this.#take(direction, isReserved, isExtra) : undefined
  }

  /** Replaces the slot of an outbound session whose peer turns out to be reserved by one outside the limits. */
  exempt (slot: Slot): Slot {
    slot.release()

    return this.#take(slot.direction, true)
  }

  /**
   * A slot for a session that follows a ready one. It takes over the room of that one when it is promoted, and needs no room of its own
   * before.
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
      // it has no room of its own
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
