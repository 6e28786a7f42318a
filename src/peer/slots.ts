import type { Direction } from '../types/peer.ts'

/** How many sessions there may be. */
export interface SlotLimits {
  maxInbound: number
  maxOutbound: number
  /** Inbound sessions whose handshake is under way. */
  maxPendingHandshakes: number
}

/** How many sessions there are. */
export interface PeerCounts {
  /** Ready sessions that the peer opened. */
  inbound: number
  /** Ready sessions that we opened. */
  outbound: number
  /** Dials and handshakes under way, of either direction. */
  pending: number
}

/** A place for one session. Given back by `release`, which may be called more than once. */
export interface Slot {
  readonly direction: Direction
  /** Makes the pending session a ready one. False where there is no room; the slot stays pending then. */
  promote: () => boolean
  release: () => void
}

/**
 * The only place where sessions are counted. Outbound sessions have their place from the dial on, so that there are
 * never too many; inbound ones wait in a small room of their own until their handshake is done, so that unfinished
 * handshakes keep nobody out.
 */
export class Slots {
  readonly #limits: SlotLimits
  readonly #ready: Record<Direction, number> = { inbound: 0, outbound: 0 }
  readonly #pending: Record<Direction, number> = { inbound: 0, outbound: 0 }

  constructor (limits: SlotLimits) {
    this.#limits = limits
  }

  get counts (): PeerCounts {
    return {
      inbound: this.#ready.inbound,
      outbound: this.#ready.outbound,
      pending: this.#pending.inbound + this.#pending.outbound
    }
  }

  /** Whether a ready inbound session would find room. */
  get hasInbound (): boolean {
    return this.#ready.inbound < this.#limits.maxInbound
  }

  /** Takes a pending place, or returns `undefined` where there is none. */
  reserve (direction: Direction): Slot | undefined {
    if (!this.#hasPending(direction)) {
      return undefined
    }

    this.#pending[direction]++
    let stage: 'pending' | 'ready' | 'released' = 'pending'

    return {
      direction,
      promote: () => {
        if (stage !== 'pending' || (direction === 'inbound' && !this.hasInbound)) {
          return false
        }

        stage = 'ready'
        this.#pending[direction]--
        this.#ready[direction]++

        return true
      },
      release: () => {
        if (stage === 'pending') {
          this.#pending[direction]--
        } else if (stage === 'ready') {
          this.#ready[direction]--
        }

        stage = 'released'
      }
    }
  }

  /**
   * A place for the session that is to follow a ready one: it takes over the place of that one when it is promoted, and needs
   * no room of its own before.
   */
  succeed (predecessor: Slot): Slot {
    const { direction } = predecessor
    let stage: 'pending' | 'ready' | 'released' = 'pending'

    return {
      direction,
      promote: () => {
        predecessor.release()

        if (stage !== 'pending' || !(direction === 'inbound' ? this.hasInbound : this.#hasPending(direction))) {
          return false
        }

        stage = 'ready'
        this.#ready[direction]++

        return true
      },
      release: () => {
        if (stage === 'ready') {
          this.#ready[direction]--
        }

        stage = 'released'
      }
    }
  }

  #hasPending (direction: Direction): boolean {
    if (direction === 'inbound') {
      return this.#pending.inbound < this.#limits.maxPendingHandshakes
    }

    return this.#pending.outbound + this.#ready.outbound < this.#limits.maxOutbound
  }
}
