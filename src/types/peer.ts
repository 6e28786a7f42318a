import type { NodeInfo } from './node-info.ts'

/** Who opened the session's stream. */
export type Direction = 'inbound' | 'outbound'

/** Where a session is in its life. */
export type SessionState = 'connecting' | 'handshaking' | 'ready' | 'closed'

/**
 * A remote node that we have a session with. A live view: its values change while the session lasts, and stay as they
 * were when it ends.
 */
export interface Peer {
  /** The libp2p peer id, proven by the encrypted handshake. */
  readonly id: string
  /** The name the remote operator gave the node; a claim, empty until `ready`. */
  readonly nodeId: string
  /** The remote's software; a claim, empty until `ready`. */
  readonly userAgent: string
  /** Who opened the session. */
  readonly direction: Direction
  /** `ready` while messages flow. */
  readonly state: SessionState
  /** The multiaddr of the remote end of the connection. */
  readonly address: string
  /** The greatest height that the remote has shown or claimed to have. */
  readonly bestHeight: number
  /** The remote's handshake, once `ready`. */
  readonly info: NodeInfo | undefined
  /** Last measured round trip of a ping, in milliseconds. */
  readonly rtt: number | undefined
  /** When the session became ready, in milliseconds since the Unix epoch. */
  readonly readyAt: number | undefined
  /** Bytes received in this session, before decryption overhead. */
  readonly bytesIn: number
  /** Bytes handed to the stream in this session. */
  readonly bytesOut: number
}
