import { digestToKey, shortDigestsToKeys } from './digest-key.ts'
import type { Assembler } from './compact/assembler.ts'
import type { Fetchers } from './fetch/fetchers.ts'
import type { ReadyPeer, ReadyPeers } from './peers.ts'
import type { SeenCache } from './seen-cache.ts'
import type { Distribution } from './send/distribution.ts'
import type { OnCounted } from './transactions/counts.ts'
import type { Session } from '../session/session.ts'

/** Options of {@link AnnouncedItems}. */
export interface AnnouncedItemsInit {
  peers: ReadyPeers
  seen: SeenCache
  distribution: Distribution
  fetchers: Fetchers
  assembler: Assembler
  onCounted?: OnCounted | undefined
}

/** Takes what peers announce, and what they ask for. */
export class AnnouncedItems {
  readonly #init: AnnouncedItemsInit

  constructor (init: AnnouncedItemsInit) {
    this.#init = init
  }

  /** Takes note of the items that a peer announces. Those that this node has not seen are asked for when they do not come. */
  onHave (digests: readonly Uint8Array[], { id }: Session, shortDigests?: Uint8Array): void {
    const { peers, distribution, fetchers, assembler } = this.#init
    const peer = peers.get(id)

    // a session may still send after another one has replaced it: it is about to end, and is asked for nothing
    if (peer == null) {
      return
    }

    for (const digest of digests) {
      const key = digestToKey(digest)

      if (!distribution.noteHolder(key, peer) && !assembler.noteHolder(key, id)) {
        fetchers.announced(key, peer.session)
      }
    }

    // nothing of a feature is sent to a peer without it: it is not to be asked by short digests
    if (shortDigests != null && peer.usesShortDigests) {
      this.#onShortHave(shortDigestsToKeys(shortDigests), peer)
    }
  }

  /** Sends a peer the items that it asks for, of those that were accepted lately and that it does not have. */
  onWant (digests: readonly Uint8Array[], { id }: Session, shortDigests?: Uint8Array): void {
    const { peers, distribution, onCounted } = this.#init
    const peer = peers.get(id)

    if (peer != null) {
      distribution.onWant(digests.map(digestToKey), peer)
    }

    if (peer?.usesShortDigests === true && shortDigests != null) {
      const keys = shortDigestsToKeys(shortDigests)
      onCounted?.('wanted', keys.length)
      distribution.onWant(keys, peer)
    }
  }

  /** The same, where the peer takes blocks in their compact form. */
  onCompactWant (digests: readonly Uint8Array[], { id }: Session): void {
    const { peers, distribution } = this.#init
    const peer = peers.get(id)

    if (peer != null) {
      distribution.onWant(digests.map(digestToKey), peer, { isCompact: true })
    }
  }

  #onShortHave (keys: readonly string[], peer: ReadyPeer): void {
    const { seen, fetchers, onCounted } = this.#init
    onCounted?.('heard', keys.length)

    for (const key of keys) {
      const index = seen.indexOf(key)

      if (index == null) {
        fetchers.announcedShort(key, peer.session)
      } else {
        seen.addHolder(index, peer.number)
      }
    }
  }
}
