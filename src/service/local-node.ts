import { multiaddr } from '@multiformats/multiaddr'
import { withoutPeerId } from '../address/multiaddr.ts'
import { featureBits } from '../codec/features.ts'
import { MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS } from '../codec/limits.ts'
import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../types/message.ts'
import type { ForkSchedule } from '../session/fork-schedule.ts'
import type { ServiceConfig } from '../config/resolve.ts'
import type { NodeInfo } from '../types/message.ts'
import type { Tip } from '../types/block.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where the chain of this node stands. */
export interface LocalState {
  tip: Tip
  /** The first block after genesis that it has; 0 where it has them all. */
  lowestHeight: number
  /** Absent: the node has no schedule of forks. */
  forks: ForkSchedule | undefined
}

/** What this node says in the handshake. Of its addresses, the first ones that fit a handshake. */
export function localNode (config: ServiceConfig, { tip, lowestHeight, forks }: LocalState, addresses: readonly Multiaddr[]): NodeInfo {
  const { network, genesisHash, nodeId, userAgent, features } = config

  return {
    protocolVersion: PROTOCOL_VERSION,
    network,
    genesisHash,
    nodeId,
    userAgent,
    listenAddrs: addresses.flatMap(fit).slice(0, MAX_LISTEN_ADDRS),
    bestHeight: tip.height,
    bestHash: tip.hash,
    ...(MIN_PROTOCOL_VERSION < PROTOCOL_VERSION && { minProtocolVersion: MIN_PROTOCOL_VERSION }),
    ...(features.length > 0 && { features: featureBits(features) }),
    ...(lowestHeight > 0 && { lowestHeight }),
    ...(forks != null && { forkId: forks.idAt(tip.height) })
  }
}

/** Leaves the peer id out of a long address: the peer knows it. */
function fit (address: Multiaddr): Uint8Array[] {
  const bytes = address.bytes.byteLength <= MAX_LISTEN_ADDR_BYTES ? address.bytes : multiaddr(withoutPeerId(address)).bytes

  return bytes.byteLength > 0 && bytes.byteLength <= MAX_LISTEN_ADDR_BYTES ? [bytes] : []
}
