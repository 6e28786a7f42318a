import { MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS } from '../codec/limits.ts'
import { PROTOCOL_VERSION } from '../types/message.ts'
import type { ServiceConfig } from '../config.ts'
import type { NodeInfo, Tip } from '../types/node-info.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What we say in the handshake. Of the addresses, as many as a handshake takes. */
export function localNode ({ network, genesisHash, nodeId, userAgent }: ServiceConfig, tip: Tip, addresses: Multiaddr[]): NodeInfo {
  const fitting = addresses.map(({ bytes }) => bytes).filter(({ byteLength }) => byteLength <= MAX_LISTEN_ADDR_BYTES)

  return {
    protocolVersion: PROTOCOL_VERSION,
    network,
    genesisHash,
    nodeId,
    userAgent,
    listenAddrs: fitting.slice(0, MAX_LISTEN_ADDRS),
    bestHeight: tip.height,
    bestHash: tip.hash
  }
}
