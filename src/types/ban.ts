/** What a ban keeps out: one identity, or every peer of one host. */
export type BanKind = 'peer' | 'host'

/** A peer or host that is kept out for a time. */
export interface Ban {
  /** The libp2p peer id, or the host: an IPv4 address, or the /64 of an IPv6 one. At most 128 characters. */
  readonly subject: string
  /** Which of the two it is: `'peer'` or `'host'`. */
  readonly kind: BanKind
  /** When the ban ends, in ms since the Unix epoch. A change of the time of day moves this, and not the ban. */
  readonly until: number
  /** How long it lasts in all, in ms. */
  readonly duration: number
  /** What for: text of this node, of at most 128 characters. */
  readonly reason: string
  /** How many times there was a reason for a ban, this time included. 0 where only the operator wanted it. */
  readonly offences: number
  /** Whether the operator wanted it: such a ban holds for seeds and reserved peers too. */
  readonly isManual: boolean
}
