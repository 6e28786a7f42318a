import type { NodeInfo } from './message.ts'

/** Who opened the session's stream. */
export type Direction = 'inbound' | 'outbound'

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
}
