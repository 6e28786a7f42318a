import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const CIRCUIT = 'p2p-circuit'

/**
 * Whether a connection from or to this multiaddr goes through a relay. Both ends see that in the address, whatever the relay tells either
 * of them. The name of a host may have that text in it too: a peer chooses it.
 */
export function isRelayedAddress (address: string | Multiaddr): boolean {
  // most have no such text, and need not be read
  return address.toString().includes(`/${CIRCUIT}`) && relayOf(multiaddr(address)) != null
}

/** The address of the relay, where a multiaddr leads through one. */
export function relayOf (address: Multiaddr): Multiaddr | undefined {
  const parts = address.getComponents()
  const circuit = parts.findIndex(({ name }) => name === CIRCUIT)

  return circuit < 0 ? undefined : multiaddr(parts.slice(0, circuit))
}

/** Whether a connection goes through a relay. */
export function isRelayed ({ remoteAddr }: Pick<Connection, 'remoteAddr'>): boolean {
  return isRelayedAddress(remoteAddr)
}

/** {@link lastPeerId} of an address as text. */
export function peerIdOf (address: string): string | undefined {
  return lastPeerId(multiaddr(address))
}

/** The host of a multiaddr: an IP address or a name. Where the address leads through a relay, it is the host of the relay. */
export function hostOf (address: Multiaddr): string | undefined {
  return address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6' || name.startsWith('dns'))?.value
}

/** The host of an address, and the relay on it where it leads through one. */
export function originOf (address: Multiaddr): string | undefined {
  const parts = address.getComponents()
  const circuit = parts.findIndex(({ name }) => name === CIRCUIT)
  const host = hostOf(address)

  if (host == null || circuit < 0) {
    return host
  }

  return `${host}/${parts.slice(0, circuit).find(({ name }) => name === 'p2p')?.value ?? ''}`
}

/** A multiaddr as text, without the libp2p peer id at its end. What a name has in it, such as `/sni/p2p/ws`, is none. */
export function withoutPeerId (address: Multiaddr): string {
  const text = address.toString()
  const id = lastPeerId(address)

  return id == null ? text : text.slice(0, -`/p2p/${id}`.length)
}

/** A multiaddr with this libp2p peer id at its end, unless it ends with one. */
export function withPeerId (address: Multiaddr, peerId: string | undefined): Multiaddr {
  if (peerId == null || lastPeerId(address) != null) {
    return address
  }

  return address.encapsulate(`/p2p/${peerIdFromString(peerId).toString()}`)
}

/** The libp2p peer id at the end of an address. One before the end is that of a relay. */
export function lastPeerId (address: Multiaddr): string | undefined {
  const last = address.getComponents().at(-1)

  return last?.name === 'p2p' ? last.value : undefined
}
