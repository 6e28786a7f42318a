import { hasRoomForHost } from '../address/host-limits.ts'
import { pickEviction } from './eviction.ts'
import { HalfOpenHandshakes } from './half-open.ts'
import type { Refusal } from '../session/handshake.ts'
import type { EvictionCandidate } from './eviction.ts'
import type { Slot, Slots } from './slots.ts'
import type { Chance } from '../util/chance.ts'
import type { Clock } from '../util/clock.ts'
import type { DisconnectReason } from '../types/message.ts'
import type { Location } from '../address/location.ts'
import type { Direction } from '../types/peer.ts'

/** What of an inbound session matters for admission. */
export interface InboundSession extends Omit<EvictionCandidate<unknown>, 'session' | 'isReserved' | keyof Location> {
  readonly id: string
  readonly location: Location
  /** Ends the session and gives its slot back before it returns. */
  close: (reason: DisconnectReason, detail?: string) => void
}

/** A peer that asks for a session. */
export type InboundPeer = Pick<InboundSession, 'id' | 'location'>

/** The slot for the handshake of a peer, and the refusal where the node ends the session at once. */
export interface InboundDecision {
  /** The session has it until it has ended, also where the node refuses it. `undefined` where there is none. */
  slot: Slot | undefined
  refusal: Refusal | undefined
}

/** Options of {@link Admission}. */
export interface AdmissionInit {
  /** The peer id of this node. */
  localId: string
  slots: Slots
  clock: Clock
  chance: Chance
  config: { maxInbound: number, maxInboundPerHost: number }
  /** The ready sessions that peers have opened. */
  ready: () => Iterable<InboundSession>
  /** The ready session with a peer, whichever side has opened it. */
  get: (id: string) => { readonly direction: Direction } | undefined
  isReserved: (id: string) => boolean
  isBanned: (peer: InboundPeer) => boolean
}

/** What the node tells a peer whose session makes room. */
const MADE_ROOM = 'others need the room'

/**
 * Decides which inbound sessions the node refuses, which get a slot, and which make room for them. Reserved peers always get a slot, and no
 * session has to go for them.
 */
export class Admission {
  readonly #init: AdmissionInit
  readonly #halfOpen: HalfOpenHandshakes<InboundSession>
  readonly #secret: Uint32Array

  constructor (init: AdmissionInit) {
    this.#init = init
    this.#secret = init.chance.fill(new Uint32Array(2))
    this.#halfOpen = new HalfOpenHandshakes({ clock: init.clock })
  }

  /** Decides on a stream that a peer has opened: whether the node refuses it, and in which slot its handshake begins. */
  decide (peer: InboundPeer): InboundDecision {
    const refusal = this.#refuseIdentity(peer)

    if (refusal != null) {
      return { slot: undefined, refusal }
    }

    const slot = this.reserve(peer)
    // a second stream of the peer replaces the first, and needs room on its host alone. One that comes while this node dials the peer needs
    // a slot too: the node refuses it before it is ready at the other side, which would give up the dialled one for it
    const isAdmitted = slot != null && (this.#hasSession(peer) ? this.hasRoomForHost(peer) : this.admits(peer))

    return { slot, refusal: isAdmitted ? undefined : { reason: 'TOO_MANY_CONNECTIONS', detail: '' } }
  }

  /**
   * A slot for a handshake that a peer begins, or `undefined` where there is none. It ends another handshake where that makes room.
   */
  reserve ({ id, location }: InboundPeer): Slot | undefined {
    const { slots, isReserved } = this.#init

    if (isReserved(id)) {
      return slots.reserve('inbound', { isReserved: true })
    }

    if (!this.#halfOpen.hasRoomFor(location)) {
      return undefined
    }

    const slot = slots.reserve('inbound')

    if (slot != null) {
      return slot
    }

    this.#halfOpen.pick(location)?.close('TOO_MANY_CONNECTIONS', MADE_ROOM)

    return slots.reserve('inbound')
  }

  /** Takes note of a handshake that has begun. */
  onBegun (session: InboundSession): void {
    if (!this.#init.isReserved(session.id)) {
      this.#halfOpen.add(session, session.location)
    }
  }

  /** Takes note that a handshake is done, or has failed. Does nothing for a session without one under way. */
  onEnded (session: InboundSession): void {
    this.#halfOpen.delete(session)
  }

  /** Whether a peer would get a slot, were its handshake done. */
  admits (peer: InboundPeer): boolean {
    const { slots, isReserved } = this.#init

    return isReserved(peer.id) || (this.hasRoomForHost(peer) && (slots.hasInbound || this.#pickEviction(peer) != null))
  }

  /** Whether the host of a peer may have one more session. */
  hasRoomForHost ({ id, location }: InboundPeer): boolean {
    const { config, isReserved } = this.#init

    return isReserved(id) || hasRoomForHost(location, this.#otherLocations(id), config.maxInboundPerHost)
  }

  /** Makes room for a peer whose handshake is done, and evicts another session where it has to. False where there is no room. */
  makeRoom (peer: InboundPeer): boolean {
    const isAdmitted = this.admits(peer)

    if (isAdmitted && !this.#init.slots.hasInbound && !this.#init.isReserved(peer.id)) {
      this.#pickEviction(peer)?.close('TOO_MANY_CONNECTIONS', MADE_ROOM)
    }

    return isAdmitted
  }

  #refuseIdentity (peer: InboundPeer): Refusal | undefined {
    if (peer.id === this.#init.localId) {
      return { reason: 'DUPLICATE_CONNECTION', detail: 'this is you' }
    }

    return this.#init.isBanned(peer) ? { reason: 'BANNED', detail: '' } : undefined
  }

  /** Whether there is a ready session that this peer has opened. */
  #hasSession ({ id }: InboundPeer): boolean {
    return this.#init.get(id)?.direction === 'inbound'
  }

  /** Those of the ready sessions of other peers that count. */
  * #otherLocations (id: string): Generator<Location, void> {
    const { ready, isReserved } = this.#init

    for (const other of ready()) {
      if (other.id !== id && !isReserved(other.id)) {
        yield other.location
      }
    }
  }

  #pickEviction ({ location }: InboundPeer): InboundSession | undefined {
    const { ready, config: { maxInbound }, isReserved } = this.#init
    const candidates = Array.from(ready(), (session) => ({
      session,
      ...session.location,
      rtt: session.rtt,
      lastUsefulBlockAt: session.lastUsefulBlockAt,
      lastUsefulTransactionAt: session.lastUsefulTransactionAt,
      readyFor: session.readyFor,
      isReserved: isReserved(session.id)
    }))

    return pickEviction(candidates, { maxInbound, secret: this.#secret, newcomer: location })
  }
}
