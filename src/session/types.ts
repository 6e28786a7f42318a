import type { Throttle } from '../bandwidth/throttle.ts'
import type { CircuitLimits } from './circuit.ts'
import type { ForkSchedule } from './fork-schedule.ts'
import type { TrafficTotals } from './record.ts'
import type { Refusal } from './handshake.ts'
import type { Standing } from './status.ts'
import type { RateName } from './limits/rate-limits.ts'
import type { ReadingTurns } from './read/reading-turns.ts'
import type { RequestMeters } from './requests.ts'
import type { Chance } from '../util/chance.ts'
import type { Clock } from '../util/clock.ts'
import type { Envelope } from '../codec/envelope.ts'
import type { Limits, RateLimits } from '../types/limits.ts'
import type { DisconnectReason, NodeInfo } from '../types/message.ts'
import type { Direction } from '../types/peer.ts'
import type { Location } from '../address/location.ts'
import type { Logger, Stream } from '@libp2p/interface'

/** How a session ended. */
export interface Closure {
  /** What the node told the peer, or the peer told it; `undefined` where the connection just broke. */
  reason: DisconnectReason | undefined
  /** For people to read; at most 256 bytes. Chosen by the peer where `byRemote` is true. */
  detail: string
  /** True when the peer ended it, or the connection broke. */
  byRemote: boolean
}

/**
 * Whether a session becomes `ready`, is refused, or is `replaced` because another session with the same peer stays instead. The peer may
 * not know that yet: the node still reads what the peer has sent through this one.
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

/** What a session asks its owner, and tells it. All sessions of an owner share one of these. */
export interface SessionHooks<Session = unknown> {
  /** What this node says of itself in the handshake. */
  localNode: (session: Session) => Promise<NodeInfo>
  /** The height that this node tells in pings. */
  bestHeight: () => number
  /** Asked when the handshake of the peer is good, right before the session is ready. */
  admit: (session: Session) => AdmissionAnswer
  onReady: (session: Session) => void
  /** What else the node knows of the peer, for its status. */
  standing?: (session: Session) => Standing
  /** See {@link CircuitInit.onLow}. */
  onLow?: (session: Session) => void
  /** Called when the peer has done what the protocol forbids, before the session ends for it. */
  onViolation: (detail: string, session: Session) => void
  /** Takes every message of a ready session. What it returns, if anything, settles when the message is handled, and never rejects. */
  onMessage: (envelope: Envelope, session: Session) => Promise<void> | undefined
  /** Called exactly once. */
  onClosed: (closure: Closure, session: Session) => void
}

/** What measures sessions. None of it may throw. */
export interface SessionMeters extends RequestMeters {
  /** Takes note of a message that is over a limit. */
  exceeded: (limit: RateName) => void
}

/** Options of a session. */
export interface SessionInit<Session = never> {
  stream: Stream
  /** Whether only this session reads the memory that the stream brings: it is then freed at once. `false` by default. */
  ownsMemory?: boolean
  /** What a relay lets through the connection. */
  limits?: CircuitLimits | undefined
  id: string
  address: string
  location: Location
  direction: Direction
  config: SessionConfig
  /** Absent: the forks of peers are not compared. */
  forks?: ForkSchedule | undefined
  clock: Clock
  chance: Chance
  log: Logger
  /** The caps that all sessions share. */
  throttle: Throttle
  /** The time in which the node reads, which all sessions share. */
  reading: ReadingTurns
  /** What all sessions count together. */
  totals?: TrafficTotals
  /**
   * Whether it is to take the place of another session with the peer, which this node gives up when this one is ready. So it waits until
   * the peer has accepted it, and is not ready before: see {@link Session.confirm}.
   */
  isSuccessor?: boolean
  hooks: SessionHooks<Session>
  meters?: SessionMeters | undefined
}
