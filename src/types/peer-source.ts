/** What may be a node of the network, as a source of peers says. */
export interface FoundPeer {
  /** The libp2p peer id, where it is known. */
  peerId?: string
  /** Multiaddrs, all of the same peer. */
  addresses: string[]
}

/** A way to find peers. The node asks it when the peers that it knows leave outbound slots empty. */
export interface PeerSource {
  /** The name of the source, for logs. Each source has its own. */
  readonly name: string
  /**
   * Looks for peers, and yields each as it finds it. Ends, or throws, when `signal` is aborted. The node checks and counts what
   * it yields.
   */
  find (signal: AbortSignal): AsyncIterable<FoundPeer>
}
