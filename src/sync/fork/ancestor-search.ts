import { findCommonAncestor } from './common-ancestor.ts'
import { Deadline } from '../../util/deadline.ts'
import { RequestError } from '../../errors.ts'
import type { Candidate } from '../run/candidates.ts'
import type { RecentHashes } from '../chain/recent-hashes.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Block } from '../../types/block.ts'

/** How long the search for the common ancestor may take with one peer. */
export const SEARCH_TIMEOUT_MS = 15_000

/** Asks one peer for one block. Throws a RequestError where it does not answer. */
export type RequestBlock = (peer: Session, height: number, signal: AbortSignal) => Promise<Block | undefined>

/** Options of {@link searchAncestor}. */
export interface AncestorSearchInit {
  candidate: Candidate
  /** Height of our tip. */
  ours: number
  clock: Clock
  /** A block of our chain. */
  own: (height: number) => Promise<Block | undefined>
  requestBlock: RequestBlock
  /** The branches that our chain has refused. */
  refused: readonly RecentHashes[]
  signal: AbortSignal
}

/**
 * The common ancestor of our chain and a peer's, or the last blocks of that branch where our chain has refused it before.
 * Throws the signal's reason, and a {@link RequestError} where the peer does not answer, or not everything within SEARCH_TIMEOUT_MS.
 */
export async function searchAncestor (init: AncestorSearchInit): Promise<Block | RecentHashes> {
  const { candidate: { peer, height }, ours, clock, own, requestBlock, refused } = init
  const late = new AbortController()
  const signal = AbortSignal.any([init.signal, late.signal])
  const deadline = new Deadline({
    clock,
    timeout: SEARCH_TIMEOUT_MS,
    onExpired: () => { late.abort(new RequestError('TIMEOUT', `does not say within ${SEARCH_TIMEOUT_MS} ms`)) }
  })

  const ask = async (height: number): Promise<Block> => {
    const block = await requestBlock(peer, height, signal)

    if (block == null) {
      throw new RequestError('UNAVAILABLE', `does not have block ${height}`)
    }

    return block
  }

  deadline.start()

  try {
    if (refused.some((hashes) => hashes.top >= height)) {
      const block = await ask(height)

      const known = refused.find((hashes) => hashes.has(block))

      if (known != null) {
        return known
      }
    }

    return await findCommonAncestor({ ours, theirs: height, lowest: peer.lowestHeight, own, ask, signal })
  } finally {
    deadline.stop()
  }
}
