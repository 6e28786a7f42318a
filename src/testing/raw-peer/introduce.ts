import { VERSION } from '../../version.ts'
import type { NodeInfo } from '../../types/message.ts'

/** What a peer says of itself: what is given, and else what belongs to the same network. */
export function introduce (given: Partial<NodeInfo>, network: Partial<NodeInfo>): NodeInfo {
  const genesisHash = given.genesisHash ?? network.genesisHash!

  return {
    protocolVersion: 1,
    nodeId: 'raw',
    userAgent: `vibecoin-network/${VERSION} raw`,
    listenAddrs: [],
    bestHeight: 0,
    bestHash: genesisHash,
    ...given,
    network: given.network ?? network.network!,
    genesisHash
  }
}
