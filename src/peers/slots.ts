import { CountedSlot } from './slot.ts'
import type { Counts, Kind, Slot, Stage, Tally } from './slot.ts'
import type { Direction } from '../types/peer.ts'

export type { Slot } from './slot.ts'

/** How many sessions there may be. Those with reserved peers do not count. */
export interface SlotLimits {
  maxInbound: number
  maxOutbound: number
  /** Sessions that this node opens and in which it wants no transactions, beside `maxOutbound`. */
  maxBlockOnly: number
  /** Inbound sessions whose handshake is under way. */
  maxPendingHandshakes: number
}

/** How many sessions there are. Those with reserved peers are in `reserved` only, and no limit counts them. */
export interface PeerCounts {
  /** Ready sessions that the peer opened. */
  inbound: number
  /** Ready sessions that this node opened, without the block-only ones. */
  outbound: number
  /** Ready sessions that this node opened and in which it wants no transactions. */
  blockOnly: number
  /** Dials and handshakes under way, of either direction. */
  pending: number
  /** Ready sessions with reserved peers, of either direction. */
  reserved: number
}

/**
 * Outbound sessions beyond `maxOutbound`, for a while, to try another peer.
 *
 * @remarks The node dials no further peer until one of its outbound sessions ends.
 */
export const MAX_EXTRA_OUTBOUND = 1

/** Handshakes under way that reserved peers have begun: far more than there can be such peers. */
export const MAX_PENDING_RESERVED = 512

/** What a slot is to be like. */
export interface SlotOptions {
  /** Whether it is for a reserved peer. `false` by default. */
  isReserved?: boolean
  /** Whether it may be one beyond `maxOutbound`. `false` by default. */
  isExtra?: boolean
  /** Whether it is for a block-only session. `false` by default. */
  isBlockOnly?: boolean
}

/**
 * Counts all sessions. An outbound session has its slot from the dial on, so that there are never too many. An inbound one counts as a
 * half-open handshake until its handshake is done, so that unfinished handshakes keep no peer out. Reserved peers count apart: they find
 * room whatever is full, and take none away.
 */
export class Slots {
  readonly #limits: SlotLimits
  readonly #tallies: Record<Kind, Record<Direction, Tally>> = { others: newTallies(), reserved: newTallies(), blockOnly: newTallies() }
  /** What all slots share. */
  readonly #counts: Counts = {
    tallies: this.#tallies,
    waiting: { others: new Set(), reserved: new Set(), blockOnly: new Set() },
    hasPending: ({ direction, kind, isExtra }) => this.#hasPending(direction, kind, isExtra),
    hasReady: (kind) => this.#hasReady(kind)
  }

  constructor (limits: SlotLimits) {
    this.#limits = limits
  }

  get counts (): PeerCounts {
    const { others: { inbound, outbound }, blockOnly: { outbound: blockOnly }, reserved } = this.#tallies

    return {
      inbound: inbound.ready,
      outbound: outbound.ready,
      blockOnly: blockOnly.ready,
      pending: inbound.pending + outbound.pending + outbound.parked + blockOnly.pending + blockOnly.parked,
      reserved: reserved.inbound.ready + reserved.outbound.ready
    }
  }

  /** How many ready sessions there may be at the same time, without those with reserved peers. */
  get mostReady (): number {
    const { maxInbound, maxOutbound, maxBlockOnly } = this.#limits

    return maxInbound + maxOutbound + maxBlockOnly + MAX_EXTRA_OUTBOUND
  }

  /** Whether a ready inbound session would find room. */
  get hasInbound (): boolean {
    return this.#tallies.others.inbound.ready < this.#limits.maxInbound
  }

  /** Whether there is room for one more outbound session that is not block-only. */
  get hasOutbound (): boolean {
    return this.#hasPending('outbound', 'others')
  }

  /** Whether there is room for one more block-only session. */
  get hasBlockOnly (): boolean {
    return this.#hasPending('outbound', 'blockOnly')
  }

  /** Takes a pending slot, or returns `undefined` where there is none. */
  reserve (direction: Direction, { isReserved = false, isBlockOnly = false, isExtra = false }: SlotOptions = {}): Slot | undefined {
    const kind = kindOf({ isReserved, isBlockOnly })

    return this.#hasPending(direction, kind, isExtra) ? this.#take(direction, kind, isExtra) : undefined
  }

  /** Replaces the slot of an outbound session whose peer turns out to be reserved by one outside the limits. */
  exempt (slot: Slot): Slot {
    slot.release()

    return this.#take(slot.direction, 'reserved')
  }

  /**
   * A slot for a session that follows a ready one. It takes over the room of that one when it is promoted, and needs no room of its own
   * before.
   */
  succeed (predecessor: Slot): Slot {
    const { direction, isReserved, isBlockOnly } = predecessor
    const kind = kindOf(predecessor)
    const tally = this.#tallies[kind][direction]
    let stage: Stage = 'pending'

    return {
      direction,
      isReserved,
      isBlockOnly,
      isAnswered: true,
      promote: () => {
        predecessor.release()

        if (stage !== 'pending' || !(direction === 'inbound' ? this.#hasReady(kind) : this.#hasPending(direction, kind))) {
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

  #take (direction: Direction, kind: Kind, isExtra = false): Slot {
    return new CountedSlot(this.#counts, { direction, kind, isExtra })
  }

  #hasReady (kind: Kind): boolean {
    return kind === 'reserved' || this.hasInbound
  }

  #hasPending (direction: Direction, kind: Kind, isExtra = false): boolean {
    const { pending, ready } = this.#tallies[kind][direction]
    const { maxOutbound, maxBlockOnly, maxPendingHandshakes } = this.#limits

    if (direction === 'inbound') {
      return pending < (kind === 'reserved' ? MAX_PENDING_RESERVED : maxPendingHandshakes)
    }

    const most = kind === 'blockOnly' ? maxBlockOnly : maxOutbound + (isExtra && maxOutbound > 0 ? MAX_EXTRA_OUTBOUND : 0)

    return kind === 'reserved' || pending + ready < most
  }
}

function kindOf ({ isReserved, isBlockOnly }: { isReserved: boolean, isBlockOnly: boolean }): Kind {
  return isReserved ? 'reserved' : isBlockOnly ? 'blockOnly' : 'others'
}

function newTallies (): Record<Direction, Tally> {
  return { inbound: newTally(), outbound: newTally() }
}

function newTally (): Tally {
  return { pending: 0, parked: 0, ready: 0 }
}
