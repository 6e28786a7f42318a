/** Somebody who may be a node of the network, as somebody else says. */
export interface FoundPeer {
  /** The libp2p peer id, where it is known. */
  peerId?: string
  /** Multiaddrs, all of the same peer. */
  addresses: string[]
}

/** A way to find peers, asked when those that are known leave outbound slots empty. */
export interface PeerSource {
  /** Says where a peer was heard of. Each source has its own. */
  readonly name: string
  /**
   * Looks for peers, and yields each as it is found. Ends, or throws, when `signal` is aborted. What it yields is checked
   * and counted by whoever asks.
   */
  find (signal: AbortSignal): AsyncIterable<FoundPeer>
}
