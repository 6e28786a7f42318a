import type { Direction } from '../types/peer.ts'

// What the page of a node or a devnet is told, as JSON: over server-sent events, and in answers to what it asks to be done.

/** What the page shows: one node, or all nodes of a devnet. */
export interface WebHello {
  kind: 'node' | 'devnet'
  /** The name of the network. */
  network: string
  /** In hexadecimal; empty where no node has told it yet. */
  genesisHash: string
  /** A multiaddr at which the page itself can join the network; `null` where there is none. */
  webSocket: string | null
  /** A node that the page cannot dial, and the multiaddr at which it calls it through a relay; `null` where there is none. */
  home: { name: string, address: string } | null
  /** What can be asked for. */
  actions: WebAction[]
}

/** What the page may ask for, of one node or of the network. */
export type WebAction = 'kill' | 'start' | 'pause' | 'resume' | 'flood' | 'attack' | 'partition' | 'heal' | 'pay'

/** Where a node is in its life. */
export type WebPhase = 'waiting' | 'starting' | 'running' | 'paused' | 'killed' | 'ended'

/** A session, as one of its two nodes sees it. */
export interface WebPeer {
  /** The libp2p peer id. */
  id: string
  name: string
  direction: Direction
  /** The last round trip in ms; `null` before the first. */
  rtt: number | null
  bytesIn: number
  bytesOut: number
  isRelayed: boolean
}

/** A node. */
export interface WebNode {
  name: string
  /** The libp2p peer id, empty before its first start. */
  id: string
  phase: WebPhase
  makesBlocks: boolean
  /** Whether the network was parted by the page, and on which side the node is. */
  side: 'a' | 'b' | null
  tip: { height: number, hash: string } | null
  /** How many blocks its peers are ahead of it. */
  behind: number
  /** A catch-up under way. */
  sync: { from: number, height: number, to: number, blocksPerSecond: number } | null
  slots: { inbound: [used: number, limit: number], outbound: [used: number, limit: number] } | null
  /** Peers that it could dial: those that it has reached, and those that it has only heard of. `null` where that is not known. */
  known: { reached: number, heardOf: number } | null
  /** Transactions that it keeps for peers that come; `null` where that is not known. */
  pool: number | null
  /** Compact blocks that have come. */
  compactBlocks: number
  bans: { subject: string, reason: string }[]
  peers: WebPeer[]
}

/** All nodes at one moment. */
export interface WebFrame {
  /** In ms since the Unix epoch. */
  at: number
  nodes: WebNode[]
}

/** Something that has happened. */
export interface WebReport {
  /** In ms since the Unix epoch. */
  at: number
  /** The name of the node; empty for the network itself. */
  node: string
  event: string
  /** For people to read. */
  text: string
  level: 'silent' | 'error' | 'warn' | 'info' | 'debug'
  /** A block that the node has made or accepted. */
  block?: { height: number, hash: string, transactions: number, from: string | null }
}

/** A transaction, and its way through the nodes. */
export interface WebTransaction {
  /** In hexadecimal. */
  id: string
  /** What is paid, as a decimal number. */
  value: string
  /** Whether the page has asked for it. */
  isPayment: boolean
  /** When each node has had it, in ms since the Unix epoch, and from which peer, by name: `null` where the node has made it. */
  arrivals: { node: string, from: string | null, at: number }[]
  /** The height of the block that it is in; `null` where it waits for one. */
  block: number | null
}

/** What the page asks to be done. */
export interface WebCommand {
  action: WebAction
  /** The name of the node that it is for; none for the network. */
  node?: string
}

/** The travels of transactions that are followed. */
export interface WebTransactions {
  /** All of them, the oldest first. */
  readonly all: WebTransaction[]
  /** Those that have changed since this was called last. */
  takeChanged: () => WebTransaction[]
}

/** Where the page gets what it shows. */
export interface WebSource {
  hello: () => WebHello
  /** Called once a second, while a page is open. */
  frame: () => Promise<WebFrame>
  /** The travels of transactions. */
  readonly transactions: WebTransactions
  /** Has a listener called with all that happens. Returns how to end that. */
  subscribe: (listener: (report: WebReport) => void) => () => void
  /** Does what the page asks for. Throws an error with a message for people where that cannot be done. */
  act: (command: WebCommand) => Promise<void>
}
