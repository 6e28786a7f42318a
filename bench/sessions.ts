import { accepting, idle } from './scenarios/accepting.ts'
import { loaded } from './scenarios/loaded.ts'
import { stopping } from './scenarios/stopping.ts'
import type { Benchmark } from './benchmark.ts'

/** Transactions for a node, and peers that fetch its chain over 40 Mbit/s each. */
const FULL_LOAD = { transactionsPerSecond: 50_000, count: 8, download: 5_000_000 }

/** What many sessions cost, and one node that has everything to do at once. */
export const SESSIONS: readonly Benchmark[] = [
  {
    name: 'loaded',
    about: 'a node that takes 50,000 transactions/s, serves its chain to 8 peers, and follows the tip',
    figures: { delay: 'ms', own: 'ms', block: 'ms', rate: 'transactions/s', served: 'bytes/s', cpu: 'times', others: 'times' },
    isQuick: false,
    contenders: [
      {
        label: 'ours',
        measure: loaded(FULL_LOAD),
        aims: { delay: { atMost: 30 }, own: { atMost: 30 }, block: { atMost: 250 }, rate: { atLeast: 49_000 } }
      },
      { label: 'ours, without the 8 peers', measure: loaded({ ...FULL_LOAD, count: 0 }) },
      { label: 'ours, without transactions', measure: loaded({ ...FULL_LOAD, transactionsPerSecond: 0 }) }
    ]
  },
  {
    name: 'accept',
    about: 'sessions that are accepted, from one process that dials and hangs up',
    figures: { rate: 'sessions/s', cpu: 'ms' },
    contenders: [
      { label: 'ours', measure: accepting('ours') },
      { label: 'libp2p with identify, one stream', measure: accepting('identify'), isQuick: false },
      { label: 'bare libp2p, one stream', measure: accepting('bare'), aims: { rate: { atLeast: 0.9 } }, isLimit: true }
    ]
  },
  {
    name: 'stop',
    about: 'how long a node takes to stop whose 500 peers have frozen (100 in a quick run)',
    figures: { time: 'ms', cpu: 'ms' },
    maxRounds: 3,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: stopping('ours', { areFrozen: true }), aims: { time: { atMost: 2000 } } },
      { label: 'bare libp2p', measure: stopping('bare', { areFrozen: true }) }
    ]
  },
  {
    name: 'stop-answered',
    about: 'the same with peers that answer',
    figures: { cpu: 'ms', time: 'ms' },
    maxRounds: 3,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: stopping('ours', { areFrozen: false }), aims: { time: { atMost: 2000 } } },
      { label: 'bare libp2p', measure: stopping('bare', { areFrozen: false }), aims: { cpu: { atMost: 1.5 } } }
    ]
  },
  {
    name: 'memory-idle',
    about: 'what a session that does nothing holds at the node that has accepted it',
    figures: { heap: 'bytes' },
    maxRounds: 3,
    contenders: [
      { label: 'ours', measure: idle('ours') },
      { label: 'libp2p with identify', measure: idle('identify'), isQuick: false },
      { label: 'bare libp2p connection', measure: idle('bare'), aims: { heap: { atMostMore: 15 * 1024 } }, isLimit: true }
    ]
  }
]
