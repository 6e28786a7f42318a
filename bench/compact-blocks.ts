import { BLOCKS } from './scenarios/propagation.ts'
import { knownBlocks, knownPath, knownRelay } from './scenarios/known-block.ts'
import { DEFAULTS } from '../src/config/resolve.ts'
import type { Benchmark } from './benchmark.ts'

/** Blocks whose transactions the nodes have. */
export const COMPACT_BLOCKS: readonly Benchmark[] = [
  {
    name: 'compact-blocks',
    about: '1 MiB blocks whose 2000 transactions all of 20 nodes with 6 peers have',
    figures: { received: 'bytes', p50: 'ms' },
    isQuick: false,
    contenders: [
      { label: 'ours', measure: knownBlocks('ours'), aims: { received: { atMost: 0.04 * BLOCKS.bytes } } },
      { label: 'ours, no features', measure: knownBlocks('oursOlder') }
    ]
  },
  {
    name: 'compact-relay',
    about: 'the same blocks through a node in the middle: its processor time for each',
    figures: { cpu: 'ms' },
    isQuick: false,
    contenders: [
      { label: 'ours', measure: knownRelay('ours') },
      { label: 'ours, no features', measure: knownRelay('oursOlder'), aims: { cpu: { atMost: 0.25 } } }
    ]
  },
  {
    name: 'compact-path',
    about: 'the same blocks over 6 hops of 20 Mbit/s and 50 ms, on virtual time',
    figures: { time: 'ms' },
    maxRounds: 1,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: knownPath(DEFAULTS.features) },
      { label: 'ours, no features', measure: knownPath([]), aims: { time: { atMost: 0.15 } } }
    ]
  }
]
