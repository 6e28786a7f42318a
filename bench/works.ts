import type { Side } from './measure.ts'

/** Something that is measured: this package side by side with something else. */
export interface Work {
  name: string
  /** For the help. */
  about: string
  /** What is counted. */
  unit: 'transactions' | 'bytes'
  ours: Side
  other: Side
  /** How many times as long as others it is left to warm up, and measured. One unless given. */
  patience?: number
  /** How many times the rate of `other` ours should be. */
  aim: number
}

const DISTANT_MS = 100

export const WORKS: readonly Work[] = [
  {
    name: 'transactions',
    about: '200-byte transactions to a decoding handler, and one send() for each of them',
    unit: 'transactions',
    ours: { label: 'ours', contender: 'transactions' },
    other: { label: 'one send() per message', contender: 'naive' },
    aim: 8
  },
  {
    name: 'sync',
    about: 'a chain of 64 KiB blocks from memory to memory, and a libp2p stream that only moves bytes',
    unit: 'bytes',
    ours: { label: 'ours', contender: 'sync' },
    other: { label: 'raw stream', contender: 'raw' },
    patience: 2,
    aim: 0.9
  },
  {
    name: 'sync-leveldb',
    about: 'the same with LevelDB on both sides',
    unit: 'bytes',
    ours: { label: 'ours', contender: 'syncLevelDb' },
    other: { label: 'raw stream', contender: 'raw' },
    patience: 2,
    aim: 0.5
  },
  {
    name: 'sync-two-peers',
    about: `the chain from two peers that are ${DISTANT_MS} ms away, there and back, and from one of them`,
    unit: 'bytes',
    ours: { label: 'two peers', contender: 'sync', senders: 2, roundTripMs: DISTANT_MS },
    other: { label: 'one peer', contender: 'sync', roundTripMs: DISTANT_MS },
    patience: 2,
    aim: 1.7
  }
]
