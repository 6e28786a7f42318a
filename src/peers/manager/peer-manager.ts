import type { PeerCounts } from '../slots.ts'
import type { Ban } from '../../types/ban.ts'
import type { Peer } from '../../types/peer.ts'

/** The peers of a node: those with a ready session when iterated. */
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
   * nor a /64 as {@link bans} lists it.
   */
  ban (subject: string, options?: { duration?: number, reason?: string }): void

  /** Ends the ban of a peer or host, and forgets its offences. False where there was no ban. */
  unban (subject: string): boolean

  /** Whether a peer or a host is banned now. */
  isBanned (subject: string): boolean
}
