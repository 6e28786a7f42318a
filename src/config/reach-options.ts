/** Ways to find peers beside seeds. */
export interface DiscoveryOptions {
  /**
   * Joins a DHT of the nodes of this network, and looks for peers in it when they run short. `true` is `'server'` where the
   * node listens and `'client'` where it does not.
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
   * Is reachable through relays that it finds, and dials others through theirs.
   *
   * @default false
   */
  relay?: boolean
  /**
   * Is a relay for others, within limits.
   *
   * @default false
   */
  relayServer?: boolean
  /**
   * Upgrades relayed connections to direct ones where the NATs allow it (DCUtR).
   *
   * @default false
   */
  holePunch?: boolean
  /**
   * Asks others whether it can be reached from outside, and answers the same to them (AutoNAT v2).
   *
   * @default false
   */
  autonat?: boolean
  /**
   * Asks the gateway to map the port that it listens on (UPnP).
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
