import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Has the texts of an address be whole ones. The parser of @multiformats/multiaddr 13 puts them together character by character. V8 keeps a
 * node of 32 bytes for each of the 52 of a peer id, until the text is first looked into. Returns the address.
 */
export function flatAddress (address: Multiaddr): Multiaddr {
  for (const { value } of address.getComponents()) {
    value?.charCodeAt(0)
  }

  return address
}
