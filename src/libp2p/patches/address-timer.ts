import type { AddressManager } from '@libp2p/interface-internal'

/**
 * Ends a timer that libp2p's address manager leaves behind when it stops, and that would keep the process alive for a
 * second: it puts off the update of its addresses, which closing the listeners has asked for (libp2p 3.3).
 */
export function endAddressTimer (addressManager: AddressManager): void {
  const { _updatePeerStoreAddresses: update } = addressManager as { _updatePeerStoreAddresses?: { stop?: () => void } }
  update?.stop?.()
}
