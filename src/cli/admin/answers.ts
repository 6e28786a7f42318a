import type { Ban, BlockTimeline, NetworkStatus, PeerStatus } from '../../index.ts'
import type { ProcessStatus } from '../../admin/methods.ts'

/** The status of a node, and of its process. */
export interface NodeReport {
  status: NetworkStatus
  process: ProcessStatus
}

/** The caps of bandwidth, in bytes a second; `null` for none. */
export type CapsAnswer = NetworkStatus['bandwidth']['limits']

/** What each command that asks a running node prints with `--json`: one line. Its JSON schema is made of this. */
export interface AdminAnswers {
  /** How the node is, and its process. */
  status: NodeReport
  /** The peers with a ready session. */
  peers: PeerStatus[]
  /** One peer. */
  peer: PeerStatus
  /** Whom the node dials. */
  dials: NetworkStatus['dials']
  /** The last blocks that peers have brought, the newest first. */
  blocks: BlockTimeline[]
  /** A line for each look, until the command ends. */
  top: NodeReport & { blocks: BlockTimeline[] }
  /** The bans that hold, the one that ends first in front. */
  bans: Ban[]
  /** The ban that was made. */
  ban: Ban
  /** Which ban was ended; `unbanned` is false where there was none. */
  unban: { subject: string, unbanned: boolean }
  /** The peer that there is a session with now. */
  connect: PeerStatus
  /** The peer whose session has ended. */
  disconnect: { peer: string, disconnected: boolean }
  /** What has passed, and the caps. Where caps were changed: the caps alone. */
  bandwidth: NetworkStatus['bandwidth'] | CapsAnswer
}
