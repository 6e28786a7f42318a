import type { Throttle } from '../../bandwidth/throttle.ts'
import type { CircuitLimits } from '../../session/circuit.ts'
import type { Penalties } from '../penalties/penalties.ts'
import type { Session } from '../../session/session.ts'
import type { Closure, SessionConfig } from '../../session/types.ts'
import type { SlotLimits } from '../slots.ts'
import type { Clock } from '../../util/clock.ts'
import type { Envelope } from '../../codec/envelope.ts'
import type { NodeInfo } from '../../types/message.ts'
import type { Location } from '../../address/location.ts'
import type { Logger, Stream } from '@libp2p/interface'

/** A peer id: as text for people and maps, and as the bytes that the tie-break compares. */
export interface PeerKey {
  id: string
  bytes: Uint8Array
}

/** A stream that has been opened, and to whom. */
export interface OpenStream {
  stream: Stream
  peer: PeerKey
  /** Multiaddr of the remote end. */
  address: string
  /** Whether what the stream brings is in memory that nobody else looks at. It is not unless so. */
  ownsMemory?: boolean
  /** What a relay lets through the connection, where it limits it. */
  limits?: CircuitLimits | undefined
}

/** What follows from sessions elsewhere. None of it may throw, apart from `onMessage`. */
export interface ManagerListener {
  /** Takes note of a session that is ready. */
  onReady: (session: Session) => void
  /** Called again and again while another circuit is to take the place of one that this node has opened. */
  onLow?: (session: Session) => void
  /** See `SessionHooks.onMessage`. */
  onMessage: (session: Session, envelope: Envelope) => Promise<void> | undefined
  /** `wasReady` is false where the session ended before it was ready. */
  onClosed: (session: Session, closure: Closure, wasReady: boolean) => void
}

/** Options of the session manager. */
export interface ManagerInit {
  local: PeerKey
  config: SessionConfig & SlotLimits & { dialTimeout: number, maxInboundPerHost: number }
  clock: Clock
  log: Logger
  /** Who is banned. */
  penalties: Penalties
  /** The caps that all sessions share. */
  throttle: Throttle
  /** Peer ids of reserved peers, which are let in whatever is full. */
  reserved: ReadonlySet<string>
  /** What this node says in the handshake to the peer at a multiaddr. */
  localNode: (address: string) => Promise<NodeInfo>
  /** What this node says in pings. */
  bestHeight: () => number
  /** The location of the peer at a multiaddr. May not throw. */
  locationOf: (address: string) => Location
  /** The host of an IP address, as in {@link Location}; `undefined` for what is no IP address. */
  hostOf: (ip: string) => string | undefined
}
