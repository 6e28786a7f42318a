import type { Throttle } from '../../bandwidth/throttle.ts'
import type { CircuitLimits } from '../../session/circuit.ts'
import type { Penalties } from '../penalties/penalties.ts'
import type { ForkSchedule } from '../../session/fork-schedule.ts'
import type { TrafficTotals } from '../../session/record.ts'
import type { Session } from '../../session/session.ts'
import type { Closure, SessionConfig, SessionMeters } from '../../session/types.ts'
import type { PeerCounts, SlotLimits } from '../slots.ts'
import type { Ban } from '../../types/ban.ts'
import type { Direction, Peer, PeerStatus, UpgradeState } from '../../types/peer.ts'
import type { Chance } from '../../util/chance.ts'
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

/** A stream that is open, and its peer. */
export interface OpenStream {
  stream: Stream
  peer: PeerKey
  /** Multiaddr of the remote end. */
  address: string
  /** See {@link SessionInit.ownsMemory}. */
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

/** What measures sessions. None of it may throw. */
export interface ManagerMeters extends SessionMeters {
  /** Takes note of a session that is ready, so many ms after its stream was opened. */
  readied: (direction: Direction, ms: number) => void
}

/** Options of the session manager. */
export interface ManagerInit {
  local: PeerKey
  config: SessionConfig & SlotLimits & { dialTimeout: number, maxInboundPerHost: number }
  /** The forks that peers are compared with. Absent: none are compared. */
  forks?: ForkSchedule | undefined
  clock: Clock
  chance: Chance
  log: Logger
  /** Who is banned. */
  penalties: Penalties
  /** The caps that all sessions share. */
  throttle: Throttle
  /** What all sessions count together. */
  totals?: TrafficTotals
  meters?: ManagerMeters | undefined
  /** Peer ids of reserved peers, which are let in whatever is full. */
  reserved: ReadonlySet<string>
  /** What this node says in the handshake to the peer at a multiaddr. */
  localNode: (address: string) => Promise<NodeInfo>
  /** What this node says in pings. */
  bestHeight: () => number
  /** Whether the node tries to get a direct connection to a peer that it has reached through a relay. */
  upgradeOf?: ((id: string) => UpgradeState | undefined) | undefined
  /** The location of the peer at a multiaddr. May not throw. */
  locationOf: (address: string) => Location
  /** The host of an IP address, as in {@link Location}; `undefined` for what is no IP address. */
  hostOf: (ip: string) => string | undefined
}

/** The peers of a node, as the application sees them. To iterate gives those with a ready session. */
export interface PeerManager extends Iterable<Peer> {
  /** How many sessions there are. */
  readonly counts: PeerCounts

  /** The ready peer with this libp2p peer id. */
  get (id: string): Peer | undefined

  /** Ends the session with a peer, which is told `SHUTDOWN` and `detail`. False where there is none. */
  disconnect (id: string, detail?: string): boolean

  /** The bans that hold now, the one that ends first first. */
  readonly bans: Ban[]

  /**
   * Keeps out a peer, by its libp2p peer id, or all peers at an IP address or in the /64 of an IPv6 one, and ends their sessions.
   * It lasts for `duration` ms, which may be `Infinity`; without it for `banDuration`. It holds for seeds and reserved peers too.
   * Throws a `ConfigError` for a duration that is not a number above 0, and for what is neither a peer id of another node, an IP address,
   * nor a /64 as {@link bans} lists it. One for an address of loopback too: a ban of it would keep out no peer.
   */
  ban (subject: string, options?: { duration?: number, reason?: string }): void

  /** Ends the ban of a peer or host, forgets its offences, and dials its peers without a pause. False where there was no ban. */
  unban (subject: string): boolean

  /** Whether a peer or a host is banned now. */
  isBanned (subject: string): boolean

  /** All that the node knows of the ready peers now, as plain values: `JSON.stringify` calls it. */
  toJSON (): PeerStatus[]
}
