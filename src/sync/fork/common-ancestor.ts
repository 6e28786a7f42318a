import { bytesEqual } from '../../util/bytes.ts'
import { RequestError, SyncError } from '../../errors.ts'
import type { Block } from '../../types/block.ts'

/** Options of {@link findCommonAncestor}. */
export interface CommonAncestorInit {
  /** Height of our tip. */
  ours: number
  /** The height that the peer says to have. */
  theirs: number
  /** The first block after genesis that the peer keeps; 0 where it keeps them all. */
  lowest?: number
  /** A block of our chain. */
  own: (height: number) => Promise<Block | undefined>
  /** Asks the peer for one of its blocks. */
  ask: (height: number) => Promise<Block | undefined>
  signal?: AbortSignal
}

/**
 * Finds the last block that is on our chain and on that of a peer: from the top, in steps that double, then by halves. That takes
 * about twice the logarithm of the depth in requests. The genesis block is not asked for: without the same one there is no session.
 * Throws a {@link RequestError} with the code `UNAVAILABLE` where the peer does not have what it says to have, or keeps no block that
 * both have.
 */
export async function findCommonAncestor (init: CommonAncestorInit): Promise<Block> {
  const { lowest = 0 } = init
  const top = Math.min(init.ours, init.theirs)
  let differs = top + 1
  let common: Block | undefined

  for (let step = 0; common == null; step = step === 0 ? 1 : step * 2) {
    const height = Math.max(0, top - step, Math.min(lowest, differs - 1))

    if (height > 0 && height < lowest) {
      throw new RequestError('UNAVAILABLE', `keeps no blocks below ${lowest}`)
    }

    common = await match(height, init)
    differs = common == null ? height : differs
  }

  while (differs - common.height > 1) {
    const middle = common.height + Math.floor((differs - common.height) / 2)
    const found = await match(middle, init)

    if (found == null) {
      differs = middle
    } else {
      common = found
    }
  }

  return common
}

/** Our block at this height, where the peer has the same one. */
async function match (height: number, { own, ask, signal }: CommonAncestorInit): Promise<Block | undefined> {
  signal?.throwIfAborted()
  const ours = await own(height)

  if (ours == null) {
    throw new SyncError('STORE', `The chain does not have block ${height}, which is below its tip`)
  }

  if (height === 0) {
    return ours
  }

  const theirs = await ask(height)

  if (theirs == null) {
    throw new RequestError('UNAVAILABLE', `does not have block ${height}`)
  }

  return bytesEqual(ours.hash, theirs.hash) ? ours : undefined
}
