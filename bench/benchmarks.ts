import { COMPACT_BLOCKS } from './compact-blocks.ts'
import { asking } from './scenarios/asking.ts'
import { broadcast } from './scenarios/broadcast.ts'
import { flow } from './scenarios/flow.ts'
import { BLOCKS, propagation, TRANSACTIONS } from './scenarios/propagation.ts'
import { relay } from './scenarios/relay.ts'
import { roundTrip } from './scenarios/round-trip.ts'
import { throughput } from './scenarios/throughput.ts'
import { SESSIONS } from './sessions.ts'
import { QUIC } from './quic.ts'
import { SPREADING } from './spreading.ts'
import type { Benchmark } from './benchmark.ts'

const DISTANT_MS = 100

/** 64 MiB in blocks of 1 KiB. */
const SMALL_BLOCKS = { blockBytes: 1024, blocks: 65_536 }

/** The processor time of either side is for each MB. */
const TRANSFER_FIGURES = { rate: 'bytes/s', receiver: 'ms', sender: 'ms' } as const

export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'transactions',
    about: '200-byte transactions from one peer to a decoding handler',
    figures: { rate: 'transactions/s' },
    contenders: [
      { label: 'ours', measure: throughput({ transfer: 'transactions' }) },
      { label: 'ours, without features', measure: throughput({ transfer: 'transactionsPlain' }), isQuick: false },
      { label: 'one send() per message', measure: throughput({ transfer: 'naive' }), aims: { rate: { atLeast: 10 } } },
      { label: 'gossipsub, unsigned', measure: throughput({ transfer: 'gossipsub' }), aims: { rate: { atLeast: 25 } } },
      { label: 'gossipsub, signed', measure: throughput({ transfer: 'gossipsubSigned' }), isQuick: false },
      { label: 'secret-stream + protomux', measure: throughput({ transfer: 'secretStream' }), aims: { rate: { atLeast: 1.5 } } },
      { label: 'joined frames, not decoded', measure: throughput({ transfer: 'joined' }), aims: { rate: { atLeast: 0.6 } }, isLimit: true }
    ]
  },
  {
    name: 'transactions-metered',
    about: 'the same transactions where the receiver has metrics, and where it has none',
    figures: { rate: 'transactions/s' },
    isQuick: false,
    contenders: [
      { label: 'ours, with metrics', measure: throughput({ transfer: 'transactionsMetered' }) },
      { label: 'ours, without', measure: throughput({ transfer: 'transactions' }), aims: { rate: { atLeast: 0.9 } } }
    ]
  },
  {
    name: 'status',
    about: 'processor time for one status, one list of peers, and one page of metrics, of a node with 40 peers',
    figures: { status: 'ms', peers: 'ms', metrics: 'ms' },
    isQuick: false,
    contenders: [
      { label: 'ours', measure: asking('ours'), aims: { status: { atMost: 5 }, peers: { atMost: 5 }, metrics: { atMost: 5 } } },
      { label: 'the same text of what is there already', measure: asking('plain'), isLimit: true }
    ]
  },
  {
    name: 'broadcast',
    about: '1 KiB messages from one node to 32 peers: processor time for each delivery',
    figures: { cpu: 'ms', sender: 'ms' },
    contenders: [
      { label: 'ours', measure: broadcast('ours') },
      { label: 'gossipsub, unsigned', measure: broadcast('gossipsub'), aims: { cpu: { atMost: 0.25 } } },
      { label: 'gossipsub, signed', measure: broadcast('gossipsubSigned'), isQuick: false }
    ]
  },
  {
    name: 'sync',
    about: 'a chain of 64 KiB blocks from memory to memory',
    figures: TRANSFER_FIGURES,
    contenders: [
      { label: 'ours', measure: throughput({ transfer: 'sync', patience: 2 }) },
      { label: 'one stream per request', measure: throughput({ transfer: 'streams', patience: 2 }), isQuick: false },
      {
        label: 'raw stream, libp2p\'s settings',
        measure: throughput({ transfer: 'rawDefault', patience: 2 }),
        aims: { rate: { atLeast: 1.2 } },
        isQuick: false
      },
      { label: 'raw stream', measure: throughput({ transfer: 'raw', patience: 2 }), aims: { rate: { atLeast: 0.95 } } },
      { label: 'raw stream on our stack', measure: throughput({ transfer: 'rawOurs', patience: 2 }), isLimit: true, isQuick: false }
    ]
  },
  {
    name: 'sync-small',
    about: 'a chain of 1 KiB blocks from memory to memory',
    figures: TRANSFER_FIGURES,
    contenders: [
      { label: 'ours', measure: throughput({ transfer: 'sync', patience: 2, ...SMALL_BLOCKS }) },
      { label: 'one stream per request', measure: throughput({ transfer: 'streams', patience: 2, ...SMALL_BLOCKS }), isQuick: false },
      { label: 'raw stream', measure: throughput({ transfer: 'raw', patience: 2 }), aims: { rate: { atLeast: 0.7 } }, isLimit: true }
    ]
  },
  ...QUIC,
  {
    name: 'sync-private',
    about: 'a chain of 64 KiB blocks from memory to memory in a private network',
    figures: { rate: 'bytes/s' },
    isQuick: false,
    contenders: [
      { label: 'ours, private network', measure: throughput({ transfer: 'syncPrivate', patience: 2 }) },
      { label: 'ours, without a key', measure: throughput({ transfer: 'sync', patience: 2 }) }
    ]
  },
  {
    name: 'sync-short',
    about: 'a chain of 1 KiB blocks from a server that answers each request with 7, and from one that answers in full',
    figures: { rate: 'bytes/s' },
    isQuick: false,
    contenders: [
      { label: 'ours, 7 blocks an answer', measure: throughput({ transfer: 'syncShort', patience: 2, ...SMALL_BLOCKS }) },
      { label: 'ours, full answers', measure: throughput({ transfer: 'syncFull', patience: 2, ...SMALL_BLOCKS }) }
    ]
  },
  {
    name: 'sync-signed',
    about: 'blocks with three signatures each, which are checked on all cores, and on one thread',
    figures: TRANSFER_FIGURES,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: throughput({ transfer: 'syncSigned', patience: 2 }) },
      {
        label: 'ours, one thread',
        measure: throughput({ transfer: 'syncSignedAlone', patience: 2 }),
        // of two cores
        aims: { rate: { atLeast: 1.8 } }
      }
    ]
  },
  {
    name: 'sync-leveldb',
    about: 'a chain of 64 KiB blocks with LevelDB on both contenders',
    figures: TRANSFER_FIGURES,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: throughput({ transfer: 'syncLevelDb', patience: 2 }) },
      {
        label: 'raw stream, libp2p\'s settings',
        measure: throughput({ transfer: 'rawDefault', patience: 2 }),
        aims: { rate: { atLeast: 0.5 } }
      },
      { label: 'raw stream', measure: throughput({ transfer: 'raw', patience: 2 }) },
      { label: 'LevelDB, writing only', measure: throughput({ transfer: 'levelWrites', patience: 2 }), isLimit: true },
      // what another store of the command would make of it
      { label: 'ours on SQLite', measure: throughput({ transfer: 'syncSqlite', patience: 2 }), aims: { rate: { atLeast: 1 } } },
      { label: 'SQLite, writing only', measure: throughput({ transfer: 'sqliteWrites', patience: 2 }) },
      { label: 'ours on SQLite in a thread', measure: throughput({ transfer: 'syncSqliteThread', patience: 2 }) },
      { label: 'SQLite in a thread, writing only', measure: throughput({ transfer: 'sqliteThreadWrites', patience: 2 }) }
    ]
  },
  {
    name: 'sync-distant',
    about: `a chain of 64 KiB blocks from a peer that is ${DISTANT_MS} ms away, there and back`,
    figures: { rate: 'bytes/s' },
    isQuick: false,
    contenders: [
      { label: 'ours', measure: throughput({ transfer: 'sync', roundTripMs: DISTANT_MS, patience: 2 }) },
      { label: 'one stream per request', measure: throughput({ transfer: 'streams', roundTripMs: DISTANT_MS, patience: 2 }) },
      {
        label: 'raw stream',
        measure: throughput({ transfer: 'raw', roundTripMs: DISTANT_MS, patience: 2 }),
        aims: { rate: { atLeast: 0.9 } },
        isLimit: true
      }
    ]
  },
  {
    name: 'sync-two-peers',
    about: `the chain from two peers that are ${DISTANT_MS} ms away, and from one of them`,
    figures: { rate: 'bytes/s' },
    isQuick: false,
    contenders: [
      { label: 'ours, two peers', measure: throughput({ transfer: 'sync', senders: 2, roundTripMs: DISTANT_MS, patience: 2 }) },
      {
        label: 'ours, one peer',
        measure: throughput({ transfer: 'sync', roundTripMs: DISTANT_MS, patience: 2 }),
        aims: { rate: { atLeast: 1.7 } }
      }
    ]
  },
  {
    name: 'relay',
    about: '1 MiB blocks through a node in the middle: its processor time for each',
    figures: { cpu: 'ms' },
    contenders: [
      { label: 'ours', measure: relay('ours') },
      { label: 'gossipsub, unsigned', measure: relay('gossipsub'), isQuick: false },
      { label: 'between two raw streams', measure: relay('raw'), aims: { cpu: { atMost: 1.3 } }, isLimit: true }
    ]
  },
  {
    name: 'ping',
    about: 'round trips of pings on a session that does nothing else',
    figures: { p50: 'ms', p99: 'ms' },
    contenders: [
      { label: 'ours', measure: roundTrip({ kind: 'ours', isBusy: false }) },
      { label: '@libp2p/ping', measure: roundTrip({ kind: 'libp2p', isBusy: false }), aims: { p50: { atMost: 0.3 } } }
    ]
  },
  {
    name: 'ping-busy',
    about: 'round trips of pings on a session that synchronises',
    figures: { p99: 'ms', p50: 'ms' },
    isQuick: false,
    contenders: [
      { label: 'ours, busy', measure: roundTrip({ kind: 'ours', isBusy: true }) },
      { label: 'ours, idle', measure: roundTrip({ kind: 'ours', isBusy: false }), aims: { p99: { atMost: 10 } } },
      { label: '@libp2p/ping beside a raw stream', measure: roundTrip({ kind: 'libp2p', isBusy: true }) }
    ]
  },
  {
    name: 'network-blocks',
    about: '1 MiB blocks through a network of 50 nodes with 8 peers each (20 in a quick run)',
    figures: { received: 'bytes', p50: 'ms', p99: 'ms' },
    isQuick: false,
    contenders: [
      { label: 'ours', measure: propagation('ours', BLOCKS), aims: { received: { atMost: 1.3 * BLOCKS.bytes } } },
      {
        label: 'gossipsub, unsigned',
        measure: propagation('gossipsub', BLOCKS),
        aims: { received: { atMost: 0.5 }, p50: { atMost: 1 }, p99: { atMost: 1 } }
      }
    ]
  },
  ...COMPACT_BLOCKS,
  {
    name: 'network-transactions',
    about: '500-byte transactions through the same network, 20 in a second',
    figures: { received: 'bytes', p50: 'ms', p99: 'ms' },
    isQuick: false,
    contenders: [
      { label: 'ours', measure: propagation('ours', TRANSACTIONS) },
      {
        label: 'gossipsub, unsigned',
        measure: propagation('gossipsub', TRANSACTIONS),
        aims: { p50: { atMost: 1 }, p99: { atMost: 1 } }
      }
    ]
  },
  ...SPREADING,
  ...SESSIONS,
  {
    name: 'memory-flow',
    about: 'the heap after 10 GB of blocks, as a multiple of what it was after the first',
    figures: { receiver: 'times', sender: 'times' },
    maxRounds: 1,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: flow, aims: { receiver: { atMost: 1.1 }, sender: { atMost: 1.1 } } }
    ]
  }
]
