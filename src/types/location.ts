/** Where a peer is, as far as the address of its connection tells. Both are unknown for one that is reached through a relay. */
export interface Location {
  /**
   * Who is counted and banned as one: an IPv4 address, or the /64 of an IPv6 one, which is what a customer gets.
   * `undefined` for this machine itself.
   */
  readonly host: string | undefined
  /** The network that a public address is in, its /16 for IPv4 and its /32 for IPv6; `undefined` for any other. */
  readonly netgroup: string | undefined
}

/** The place of which nothing is known. */
export const UNKNOWN_LOCATION: Location = Object.freeze({ host: undefined, netgroup: undefined })
