import type { NetworkStatus, Usage } from '../../src/types/status.ts'
import type { PeerStatus } from '../../src/types/peer.ts'

const NO_RATES = { transactions: 0, blocks: 0, blocksAsked: 0, digests: 0, pings: 0 }

/** A bound of which something is used. */
export function usage (usage: Partial<Usage> = {}): Usage {
  return { items: 0, maxItems: 10, bytes: null, maxBytes: null, ...usage }
}

/** The status of a peer that does nothing. */
export function samplePeerStatus (peer: Partial<PeerStatus> = {}): PeerStatus {
  return {
    id: 'a peer',
    nodeId: '',
    userAgent: '',
    direction: 'inbound',
    state: 'ready',
    address: '/ip4/127.0.0.1/tcp/1',
    netgroup: null,
    isRelayed: false,
    upgrade: null,
    isReserved: false,
    isBlockOnly: false,
    bestHeight: 0,
    features: [],
    readyAt: 0,
    rtt: null,
    leastRtt: null,
    bytes: { in: 0, out: 0 },
    messages: { in: {}, out: {} },
    waiting: { in: 0, out: 0 },
    requests: 0,
    handling: { messages: 0, bytes: 0 },
    rates: { in: { ...NO_RATES, others: 0, bytes: 0 }, out: NO_RATES, slowedMs: 0 },
    score: { value: 0, offences: {} },
    useful: { blocks: 0, transactions: 0, lastBlockAgo: null, lastTransactionAgo: null },
    handlers: { calls: 0, ms: 0 },
    ...peer
  }
}

/** The status of a node that does nothing. */
export function sampleStatus (status: Partial<NetworkStatus> = {}): NetworkStatus {
  return {
    at: 0,
    uptime: 1,
    node: { peerId: 'this node', nodeId: '', userAgent: '', network: 'test', genesisHash: '', protocolVersion: 1 },
    addresses: [],
    gateway: null,
    tip: null,
    sync: {
      ...{ state: 'unknown', since: null, grownAt: null, doubted: [], chainCalls: [], behind: 0, best: null },
      ...{ isAutomatic: true, progress: null, failures: 0, retryIn: null, lastEnd: null }
    },
    slots: {
      ...{ inbound: { used: 0, limit: 32 }, outbound: { used: 0, limit: 8 }, blockOnly: { used: 0, limit: 2 } },
      ...{ reserved: { used: 0, limit: 0 }, pending: 0 }
    },
    peers: [],
    dials: { underWay: 0, known: 0, targets: [] },
    bans: { count: 0, first: [] },
    known: {
      reached: 0, heardOf: 0, tellable: 0, feelers: { tried: 0, reached: 0, nextIn: null },
      exchange: { asked: 0, heard: 0, forged: 0, answered: 0 }
    },
    sources: { isSearching: false, nextIn: null, list: [{ name: 'seed', targets: 0, ready: 0, failing: 0, askedAt: null, found: 0 }] },
    bandwidth: {
      in: { bytes: 0, byType: {} },
      out: { bytes: 0, byType: {} },
      limits: { upload: null, download: null, peerUpload: null, peerDownload: null }
    },
    queues: {
      outbox: usage({ items: null, maxItems: null, bytes: 0, maxBytes: 100 }),
      inbox: usage({ items: null, maxItems: null, bytes: 0, maxBytes: 100 }),
      handling: usage(),
      requests: usage(),
      chainWrites: usage(),
      wanted: usage(),
      wantedTransactions: usage(),
      pendingBroadcasts: usage()
    },
    memory: {
      seenDigests: usage(), storedItems: usage(), transactionPool: usage(), compactBlocks: usage(), orphans: usage(),
      fetchedBlocks: usage(), targets: usage(), scores: usage(), bans: usage()
    },
    ...status
  }
}
