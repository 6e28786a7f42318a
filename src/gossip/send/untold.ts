import type { ItemStore } from './item-store.ts'
import type { ReadyPeer } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'

/**
 * The keys of those items that are kept and that a peer, whose session is another one than before, may not have. What was sent to it
 * and has not shown to have come may have been lost with the other session: it may be sent again.
 */
export function takeUntold (peer: ReadyPeer, store: ItemStore, seen: SeenCache): string[] {
  const keys: string[] = []

  for (const item of store) {
    const location = seen.enter(item.key)

    if (item.isOnItsWay(peer.id)) {
      item.forgetPeer(peer.id)
      seen.removeHolder(location, peer.number)
    }

    if (!seen.isHolder(location, peer.number)) {
      keys.push(item.key)
    }
  }

  return keys
}
