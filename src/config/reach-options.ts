/** Ways to find peers beside seeds. */
export interface DiscoveryOptions {
  /**
   * Joins a DHT of the nodes of this network, and looks for peers in it when they run short. `true` is `'server'` where the node listens,
   * and `'client'` where it does not: a client asks, and is not asked.
   *
   * @default false
   */
  dht?: boolean | 'client' | 'server'
  /**
   * Finds nodes in the local network by multicast DNS, and is found by them.
   *
   * @default false
   */
  mdns?: boolean
}

/** What helps nodes behind NATs. */
export interface NatOptions {
  /**
   * Dials addresses with `/p2p-circuit`. Where the node listens, it is reachable through up to 2 of its peers that are relays.
   *
   * @default false
   */
  relay?: boolean
  /**
   * Is a relay for up to 32 other nodes.
   *
   * @default false
   */
  relayServer?: boolean
  /**
   * Moves sessions from relays to direct connections where the NATs allow it (DCUtR). Needs `relay`.
   *
   * @default false
   */
  holePunch?: boolean
  /**
   * Asks peers whether an address can be reached before it tells others of it, and answers the same to them (AutoNAT v2).
   *
   * @default false
   */
  autonat?: boolean
  /**
   * Has the gateway lead the port that the node listens on to it (UPnP IGD 2), and takes that back when it stops.
   *
   * @default false
   */
  upnp?: boolean
}

/** A certificate and its key. */
export interface TlsOptions {
  /** PEM, with the chain. */
  cert: string
  /** PEM. */
  key: string
}
