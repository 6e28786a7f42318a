import { RPC_ERRORS, RpcError } from './rpc.ts'
import { isSubject } from '../peers/penalties/subject.ts'
import type { Peer } from '../types/peer.ts'

/** The least characters of the end of a peer id that stand for it. */
export const MIN_END_LENGTH = 4

/**
 * Whether a text stands for a peer: its id, the end of it, or the name that its operator gave it. A peer says of itself what it likes: a
 * name that is a peer id or an IP address stands for no peer.
 */
export function isPeerMatch ({ id, nodeId }: Pick<Peer, 'id' | 'nodeId'>, text: string): boolean {
  const end = text.replace(/^\.\./, '')

  return id === text || (nodeId !== '' && nodeId === text && !isSubject(text)) || (end.length >= MIN_END_LENGTH && id.endsWith(end))
}

/** The ready peer that a text stands for. Throws an {@link RpcError} where there is none, or more than one. */
export function pickPeer (peers: Iterable<Peer>, text: string): Peer {
  const all = Array.from(peers)
  const found = all.filter((peer) => peer.id === text)
  const [peer, other] = found.length > 0 ? found : all.filter((peer) => isPeerMatch(peer, text))

  if (peer == null) {
    throw new RpcError(`No ready peer has the id or the name \`${text.slice(0, 64)}\``, RPC_ERRORS.FAILED)
  }

  if (other != null) {
    throw new RpcError(`More than one peer has the name or the end \`${text.slice(0, 64)}\`: give the whole id`, RPC_ERRORS.FAILED)
  }

  return peer
}
