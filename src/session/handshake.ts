import { bytesEqual } from '../util/bytes.ts'
import type { DisconnectReason, NodeInfo } from '../types/message.ts'

/** Why a session is refused or ended. */
export interface Refusal {
  reason: DisconnectReason
  /** For people to read. Goes to the peer: says nothing that it does not know. */
  detail: string
}

/** Why a peer with this handshake is not for us, or `undefined` where it is. */
export function refuseHandshake (local: NodeInfo, remote: NodeInfo): Refusal | undefined {
  if (remote.protocolVersion !== local.protocolVersion) {
    return { reason: 'INCOMPATIBLE_VERSION', detail: `expected protocol version ${local.protocolVersion}` }
  }

  if (remote.network !== local.network) {
    return { reason: 'WRONG_NETWORK', detail: `expected network ${local.network}` }
  }

  if (!bytesEqual(remote.genesisHash, local.genesisHash)) {
    return { reason: 'WRONG_NETWORK', detail: 'expected another genesis block' }
  }

  return undefined
}
