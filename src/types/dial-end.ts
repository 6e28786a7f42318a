/** A dial that has ended, by the node itself or by `connect`. Times are in ms since the Unix epoch. */
export interface DialEnd {
  /** The libp2p peer id of the target, or the address of a seed. */
  target: string
  /** Multiaddrs that were tried. */
  addresses: string[]
  /** `ready` with a session, `refused` by either side, or `failed`. */
  outcome: 'ready' | 'refused' | 'failed'
  /** When it began. */
  begun: number
  /** When there was an encrypted connection. Not there where none came. */
  connected?: number
  /** When it ended. */
  ended: number
  /** The libp2p peer id of the peer that has answered. Not there without a connection. */
  peer?: string
  /** Why there is no session. */
  error?: Error
}
