import { isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createWebSockets } from './web-socket/web-socket.ts'
import type { StackPart } from '../part.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** WebSockets: a web page has nothing else. */
export async function createTransports ({ seedPeers }: ResolvedNetworkConfig): Promise<StackPart> {
  const hosts = new Set(seedPeers.map((address) => hostOf(multiaddr(address))))

  return {
    transports: [createWebSockets()],
    connectionGater: { denyDialMultiaddr: (address) => !isAllowed(address, hosts) }
  }
}

/**
 * Whether a page may dial an address. Other peers say where they are, and a page must not be made to knock at what is behind the
 * firewall of its user: plain and private addresses have to be on a host that a seed of the config names.
 */
function isAllowed (address: Multiaddr, seedHosts: ReadonlySet<string | undefined>): boolean {
  const isSecure = address.getComponents().some(({ name }) => name === 'tls' || name === 'wss')

  return seedHosts.has(hostOf(address)) || (isSecure && !isPrivate(address))
}

/** The first part of an address that says where: an IP address or a name. */
function hostOf (address: Multiaddr): string | undefined {
  return address.getComponents()[0]?.value
}
