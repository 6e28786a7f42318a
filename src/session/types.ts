import type { Throttle } from '../bandwidth/throttle.ts'
import type { CircuitLimits } from './circuit.ts'
import type { Refusal } from './handshake.ts'
import type { Clock } from '../util/clock.ts'
import type { Envelope } from '../codec/envelope.ts'
import type { Limits, RateLimits } from '../types/limits.ts'
import type { DisconnectReason, NodeInfo } from '../types/message.ts'
import type { Direction } from '../types/peer.ts'
import type { Location } from '../address/location.ts'
import type { Logger, Stream } from '@libp2p/interface'

/** How a session ended. */
export interface Closure {
  /** What was said to the peer, or by it; `undefined` where the connection just broke. */
  reason: DisconnectReason | undefined
  /** For people to read; at most 256 bytes. Chosen by the peer where `byRemote` is true. */
  detail: string
  /** True when the peer ended it, or the connection broke. */
  byRemote: boolean
}

/**
 * Whether a session may be: `ready`, not at all, or `replaced` where another session with the same peer stays instead.
 * The peer may not know that yet: what it has sent through this one meanwhile is still read.
 */
export type AdmissionAnswer = Refusal | 'ready' | 'replaced'

/** The limits of a session; all times in ms. */
export interface SessionConfig {
  maxFrameBytes: number
  handshakeTimeout: number
  frameTimeout: number
  pingInterval: number
  pingTimeout: number
  requestTimeout: number
  sendTimeout: number
  rateLimits: RateLimits
  limits: Pick<Limits, 'outboxSoftBytes' | 'outboxHardBytes'>
}

/** What a session asks of and tells to its owner. */
export interface SessionHooks {
  /** What we say in the handshake. */
  localNode: () => Promise<NodeInfo>
  /** What we say in pings. */
  bestHeight: () => number
  /** Asked when the remote's handshake is found good, right before the session is ready. */
  admit: () => AdmissionAnswer
  onReady: () => void
  /** See {@link CircuitInit.onLow}. */
  onLow?: () => void
  /** Called when the peer has done what the protocol forbids, before the session is ended for it. */
  onViolation: (detail: string) => void
  /** Every message that came while ready. What it returns, if anything, settles when the message is dealt with and never rejects. */
  onMessage: (envelope: Envelope) => Promise<void> | undefined
  /** Called exactly once. */
  onClosed: (closure: Closure) => void
}

/** What {@link Session} is made with. */
export interface SessionInit {
  stream: Stream
  /** Whether what the stream brings is in memory that nobody else looks at: it is given back when it was read. It is not unless so. */
  ownsMemory?: boolean
  /** What a relay lets through the connection, as long as it lasts. */
  limits?: CircuitLimits | undefined
  id: string
  address: string
  location: Location
  direction: Direction
  config: SessionConfig
  clock: Clock
  log: Logger
  /** The caps that all sessions share. */
  throttle: Throttle
  hooks: SessionHooks
}
