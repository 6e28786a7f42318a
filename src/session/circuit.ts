import { systemClock } from '../util/clock.ts'
import type { Clock } from '../util/clock.ts'
import type { DisconnectReason } from '../types/message.ts'
import type { Direction } from '../types/peer.ts'

/** How often the node looks at what is left of a circuit through a relay. */
export const CIRCUIT_CHECK_MS = 250

/** The bytes of a circuit that are kept for pings and the last message. */
export const CIRCUIT_RESERVE_BYTES: number = 4 * 1024

/** The share of a circuit that encryption and multiplexing take at most. */
const OVERHEAD_SHARE = 0.03

/** Below this share of the bytes or time of a circuit, the node makes another one. */
export const CIRCUIT_LOW_SHARE = 0.25

/** The node makes another circuit no earlier than this before the end of one. */
export const CIRCUIT_LOW_MS = 20_000

/** The node ends a session gracefully when its circuit has this much time left. */
export const CIRCUIT_LAST_MS = 2000

/** How long the opener of a circuit may take to open another one that something waits for. */
export const CIRCUIT_PATIENCE_MS = 3000

/** The opener of a circuit that carried less than this does not open another one at once. */
export const MIN_CIRCUIT_BYTES: number = 16 * 1024

/**
 * What a relay still lets through a connection, as libp2p tells both ends: bytes of both directions together, and time. `undefined` means
 * no limit.
 */
export interface CircuitLimits {
  readonly bytes?: bigint
  readonly seconds?: number
}

/** Options of {@link Circuit}. */
export interface CircuitInit {
  limits: CircuitLimits | undefined
  clock: Clock
  direction: Direction
  /** Bytes that wait to be sent. */
  queued: () => number
  /** Called again and again while another circuit should replace this one, which the node has opened. */
  onLow: () => void
  /** Called when the session has to end. */
  onUsedUp: () => void
}

/**
 * What a session may still send and receive where a relay limits its connection. A connection without a limit has endless room, and never
 * ends by itself.
 */
export class Circuit {
  readonly #init: CircuitInit
  readonly #isLimited: boolean
  #capacity = Infinity
  #lowSeconds = 0
  #timer: unknown
  /** Since when something waits for more room, by the clock. */
  #wantedSince: number | undefined
  #isUsedUp = false

  constructor (init: CircuitInit) {
    this.#init = init
    this.#isLimited = init.limits?.bytes != null || init.limits?.seconds != null
  }

  /** Whether a relay limits it. */
  get isLimited (): boolean { return this.#isLimited }

  /** Bytes that can still be sent or received. */
  get room (): number {
    const bytes = this.#init.limits?.bytes

    return bytes == null ? Infinity : (Number(bytes) - this.#init.queued()) * (1 - OVERHEAD_SHARE) - CIRCUIT_RESERVE_BYTES
  }

  /** {@link room} as it was when the session was ready: what another circuit can be expected to carry. */
  get capacity (): number { return this.#capacity }

  /** Whether another circuit should replace it: little is left, or a message waits for more. */
  get isLow (): boolean { return this.#wantedSince != null || this.#isRunningOut }

  /**
   * Whether another circuit is worth opening at once, where the session has ended gracefully. It is not where the relay has cut this
   * one.
   */
  get isWorthAnother (): boolean {
    return this.isLow && this.#capacity >= MIN_CIRCUIT_BYTES && this.#init.limits?.bytes !== 0n
  }

  /** Whether the session has ended because nothing more goes through it. */
  get isUsedUp (): boolean { return this.#isUsedUp }

  /** Begins to watch it, when the session is ready. */
  start (): void {
    if (this.#isLimited) {
      this.#capacity = this.room
      this.#lowSeconds = Math.min(CIRCUIT_LOW_MS / 1000, CIRCUIT_LOW_SHARE * (this.#init.limits?.seconds ?? Infinity))
      this.#watch()
    }
  }

  stop (): void {
    this.#init.clock.clearTimeout(this.#timer)
  }

  /**
   * Whether so many bytes fit. Where they would fit into another circuit, the opener of this one opens it. The other end gives it time for
   * that, and then ends the session.
   */
  fits (bytes: number): boolean {
    const fits = bytes <= this.room

    if (!fits && bytes <= this.#capacity && this.#wantedSince == null) {
      this.#wantedSince = this.#init.clock.now()
      this.#renew()
    }

    return fits
  }

  get #isRunningOut (): boolean {
    return this.#isLimited &&
      (this.room < CIRCUIT_LOW_SHARE * this.#capacity || (this.#init.limits?.seconds ?? Infinity) < this.#lowSeconds)
  }

  #watch (): void {
    this.#timer = this.#init.clock.setTimeout(() => {
      this.#watch()
      this.#check()
    }, CIRCUIT_CHECK_MS)
  }

  #check (): void {
    const { limits, clock, direction, onUsedUp } = this.#init
    // the opener sees that the circuit runs out, and does not see what waits here
    const patience = this.#isRunningOut ? CIRCUIT_PATIENCE_MS : 0
    const isDue = direction === 'inbound' && this.#wantedSince != null && clock.now() - this.#wantedSince >= patience

    // before the relay cuts it in the middle of a message, or where it has done so without a word
    if (isDue || this.room <= 0 || (limits?.seconds ?? Infinity) <= CIRCUIT_LAST_MS / 1000) {
      this.#isUsedUp = true
      onUsedUp()
    } else if (this.isLow) {
      this.#renew()
    }
  }

  #renew (): void {
    if (this.#init.direction === 'outbound') {
      this.#init.onLow()
    }
  }
}

/** The session of a circuit. */
export interface CircuitSession {
  readonly direction: Direction
  readonly bufferedBytes: { out: number }
  close: (reason: DisconnectReason, detail: string) => void
}

/** The options of a session that {@link createCircuit} needs. */
export interface CircuitParts<Session> extends Pick<CircuitInit, 'clock'> {
  limits?: CircuitLimits | undefined
  stream: { readonly writeBufferLength: number }
  hooks: { onLow?: (session: Session) => void }
}

/** What is left of the connection of a session. Sessions without a limit share one: there is nothing to count. */
export function createCircuit<Session extends CircuitSession> (
  session: Session, { limits, clock, stream, hooks }: CircuitParts<Session>
): Circuit {
  return limits?.bytes == null && limits?.seconds == null
    ? UNLIMITED
    : new Circuit({
        limits,
        clock,
        direction: session.direction,
        queued: () => session.bufferedBytes.out + stream.writeBufferLength,
        onLow: () => { hooks.onLow?.(session) },
        onUsedUp: () => { session.close('SHUTDOWN', 'the connection through the relay is used up') }
      })
}

/** The circuit of a peer without limits. */
const UNLIMITED = new Circuit({
  limits: undefined, clock: systemClock, direction: 'inbound', queued: () => 0, onLow: () => {}, onUsedUp: () => {}
})

/** What a relay lets through to and from a peer. */
export function circuitOf (peer: { readonly id: string, readonly circuit?: Circuit }): Circuit {
  return peer.circuit ?? UNLIMITED
}

/** Whether another session with the same peer follows: it replaces this one, or the circuit of this one is used up. */
export function isFollowed (
  peer: { readonly id: string, readonly circuit?: Circuit }, { reason }: { readonly reason: DisconnectReason | undefined }
): boolean {
  return reason === 'DUPLICATE_CONNECTION' || (reason === 'SHUTDOWN' && circuitOf(peer).isWorthAnother)
}
