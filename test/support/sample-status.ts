import type { NodeReport } from '../../src/cli/admin/answers.ts'
import type { NetworkStatus, PeerStatus } from '../../src/index.ts'

const NOW = 1_800_000_000_000
const NOTHING = { items: 0, maxItems: 10, bytes: 0, maxBytes: 1000 }

/** A peer as a node tells of it. */
export function samplePeer (changes: Partial<PeerStatus> = {}): PeerStatus {
  return {
    id: '12D3KooWaaaaaaaa',
    nodeId: 'alpha',
    userAgent: 'vibecoin-network/1.0.0',
    direction: 'inbound',
    state: 'ready',
    address: '/ip4/203.0.113.7/tcp/8765',
    features: [],
    netgroup: '203.0',
    isRelayed: false,
    upgrade: null,
    isReserved: false,
    isBlockOnly: false,
    bestHeight: 12,
    readyAt: NOW - 5000,
    rtt: 12,
    leastRtt: 3,
    bytes: { in: 1234, out: 99 },
    messages: { in: { newBlock: { messages: 2, bytes: 1100 } }, out: { ping: { messages: 3, bytes: 30 } } },
    waiting: { in: 0, out: 0 },
    requests: 0,
    handling: { messages: 0, bytes: 0 },
    rates: {
      in: { transactions: 0, blocks: 0, blocksAsked: 0, digests: 0, pings: 0, others: 0, bytes: 0 },
      out: { transactions: 0, blocks: 0, blocksAsked: 0, digests: 0, pings: 0 },
      slowedMs: 0
    },
    score: { value: 0, offences: {} },
    useful: { blocks: 2, transactions: 3, lastBlockAgo: 1000, lastTransactionAgo: null },
    handlers: { calls: 5, ms: 10 },
    ...changes
  }
}

/** A node, and its process, as they tell of themselves. */
export function sampleReport (changes: Partial<NetworkStatus> = {}): NodeReport {
  const traffic = { bytes: 1234, byType: { newBlock: { messages: 2, bytes: 1100 } } }
  const sent = { bytes: 99, byType: { ping: { messages: 3, bytes: 30 } } }

  return {
    status: {
      at: NOW,
      uptime: 61_000,
      node: { peerId: '12D3KooWself', nodeId: 'node', userAgent: 'vibecoin-network/1.0.0', network: 'net', genesisHash: 'ab'.repeat(32), protocolVersion: 1 },
      addresses: [{ address: '/ip4/127.0.0.1/tcp/8765/p2p/12D3KooWself', source: 'listen', scope: 'loopback', isTested: false, tests: null, toldTo: 'machine' }],
      gateway: null,
      tip: { height: 12, hash: '1a2b3c4d'.repeat(8) },
      sync: {
        ...{ state: 'synced', since: null, grownAt: NOW - 2000, doubted: [], chainCalls: [], behind: 0, best: 12 },
        ...{ isAutomatic: true, progress: null, failures: 0, retryIn: null, lastEnd: null }
      },
      slots: {
        ...{ inbound: { used: 1, limit: 32 }, outbound: { used: 0, limit: 8 }, blockOnly: { used: 0, limit: 0 } },
        ...{ reserved: { used: 0, limit: 0 }, pending: 0 }
      },
      peers: [samplePeer()],
      dials: { underWay: 0, known: 0, targets: [] },
      bans: { count: 0, first: [] },
      known: {
        reached: 0, heardOf: 0, tellable: 0, feelers: { tried: 0, reached: 0, nextIn: null },
        exchange: { asked: 0, heard: 0, forged: 0, answered: 0 }
      },
      sources: { isSearching: false, nextIn: null, list: [] },
      bandwidth: { in: traffic, out: sent, limits: { upload: null, download: null, peerUpload: null, peerDownload: null } },
      queues: {
        outbox: NOTHING, inbox: NOTHING, handling: NOTHING, requests: NOTHING, chainWrites: NOTHING, wanted: NOTHING,
        wantedTransactions: NOTHING, pendingBroadcasts: NOTHING
      },
      memory: {
        seenDigests: NOTHING, storedItems: NOTHING, transactionPool: NOTHING, compactBlocks: NOTHING, orphans: NOTHING,
        fetchedBlocks: NOTHING, targets: NOTHING, scores: NOTHING, bans: NOTHING
      },
      ...changes
    },
    process: { version: '1.0.0', pid: 7, dataDir: '/data', at: 61_000, cpu: 1000, rss: 100_000_000, heapUsed: 50_000_000 }
  }
}
