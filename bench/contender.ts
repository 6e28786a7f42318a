/** A way of doing the work that a benchmark measures. Its halves run in processes of their own. */
export interface Contender {
  /** Listens, and counts what arrives. */
  receive: () => Promise<Receiver>
  /** Connects to a receiver and sends as fast as it is taken, until the signal is aborted. */
  send: (address: string, signal: AbortSignal) => Promise<void>
}

/** The receiving half. */
export interface Receiver {
  /** A multiaddr with peer id. */
  address: string
  /** How much has arrived so far, where the application has it. */
  count: () => number
  stop: () => Promise<void>
}
