import type { KnownPeer } from '../types/known-peers.ts'

/** How many peers are remembered. */
export const MAX_KNOWN_PEERS = 1000

/** `KnownPeer.addresses`: how many. */
export const MAX_ADDRESSES = 8

/** `KnownPeer.addresses`: each, in characters. */
export const MAX_ADDRESS_CHARS = 512

/** `KnownPeer.id`, in characters. */
export const MAX_ID_CHARS = 128

/**
 * Known peers in memory, bounded. Holds copies and gives copies.
 */
export class PeerTable {
  readonly #peers = new Map<string, KnownPeer>()

  /**
   * Adds or replaces a peer. Returns the id of the one that had to go for it, which may be the same.
   * Throws a RangeError for an id or time that is none.
   */
  set (peer: KnownPeer): string | undefined {
    const normal = normalize(peer)
    // behind the others: of those without a success the first ones go first
    this.#peers.delete(normal.id)
    this.#peers.set(normal.id, normal)

    if (this.#peers.size <= MAX_KNOWN_PEERS) {
      return undefined
    }

    const evicted = this.#findOldest()
    this.#peers.delete(evicted)

    return evicted
  }

  /** The peer as it is kept: not to be changed. */
  get (id: string): Readonly<KnownPeer> | undefined {
    return this.#peers.get(id)
  }

  /** Forgets the peer, if it is there. */
  delete (id: string): void {
    this.#peers.delete(id)
  }

  /** Copies of all, the latest success first. */
  list (): KnownPeer[] {
    return [...this.#peers.values()].map(normalize).sort((a, b) => worth(b) - worth(a))
  }

  #findOldest (): string {
    let oldest: KnownPeer | undefined

    for (const peer of this.#peers.values()) {
      if (oldest == null || worth(peer) < worth(oldest)) {
        oldest = peer
      }
    }

    return oldest!.id
  }
}

/** What has worked is worth more the later it did, and what never has is worth least. */
function worth ({ lastSuccess = -1 }: KnownPeer): number {
  return lastSuccess
}

function normalize ({ id, addresses, lastSuccess, lastFailure }: KnownPeer): KnownPeer {
  if (typeof id !== 'string' || id.length === 0 || id.length > MAX_ID_CHARS) {
    throw new RangeError(`Expected \`id\` to be a string of 1 to ${MAX_ID_CHARS} characters`)
  }

  const usable = addresses.filter((address) => address.length > 0 && address.length <= MAX_ADDRESS_CHARS)
  const peer: KnownPeer = { id, addresses: [...new Set(usable)].slice(0, MAX_ADDRESSES) }

  if (lastSuccess != null) {
    peer.lastSuccess = checkTime(lastSuccess, 'lastSuccess')
  }

  if (lastFailure != null) {
    peer.lastFailure = checkTime(lastFailure, 'lastFailure')
  }

  return peer
}

function checkTime (time: number, field: string): number {
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new RangeError(`Expected \`${field}\` to be whole milliseconds since the Unix epoch`)
  }

  return time
}
