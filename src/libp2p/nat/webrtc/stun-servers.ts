import { multiaddr } from '@multiformats/multiaddr'
import { isRelayed, isRelayedAddress } from '../../../address/multiaddr.ts'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Connection, PeerStore } from '@libp2p/interface'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

/** What {@link stunServerOf} needs of libp2p. */
export interface StunServerComponents {
  connectionManager: { getConnections (): Connection[] }
  transportManager: { getAddrs (): Multiaddr[] }
  peerStore: Pick<PeerStore, 'get'>
}

/** What begins an address that tells where a relay is. */
const HOSTS: ReadonlySet<string> = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6'])

/**
 * The URL of the STUN server to ask: the relay of the newest circuit, or one at which this node has a reservation. Relays of this package
 * answer on the UDP port with the number of the TCP port that they listen on. `undefined` without a relay.
 */
export async function stunServerOf ({ connectionManager, transportManager, peerStore }: StunServerComponents): Promise<string | undefined> {
  const circuits = connectionManager.getConnections().filter(isRelayed).sort((a, b) => b.timeline.open - a.timeline.open)
  const reservations = transportManager.getAddrs().filter(isRelayedAddress)
  const [relay] = [...circuits.map(({ remoteAddr }) => remoteAddr), ...reservations].map(relayOf)

  if (relay == null) {
    return undefined
  }

  const known = relay.id == null ? [] : await peerStore.get(peerIdFromString(relay.id)).then(({ addresses }) => addresses, () => [])
  const addresses = [relay.address, ...known.map(({ multiaddr }) => multiaddr)].filter((address) => !isRelayedAddress(address))
  // behind `/tls/ws` there may be a proxy, which passes on no UDP
  const sorted = [...addresses.filter((address) => !isSecure(address)), ...addresses.filter(isSecure)]

  return sorted.map(urlOf).find((url) => url != null)
}

function relayOf (circuit: Multiaddr): { address: Multiaddr, id: string | undefined } {
  const parts = circuit.getComponents()
  const relay = parts.slice(0, parts.findIndex(({ name }) => name === 'p2p-circuit'))

  return { address: multiaddr(relay), id: relay.find(({ name }) => name === 'p2p')?.value }
}

function urlOf (address: Multiaddr): string | undefined {
  const [host, port]: (Component | undefined)[] = address.getComponents()

  if (host?.value == null || !HOSTS.has(host.name) || port?.name !== 'tcp') {
    return undefined
  }

  return `stun:${host.name === 'ip6' ? `[${host.value}]` : host.value}:${port.value}`
}

function isSecure (address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'tls' || name === 'wss')
}
