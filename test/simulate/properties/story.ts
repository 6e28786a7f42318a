import fc from 'fast-check'
import { BAD } from './bad.ts'
import type { NodeOptions } from '../../../src/testing/index.ts'

/** Something that happens to a network. Nodes are counted from the first, and again from the first behind the last one. */
export type Action =
  | { do: 'mine', node: number, bytes: number }
  | { do: 'tie', node: number, other: number, bytes: number }
  | { do: 'pay' | 'stop' | 'start' | 'crash' | 'vanish', node: number }
  | { do: 'cut', at: number }
  | { do: 'heal' }
  | { do: 'wait', ms: number }

/** Blocks that a pruned node has: fewer than a story has, so that others ask it in vain. */
const KEPT_BLOCKS = 4

/** Kinds of honest nodes. */
export const KINDS = {
  plain: {},
  /** Behind a NAT: no node can dial it. */
  closed: { nat: 'closed' },
  /** Drops old blocks. */
  pruned: { keep: KEPT_BLOCKS },
  /** Keeps its own branch where another one is as long. */
  firstSeen: { ties: 'first-seen' },
  /** Knows no addition to the protocol. */
  old: { config: { features: [] } },
  /** Takes 3 s to verify a block of 60 KB, and as much for each ten thousand messages. */
  slow: { cost: { perVerifiedByte: 0.05, perMessage: 0.3 } },
  /** Has a thin link. */
  thin: { links: { upload: 20_000, download: 100_000 } }
} as const satisfies Record<string, NodeOptions>

/** A network and what happens to it. */
export interface Story {
  seed: number
  honest: number
  bad: (keyof typeof BAD)[]
  /** What the honest nodes behind the seeds are. Those behind the last of these are plain. */
  kinds: (keyof typeof KINDS)[]
  lossesPerHour: number
  actions: Action[]
}

const node = fc.nat(15)

/** Random stories. */
export const stories: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat(1_000_000),
  honest: fc.integer({ min: 4, max: 10 }),
  bad: fc.array(fc.constantFrom(...Object.keys(BAD) as (keyof typeof BAD)[]), { maxLength: 3 }),
  kinds: fc.array(fc.constantFrom(...Object.keys(KINDS) as (keyof typeof KINDS)[]), { maxLength: 7 }),
  lossesPerHour: fc.constantFrom(0, 0, 20),
  actions: fc.array(fc.oneof(
    fc.record({ do: fc.constant('mine' as const), node, bytes: fc.constantFrom(0, 5000, 60_000) }),
    fc.record({ do: fc.constant('tie' as const), node, other: node, bytes: fc.constantFrom(0, 5000) }),
    fc.record({ do: fc.constantFrom('pay' as const, 'stop' as const, 'start' as const, 'crash' as const, 'vanish' as const), node }),
    fc.record({ do: fc.constant('cut' as const), at: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ do: fc.constant('heal' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 10, max: 30_000 }) })
  ), { maxLength: 25 })
})
