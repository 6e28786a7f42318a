/** What a ban keeps out: one peer id, or every peer of one host. */
export type BanKind = 'peer' | 'host'

/** A ban of a peer or host for a time. */
export interface Ban {
  /** The libp2p peer id, or the host: an IPv4 address, or the /64 of an IPv6 one. At most 128 characters. */
  readonly subject: string
  /** Which of the two it is: `'peer'` or `'host'`. */
  readonly kind: BanKind
  /** When the ban ends, in ms since the Unix epoch. A change of the time of day moves this, and not the ban. */
  readonly until: number
  /** How long it lasts in all, in ms. */
  readonly duration: number
  /** Why: text of this node, of at most 128 characters. */
  readonly reason: string
  /** How many times there was a reason for a ban, this time included. 0 where only the operator wanted it. */
  readonly offences: number
  /** Whether the operator wanted it: such a ban holds for seeds and reserved peers too. */
  readonly isManual: boolean
}

/**
 * Where the node keeps bans between two runs, with those that have ended for as long as it remembers their offences. At most 100,000:
 * beyond that it forgets the half that ends first.
 */
export interface BanStore {
  /** Every ban that it keeps. */
  load (): Promise<readonly Ban[]>

  /**
   * Adds the ban, or replaces that of the same subject; done once it is on disk. Bans that come during a write go into the next
   * one together. Throws a `StorageError` when it cannot be written.
   */
  save (ban: Ban): Promise<void>

  /** Forgets the ban, if it has it. Throws a `StorageError` when that cannot be written. */
  remove (subject: string): Promise<void>

  /** Writes what is under way and lets go of the disk. Afterwards every method but this one throws a `NotRunningError`. */
  close (): Promise<void>
}
