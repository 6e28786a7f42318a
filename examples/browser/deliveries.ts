/** Pongs after which a peer has read what was sent before: the first may answer a ping of earlier. */
const ENOUGH_PONGS = 2

/**
 * Tells which peers have read what was sent to them. A peer answers pings in the order in which it reads, and the node sends the next ping
 * after a pong. So a peer has read an item when it has answered twice since.
 */
export class Deliveries {
  /** By item: the peers that it was sent to, and their pongs since, as far as they count. */
  readonly #sent = new Map<string, Map<string, number>>()

  /** Takes note of a pong. */
  onPong (peer: string): void {
    for (const sent of this.#sent.values()) {
      const pongs = sent.get(peer)

      if (pongs != null && pongs < ENOUGH_PONGS) {
        sent.set(peer, pongs + 1)
      }
    }
  }

  /** Takes note of an item that is on its way to these peers. Those that it was on its way to before keep their place. */
  onSent (item: string, peers: Iterable<string>): void {
    const sent = this.#sent.get(item) ?? new Map<string, number>()
    this.#sent.set(item, sent)

    for (const peer of peers) {
      sent.set(peer, sent.get(peer) ?? 0)
    }
  }

  /** Takes note of a session that has ended: what the peer did not read is lost with it. */
  onClosed (peer: string): void {
    for (const sent of this.#sent.values()) {
      if ((sent.get(peer) ?? ENOUGH_PONGS) < ENOUGH_PONGS) {
        sent.delete(peer)
      }
    }
  }

  /** To how many peers an item was sent, those apart that went before they had read it. */
  sentTo (item: string): number {
    return this.#sent.get(item)?.size ?? 0
  }

  /** How many peers have read an item. */
  readBy (item: string): number {
    return Array.from(this.#sent.get(item)?.values() ?? []).filter((pongs) => pongs === ENOUGH_PONGS).length
  }

  /** Forgets an item. */
  forget (item: string): void {
    this.#sent.delete(item)
  }
}
