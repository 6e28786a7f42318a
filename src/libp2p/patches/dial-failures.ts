import type { PeerData, PeerStore } from '@libp2p/interface'

/** Under which libp2p notes when a dial has failed last. */
const LAST_DIAL_FAILURE = 'last-dial-failure'

/**
 * Has libp2p write nothing of a peer that it could not reach. No part of it reads that, and each such peer would stay in the store: it is a
 * third of what a dial costs that is refused.
 */
export function ignoreDialFailures (peerStore: Pick<PeerStore, 'merge'>): void {
  const merge = peerStore.merge.bind(peerStore)

  peerStore.merge = async (id, data, options) => {
    return isDialFailure(data)
      ? { id, addresses: [], protocols: [], metadata: new Map(), tags: new Map() }
      : merge(id, data, options)
  }
}

/** Whether this is all that there is to be written. */
function isDialFailure ({ metadata, ...others }: PeerData): boolean {
  const keys = metadata == null ? [] : metadata instanceof Map ? [...metadata.keys()] : Object.keys(metadata)

  return keys.length === 1 && keys[0] === LAST_DIAL_FAILURE && Object.keys(others).length === 0
}
