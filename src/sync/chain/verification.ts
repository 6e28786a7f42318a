import type { CheckedChain } from './checked-chain.ts'
import type { Clock } from '../../util/clock.ts'
import type { Block } from '../../types/block.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** What became of blocks that were to be verified. */
export interface Verified {
  /** How many of the first are valid. */
  valid: number
  /** The block after those, where the chain refuses it. Where it is not there, the time was over, or all are valid. */
  invalid: { height: number, error: Error } | undefined
}

/** Options of {@link verifyBlocks}. */
export interface VerificationInit {
  chain: CheckedChain
  clock: Clock
  /** For how long calls begin, in ms. The first begins at once. */
  maxMs: number
}

/**
 * Has the chain verify linked blocks, the first against `parent`: in order, and as many at once as the chain takes. The first one that is
 * invalid counts, whichever answer comes first. Settles when no call is under way. Throws what the chain fails with at the first block
 * that it fails at.
 */
export async function verifyBlocks (blocks: readonly ReceivedBlock[], parent: Block, init: VerificationInit): Promise<Verified> {
  const { chain, clock, maxMs } = init
  const since = clock.now()
  const calls: Promise<Error | undefined>[] = []
  let valid = 0

  const mayBegin = (): boolean => calls.length < blocks.length && calls.length - valid < chain.verifyConcurrency &&
    (calls.length === 0 || clock.now() - since < maxMs)

  try {
    for (;;) {
      while (mayBegin()) {
        await chain.takeTurn()
        const call = chain.verify(blocks[calls.length]!, blocks[calls.length - 1]?.block ?? parent)
        // one that fails is heard of in its turn
        call.catch(() => {})
        calls.push(call)
      }

      if (valid === calls.length) {
        return { valid, invalid: undefined }
      }

      const error = await calls[valid]

      if (error != null) {
        return { valid, invalid: { height: blocks[valid]!.block.height, error } }
      }

      valid++
    }
  } finally {
    // the application reads the blocks until then
    await Promise.allSettled(calls)
  }
}
