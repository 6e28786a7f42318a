import type { AddressTests } from '../../types/status.ts'

/** The inside of the service of @libp2p/autonat-v2 2. */
interface AutonatInside {
  readonly client?: { readonly dialResults?: ReadonlyMap<string, { success: number, failure: number }> }
}

/**
 * How many peers that AutoNAT has asked to dial an address have reached this node there, and how many have not. libp2p tells of it only
 * when four have, which a small network does not have. `undefined` where none was asked, and for another version.
 */
export function dialTestsOf (autonat: unknown, address: string): AddressTests | undefined {
  const result = (autonat as AutonatInside | undefined)?.client?.dialResults?.get(address)

  return result == null || result.success + result.failure === 0 ? undefined : { reached: result.success, missed: result.failure }
}
