import { multiaddr } from '@multiformats/multiaddr'
import { withoutPeerId } from '../address/multiaddr.ts'
import { MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS } from '../codec/limits.ts'
import { PROTOCOL_VERSION } from '../types/message.ts'
import type { ServiceConfig } from '../config/resolve.ts'
import type { NodeInfo } from '../types/message.ts'
import type { Tip } from '../types/block.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What this node says in the handshake. Of its addresses, the first ones that fit a handshake. */
export function localNode ({ network, genesisHash, nodeId, userAgent }: ServiceConfig, tip: Tip, addresses: Multiaddr[]): NodeInfo {
  return {
    protocolVersion: PROTOCOL_VERSION,
    network,
    genesisHash,
    nodeId,
    userAgent,
    listenAddrs: addresses.flatMap(fit).slice(0, MAX_LISTEN_ADDRS),
    bestHeight: tip.height,
    bestHash: tip.hash
  }
}

/** Leaves the peer id out of a long address: the peer knows it. */
function fit (address: Multiaddr): Uint8Array[] {
  const bytes = address.bytes.byteLength <= MAX_LISTEN_ADDR_BYTES ? address.bytes : multiaddr(withoutPeerId(address)).bytes

  return bytes.byteLength > 0 && bytes.byteLength <= MAX_LISTEN_ADDR_BYTES ? [bytes] : []
}
