/** What wants to pass: `bulk` is what can wait. */
export type Kind = 'live' | 'bulk'

/**
 * The least share of a cap that responses get while blocks and transactions wait all the time.
 *
 * Otherwise they go when nothing else wants to: an old block can wait, but a node that fetches them is not to hang for as long as the
 * network is busy.
 */
export const BULK_SHARE = 0.25

/** Which kind goes first where both could: live, until so much of it has gone that bulk is due. */
export class TrafficClass {
  #bulkDue = 0

  /** Of the kinds that there are, the one whose turn it is. */
  first (live: boolean, bulk: boolean): Kind {
    return bulk && (!live || this.#bulkDue > 0) ? 'bulk' : 'live'
  }

  /** Takes note of what passed: `contested` where the other kind could have gone too. */
  note (kind: Kind, bytes: number, contested: boolean): void {
    if (!contested) {
      this.#bulkDue = 0
    } else {
      this.#bulkDue += kind === 'live' ? bytes * BULK_SHARE / (1 - BULK_SHARE) : -bytes
    }
  }
}
