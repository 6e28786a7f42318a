/** What a ban keeps out: one identity, or everybody at one place. */
export type BanKind = 'peer' | 'host'

/** Somebody who is kept out for a time. */
export interface Ban {
  /** The libp2p peer id, or the host: an IPv4 address, or the /64 of an IPv6 one as `Place.host` has it. 1 to 128 characters. */
  readonly subject: string
  /** Which of the two it is. */
  readonly kind: BanKind
  /** When it ends, in milliseconds since the Unix epoch. A change of the time of day moves this, and not the ban. */
  readonly until: number
  /** How long it lasts in all, in ms. */
  readonly duration: number
  /** What for; at most 128 characters. */
  readonly reason: string
  /** How many times there was a reason for one, this time included. 0 where only the operator wanted it. */
  readonly offences: number
  /** Whether the operator wanted it: such a ban holds for seeds and reserved peers too. */
  readonly isManual: boolean
}
