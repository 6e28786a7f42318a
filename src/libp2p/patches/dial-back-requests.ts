import type { Connection } from '@libp2p/interface'

/** The inside of the service of @libp2p/autonat-v2 2. */
interface AutonatInside {
  readonly client?: { readonly verifyExternalAddresses?: (connection: Connection) => Promise<void> }
}

/**
 * Has AutoNAT ask the peer at the other end of a connection to dial the addresses of this node that are to be tested, as it does by itself
 * when the peer connects. Does nothing for another version. Never throws.
 */
export async function askToDialBack (autonat: unknown, connection: Connection): Promise<void> {
  try {
    await (autonat as AutonatInside | undefined)?.client?.verifyExternalAddresses?.(connection)
  } catch {
    // the peer has gone, or answers otherwise: others are asked too
  }
}
