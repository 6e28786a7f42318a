import type { Session } from '../../session/session.ts'

/**
 * How long a block-only session lasts at least, also where the node is short of peers.
 *
 * @remarks The node ends it, and dials the peer as any other.
 */
export const BLOCK_ONLY_PATIENCE_MS = 30_000

/**
 * Ends a block-only session of a node that is short of peers: to get transactions matters more than to hide from their observers. The
 * dialer dials the peer again, for an empty slot.
 */
export function giveUpBlockOnly (
  peers: Iterable<Pick<Session, 'asksBlockOnly' | 'readyFor' | 'close'>>, dialer: { readonly isShort: boolean }
): void {
  const session = [...peers].find(({ asksBlockOnly, readyFor }) => asksBlockOnly && readyFor >= BLOCK_ONLY_PATIENCE_MS)

  if (session != null && dialer.isShort) {
    session.close('SHUTDOWN', 'this node wants transactions too')
  }
}
