import type { KnownPeersStatus } from './exchange-status.ts'
import type { AddressScope } from './address-scope.ts'
import type { Ban } from './ban.ts'
import type { PeerStatus } from './peer.ts'
import type { SyncStatus } from './sync-status.ts'
import type { TrafficByType } from './traffic.ts'

/**
 * What a node knows of itself at one moment, as `network.status()` tells it: plain values that `JSON.stringify` takes, and gives back
 * the same. Heights are numbers, hashes are hexadecimal, and `null` stands for what is not known, not there, or without a limit.
 */
export interface NetworkStatus {
  /** When it was taken, in ms since the Unix epoch. */
  at: number
  /** How long the node has been running, in ms; 0 where it does not run. */
  uptime: number
  /** Who the node is. */
  node: NodeStatus
  /** Where it can be dialled, as far as it knows. */
  addresses: AddressStatus[]
  /** The router before this node, which it asks to lead ports to it (`nat.upnp`); `null` where it asks none. */
  gateway: GatewayStatus | null
  /** The best block of its chain, as last read; `null` without a chain. To ask for the status has the node read it again. */
  tip: TipStatus | null
  /** Whether its chain is in step with those of its peers. */
  sync: SyncStatus
  /** How many sessions there are, and how many there may be. */
  slots: SlotsStatus
  /** The peers with a ready session. */
  peers: PeerStatus[]
  /** Whom the node dials, when next, and why not. */
  dials: DialsStatus
  /** Whom it keeps out. */
  bans: BansStatus
  /** Where it knows peers from. */
  sources: SourcesStatus
  /** The peers that it knows to dial: those that it has reached, and those that it has only heard of. */
  known: KnownPeersStatus
  /** What has passed, and what may pass. */
  bandwidth: BandwidthStatus
  /** What waits. */
  queues: QueuesStatus
  /** What else is kept in memory, with its bounds. */
  memory: MemoryStatus
}

/** Who a node is. */
export interface NodeStatus {
  /** The libp2p peer id. */
  peerId: string
  /** The operator's name for it. */
  nodeId: string
  /** The software and its version. */
  userAgent: string
  /** The name of the chain. */
  network: string
  /** The hash of the first block, in hexadecimal. */
  genesisHash: string
  /** The version of the wire. */
  protocolVersion: number
}

/** An address of a node, and how sure that is. */
export interface AddressStatus {
  /** The multiaddr. */
  address: string
  /**
   * Where it comes from: the node listens on it (`listen`), the option `announce` names it (`announce`), peers see it (`observed`), a
   * gateway forwards it (`ip-mapping`), or a name stands for it (`dns-mapping`).
   */
  source: 'listen' | 'announce' | 'observed' | 'ip-mapping' | 'dns-mapping'
  /** From where it makes sense: `loopback`, `link`, `private` or `public`. */
  scope: AddressScope
  /** True where enough peers were asked to dial it, and have reached this node. Only a public address can be tested. */
  isTested: boolean
  /** Peers that were asked to dial it (`nat.autonat`): those that reached this node, and those that did not. `null` where none was. */
  tests: AddressTests | null
  /**
   * Which peers are told of it in handshakes: all, those in the same local network (`network`), those on this machine (`machine`), or
   * `none`: `announce` says something else, or peers have seen the node there and were not asked to dial it.
   */
  toldTo: 'all' | 'network' | 'machine' | 'none'
}

/** In what a node asks routers to lead ports to it. */
export type GatewayProtocol = 'PCP' | 'NAT-PMP' | 'UPnP'

/** The router before a node, and what it does for the node. */
export interface GatewayStatus {
  /** Its address in the local network, of IPv4; `null` where this machine has no route to one. */
  address: string | null
  /** What it speaks, as far as it has answered; `null` where it has not. */
  protocol: GatewayProtocol | null
  /** Its address outside, where it leads a port to this node; `null` where it leads none. */
  externalAddress: string | null
  /** Why it leads no port to this node, as a sentence; `null` where it leads one, or was not asked yet. */
  problem: string | null
}

/** What came of asking peers to dial an address. */
export interface AddressTests {
  /** Peers that reached this node there. */
  reached: number
  /** Peers that did not. */
  missed: number
}

/** The end of a chain. */
export interface TipStatus {
  /** Its height. */
  height: number
  /** Its hash, in hexadecimal. */
  hash: string
}

/** Slots of one kind. */
export interface SlotUse {
  /** How many are taken. */
  used: number
  /** How many there are. */
  limit: number
}

/** The slots of a node. Reserved peers are in `reserved` alone. */
export interface SlotsStatus {
  /** Sessions that peers have opened: `maxInbound`. */
  inbound: SlotUse
  /** Sessions that this node has opened, without the block-only ones: `maxOutbound`. */
  outbound: SlotUse
  /** Sessions that this node has opened and in which it wants no transactions: `maxBlockOnly`. */
  blockOnly: SlotUse
  /** Sessions with reserved peers: `reservedPeers`. */
  reserved: SlotUse
  /** Dials and handshakes under way, of both directions. */
  pending: number
}

/**
 * Why a target is not being dialled, if so:
 * `dialling` now, `connected` already, `banned`, `covered` by a seed or reserved peer that is the same, `waiting` after a failure,
 * `netgroup-taken` by another outbound session or dial, `no-slot` is free, or `due` at once.
 */
export type DialState = 'dialling' | 'connected' | 'banned' | 'covered' | 'waiting' | 'netgroup-taken' | 'no-slot' | 'due'

/** A peer that the node may dial. */
export interface DialStatus {
  /** The libp2p peer id, or the address of a seed. */
  target: string
  /** The libp2p peer id, as configured or as found; `null` where that is not known. */
  peerId: string | null
  /** The multiaddrs, the one to try first in front. */
  addresses: string[]
  /** Where the node knows it from. */
  source: 'reserved' | 'seed' | 'known' | 'discovered'
  /** The name of the source: see `sources`. */
  origin: string
  /** Why it is dialled or not. */
  state: DialState
  /** In how many ms it may be dialled next: 0 for now, `null` while it is connected or being dialled. */
  nextIn: number | null
  /** Failures in a row. */
  failures: number
  /** Why the last dial, or session, has ended; `null` where none has. At most 256 characters. A peer may have written a part of it. */
  lastError: string | null
  /** When it was last reached, in ms since the Unix epoch; `null` where that is not known. */
  lastSuccess: number | null
}

/** Whom a node dials. */
export interface DialsStatus {
  /** Dials under way. */
  underWay: number
  /** How many peers the node may dial in all. One that is known in several ways, such as by a seed and by itself, counts once. */
  known: number
  /** The first of them, at most 64: reserved peers and seeds, then those that are dialled next. */
  targets: DialStatus[]
}

/** Whom a node keeps out. `peers.bans` has all of them. */
export interface BansStatus {
  /** How many bans hold. */
  count: number
  /** Those that end first, at most 64. */
  first: Ban[]
}

/** Where a node knows peers from. */
export interface SourceStatus {
  /** `reserved`, `seed`, `known` for earlier runs, `inbound` for peers that came, `libp2p` for its discoveries, or the name of a source. */
  name: string
  /** Peers of it that the node may dial. */
  targets: number
  /** Those of them with a ready session. */
  ready: number
  /** Those of them whose last dial has failed. */
  failing: number
  /** When it was last asked, in ms since the Unix epoch; `null` where it was not, or cannot be. */
  askedAt: number | null
  /** Peers that it told of when it was last asked. */
  found: number
}

/** The sources of peers, and whether they are asked. */
export interface SourcesStatus {
  /** Whether a search is under way. */
  isSearching: boolean
  /** In how many ms the next search may begin; `null` without sources that can be asked, and during a search. */
  nextIn: number | null
  /** The sources that a known peer came from, and those that can be asked. */
  list: SourceStatus[]
}

/** What has passed in one direction since the node was made, in all sessions. */
export interface TrafficStatus {
  /** Bytes of frames, without what encryption adds. */
  bytes: number
  /** By the type of message; `unknown` for types that this version does not know. Types that did not come are left out. */
  byType: TrafficByType
}

/** What has passed, and what may pass. */
export interface BandwidthStatus {
  /** Received. Two statuses give a rate: the difference of bytes, by that of `at`. */
  in: TrafficStatus
  /** Handed to the streams. */
  out: TrafficStatus
  /** What may pass in a second, in bytes; `null` for no cap. */
  limits: { upload: number | null, download: number | null, peerUpload: number | null, peerDownload: number | null }
}

/** How much there is of something that is bounded. */
export interface Usage {
  /** How many; `null` where only bytes are counted. */
  items: number | null
  /** How many there may be; `null` where only bytes are bounded. */
  maxItems: number | null
  /** How many bytes; `null` where only items are counted. */
  bytes: number | null
  /** How many there may be; `null` where only items are bounded. */
  maxBytes: number | null
}

/** What waits in a node. */
export interface QueuesStatus {
  /** What waits to be sent, to all peers. */
  outbox: Usage
  /** What has come and was not read yet, of all peers. */
  inbox: Usage
  /** Messages that are being handled, of all peers: with handlers, the chain, or the blocks that are served. */
  handling: Usage
  /** Requests of this node that wait for an answer. */
  requests: Usage
  /** Writes that wait for the chain. */
  chainWrites: Usage
  /** Announced blocks and large transactions that have not come. */
  wanted: Usage
  /** Transactions that were announced by short digests and have not come. */
  wantedTransactions: Usage
  /** Blocks and transactions that were broadcast while no peer was ready: they wait for the next ones, for 30 s at most. */
  pendingBroadcasts: Usage
}

/** What a node keeps in memory beside its queues. */
export interface MemoryStatus {
  /** The digests of blocks and transactions that were met. The memory is taken at the start. */
  seenDigests: Usage
  /** Large items that are kept for peers that ask for them. */
  storedItems: Usage
  /** Transactions that are kept for peers that come, and for those that ask for them. */
  transactionPool: Usage
  /** Blocks that are put together from compact blocks, or are being judged since. */
  compactBlocks: Usage
  /** Blocks that wait for their parents. */
  orphans: Usage
  /** Blocks that a synchronisation has fetched, and the chain has not taken. */
  fetchedBlocks: Usage
  /** Peers that may be dialled. */
  targets: Usage
  /** Peers that have a score. */
  scores: Usage
  /** Bans, with those that have ended and are remembered. */
  bans: Usage
}
