/** What is held at a moment at which everything is at rest. */
export interface SoakSample {
  /** In ms from the start. */
  at: number
  /** After garbage collection, in bytes: of JavaScript, and outside of it. */
  heap: number
  external: number
  /** Of the whole process, as the system counts it, in bytes. */
  rss: number
  /** Servers, sockets and timers. */
  handles: number
  listeners: number
  /** Ready sessions of all nodes: two for each pair. */
  sessions: number
  /** What was done so far. */
  reconnects: number
  pings: number
  transactions: number
  blocks: number
  restarts: number
  /** Strangers that came, said what they are, and went. */
  identities: number
  /** Circuits, places at a relay, and relays. */
  cuts: number
}
