import type { Feature } from './features.ts'
import type { RateLimits } from './limits.ts'
import type { NodeInfo } from './message.ts'
import type { TrafficByType } from './traffic.ts'

/** Who opened the session's stream. */
export type Direction = 'inbound' | 'outbound'

/** Whether a session may move from its relay to a direct connection: the node is `'trying'`, or has `'failed'` and stays on the relay. */
export type UpgradeState = 'trying' | 'failed'

/** Where a session is in its life. */
export type SessionState = 'connecting' | 'handshaking' | 'ready' | 'closed'

/**
 * Another node, with which this one has a session. A live view: its values change while the session lasts, and stay as they were
 * when it ends.
 */
export interface Peer {
  /** The libp2p peer id, proven by the encrypted handshake. */
  readonly id: string
  /** The name that its operator gave the node. A claim, and empty until `ready`. */
  readonly nodeId: string
  /** Its software. A claim, and empty until `ready`. */
  readonly userAgent: string
  /** Who opened the session: `'inbound'` where the peer did. */
  readonly direction: Direction
  /** `'connecting'`, `'handshaking'`, `'ready'` while messages flow, or `'closed'`. */
  readonly state: SessionState
  /** The multiaddr of the remote end of the connection. */
  readonly address: string
  /** The version of the protocol that both sides speak in this session. 0 until `ready`. */
  readonly protocolVersion: number
  /** The features that the session uses: those that both sides offer. Empty until `ready`. */
  readonly features: readonly Feature[]
  /** Whether no transactions pass in this session, because this node or the peer wants none. `false` until `ready`. */
  readonly isBlockOnly: boolean
  /** The greatest height that the peer has shown or claimed to have. */
  readonly bestHeight: number
  /** The first block after genesis that the peer keeps, by its handshake. 0 where it keeps them all. */
  readonly lowestHeight: number
  /** Its whole handshake, once `ready`. */
  readonly info: NodeInfo | undefined
  /** The last measured round trip of a ping, in ms. */
  readonly rtt: number | undefined
  /** When the session became ready, in ms since the Unix epoch. */
  readonly readyAt: number | undefined
  /** Bytes received in this session, without what encryption adds. */
  readonly bytesIn: number
  /** Bytes handed to the stream in this session. */
  readonly bytesOut: number
  /** All that the node knows of the peer now, as plain values: `JSON.stringify` calls it. */
  readonly toJSON: () => PeerStatus
}

/**
 * What a node knows of a peer at one moment, as `peer.toJSON()` and `network.status()` tell it: plain values that `JSON.stringify`
 * takes. `null` stands for what is not known.
 */
export interface PeerStatus {
  /** The libp2p peer id. */
  id: string
  /** The name that its operator gave the node: a claim. */
  nodeId: string
  /** Its software: a claim. */
  userAgent: string
  /** Who opened the session. */
  direction: Direction
  /** Where the session is in its life. */
  state: SessionState
  /** The multiaddr of the remote end of the connection. */
  address: string
  /** The features that the session uses. */
  features: readonly Feature[]
  /** Its netgroup; `null` where its address is not public. */
  netgroup: string | null
  /** Whether the session goes through a relay. */
  isRelayed: boolean
  /**
   * What became of the tries to get a direct connection over WebRTC (`nat.webrtc`), while the session goes through a relay; `null` where
   * this node does not try.
   */
  upgrade: UpgradeState | null
  /** Whether it is one of `reservedPeers`. */
  isReserved: boolean
  /** Whether no transactions pass in this session, because this node or the peer wants none. */
  isBlockOnly: boolean
  /** The greatest height that it has shown or claimed. */
  bestHeight: number
  /** When the session became ready, in ms since the Unix epoch; `null` before. */
  readyAt: number | null
  /** The last measured round trip of a ping, in ms; `null` before the first. */
  rtt: number | null
  /** The shortest round trip of the session, in ms; `null` before the first. */
  leastRtt: number | null
  /** Bytes of this session, without what encryption adds. */
  bytes: { in: number, out: number }
  /** Whole messages of this session by type, handshakes included: those that came, and those that were handed to the stream. */
  messages: { in: TrafficByType, out: TrafficByType }
  /** Bytes in memory for it: received and not read yet, and queued to be sent. */
  waiting: { in: number, out: number }
  /** Requests of this node that it has not answered. */
  requests: number
  /** Its messages that are being handled. */
  handling: { messages: number, bytes: number }
  /** How much of each burst is used up: 0 for nothing, 1 for all of it, more while it is slowed. */
  rates: PeerRatesStatus
  /** What counts against it. */
  score: PeerScoreStatus
  /** What it was the first to bring. */
  useful: PeerUsefulStatus
  /** What the application's handlers have taken for it. */
  handlers: PeerHandlersStatus
}

/** How much a peer, and this node towards it, use of the rates. Those without a limit stay at 0. */
export interface PeerRatesStatus {
  /** What the peer sends. */
  in: Record<keyof RateLimits, number>
  /** What this node sends to it: of nine tenths of the same rates. */
  out: Record<'transactions' | 'blocks' | 'blocksAsked' | 'digests' | 'pings', number>
  /** For how long the node was to read nothing of it in all, in ms. */
  slowedMs: number
}

/** The score of a peer. */
export interface PeerScoreStatus {
  /** The score now: the session ends at 50, and the peer may be banned at 200. It outlasts the session. */
  value: number
  /** Offences in this session, by kind. */
  offences: Record<string, number>
}

/** What was new and good of a peer, in this session. */
export interface PeerUsefulStatus {
  /** Blocks that were accepted. */
  blocks: number
  /** Transactions that were accepted. */
  transactions: number
  /** How long ago the last such block came, in ms; `null` where none has. */
  lastBlockAgo: number | null
  /** How long ago the last such transaction came, in ms; `null` where none has. */
  lastTransactionAgo: number | null
}

/** The time that handlers of the application take for the messages of a peer, in this session. */
export interface PeerHandlersStatus {
  /** Calls that have ended. `requestBlockRange` is not counted: it goes at the pace of the peer. */
  calls: number
  /**
   * How long they took in all, in ms, by the wall clock: from the call to the end of its promise, with what it waits for. Of calls that
   * take less than 0.05 ms the node times one in 8, which counts for the others.
   */
  ms: number
}
