import type { BroadcastMessage } from '../../../src/index.ts'

/** What hands blocks and transactions on. */
export type GossipKind = 'ours' | 'oursOlder' | 'gossipsub' | 'gossipsubSigned' | 'raw'

/** A node of one kind, in the hands of a scenario. */
export interface GossipNode {
  /** Where others reach it. */
  address: string
  /** How many peers it could hand something to now. */
  peers: () => number
  connect: (address: string) => Promise<void>
  /** Gives an item to the peers. Returns what to wait for before the next one. */
  publish: (message: BroadcastMessage) => Promise<void> | undefined
  /** How many messages with an item of a type have come so far, where the node counts them. */
  messages?: (type: BroadcastMessage['type']) => number
  stop: () => Promise<void>
}

/** What a node is made with. */
export interface GossipInit {
  /** Called where the application has an item, decoded, for the first time. */
  onItem: (type: BroadcastMessage['type'], number: number) => void
}
