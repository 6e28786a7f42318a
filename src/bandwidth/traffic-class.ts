/** What a message is under a bandwidth cap: `bulk` can wait. */
export type TrafficClass = 'live' | 'bulk'

/**
 * The least share of a cap that responses get while blocks and transactions wait all the time.
 *
 * Otherwise they go when nothing else waits. An old block can wait, but a node that fetches them must not hang for as long as the network
 * is busy.
 */
export const BULK_SHARE = 0.25

/** Decides which class goes first where both could: live, until so much of it has gone that bulk is due. */
export class TrafficBalance {
  #bulkDue = 0

  /** The class whose turn it is, of those that wait. */
  first (live: boolean, bulk: boolean): TrafficClass {
    return bulk && (!live || this.#bulkDue > 0) ? 'bulk' : 'live'
  }

  /** Takes note of what passed: `contested` where the other class could have gone too. */
  note (kind: TrafficClass, bytes: number, contested: boolean): void {
    if (!contested) {
      this.#bulkDue = 0
    } else {
      this.#bulkDue += kind === 'live' ? bytes * BULK_SHARE / (1 - BULK_SHARE) : -bytes
    }
  }
}
