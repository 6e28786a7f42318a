import { crc32 } from 'node:zlib'
import { expectRefused, refused, taken } from './offers.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { ForkId } from '../../../types/message.ts'

const FORKS = 'Fork ids'
const FEWER = 'where `next` is not the first of its forks that is missing in `hash`: the peer has missed an upgrade'

/** Heights that are tried for the one fork that the target has passed. */
const MAX_HEIGHTS = 10_000_000

/** The fork id of the target. Skips where it has none. */
function forkIdOf (context: CheckContext): ForkId {
  return context.target.node.forkId ?? context.skip('the target has no fork_id: it knows of no schedule of forks')
}

function flipped (hash: number): number {
  return (hash ^ 0x5555_5555) >>> 0
}

/** The hash of a chain that has passed one more fork. */
function hashAfter (hash: number, height: number): number {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(height))

  return crc32(bytes, hash)
}

/** The hash of a chain that has passed no fork, where the target has passed some. Skips where it has passed none. */
function hashBeforeAll (context: CheckContext): number {
  const hash = crc32(context.target.node.genesisHash)

  return forkIdOf(context).hash === hash ? context.skip('the chain of the target has passed no fork yet') : hash
}

/** The height of the fork that the target has passed. Skips where there is no single one. */
function onlyFork (context: CheckContext): number {
  const before = hashBeforeAll(context)
  const { target: { node: { bestHeight } } } = context
  const { hash } = forkIdOf(context)

  for (let height = 1; height <= Math.min(bestHeight, MAX_HEIGHTS); height++) {
    if (hashAfter(before, height) === hash) {
      return height
    }
  }

  return context.skip('the chain of the target has passed more than one fork, so that nothing tells which one was the first')
}

/** Forks that one side has passed and the other has not. */
export const FORK_CHECKS: readonly Check[] = [
  {
    id: 'fork-one-sided',
    title: 'compares nothing where one side has no fork_id',
    section: FORKS,
    text: 'Where one side has no `fork_id`, nothing is compared.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const isThere = context.target.node.forkId != null
      await context.session({ node: isThere ? {} : { forkId: { hash: 0x1234_5678, next: 1 } } })
    }
  },
  refused({
    id: 'fork-other', title: 'refuses a peer that has passed other forks', section: FORKS, text: 'anything else', reason: 'WRONG_FORK'
  }, (context) => {
    const { hash } = forkIdOf(context)

    return { forkId: { hash: flipped(hash), next: 0 } }
  }),
  refused({
    id: 'fork-next-passed', title: 'refuses a peer that will fork where its own chain has passed without', section: FORKS,
    text: 'where `next` is not 0, and its own best height has reached it', reason: 'WRONG_FORK'
  }, (context) => {
    const { hash } = forkIdOf(context)

    return context.target.node.bestHeight < 1 ? context.skip('the chain of the target has no block yet') : { forkId: { hash, next: 1 } }
  }),
  {
    id: 'fork-next-later',
    title: 'takes a peer that knows of a later fork',
    section: FORKS,
    text: 'A node compares the `fork_id` of a peer with its own forks and its own best height:',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { hash } = forkIdOf(context)

      for (const next of [0, Number.MAX_SAFE_INTEGER]) {
        await context.session({ node: { forkId: { hash, next } } })
      }
    }
  },
  {
    id: 'fork-missed',
    title: 'refuses a peer that has passed fewer forks, and plans none or another one where it has passed one',
    section: FORKS,
    text: FEWER,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const hash = hashBeforeAll(context)

      for (const next of [0, Number.MAX_SAFE_INTEGER]) {
        await expectRefused(context, { forkId: { hash, next } }, 'WRONG_FORK')
      }
    }
  },
  taken({
    id: 'fork-behind', title: 'takes a peer that has passed fewer forks, and plans the one that comes next to it', section: FORKS, text: FEWER
  }, (context) => ({ forkId: { hash: hashBeforeAll(context), next: onlyFork(context) } })),
  taken({
    id: 'fork-ahead', title: 'takes a peer that has passed the fork that it plans', section: FORKS,
    text: 'never: the chain of this node will pass them too'
  }, (context) => {
    const { hash, next } = forkIdOf(context)

    return next === 0 ? context.skip('the target plans no fork') : { forkId: { hash: hashAfter(hash, next), next: 0 } }
  })
]
