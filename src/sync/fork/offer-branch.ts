import { chainError, isInvalidBlock } from '../chain/checked-chain.ts'
import { SyncBranch } from './sync-branch.ts'
import { RequestError } from '../../errors.ts'
import type { BranchScout } from './branch-scout.ts'
import type { Branches } from './branches.ts'
import type { ChainWriter, Reorganisation } from '../chain/chain-writer.ts'
import type { RunPeers } from '../run/run-peers.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** What {@link offerBranch} needs. */
export interface OfferContext {
  writer: Pick<ChainWriter, 'reorganise'>
  peers: RunPeers
  branches: Branches
  signal: AbortSignal
  onTaken: (received: ReceivedBlock) => void
}

/** What has come of an offer. */
export interface OfferEnd {
  isAdopted: boolean
  /** What was found wrong with the branch, or why no more of it came. */
  error: Error | undefined
}

/**
 * Lets our chain decide between itself and what has come of a branch. Where it refuses and there is more, that is fetched, and
 * offered later. Throws where our chain fails.
 */
export async function offerBranch (scout: BranchScout, context: OfferContext): Promise<OfferEnd> {
  const { peers, branches } = context
  const range = { above: scout.common!.height, upTo: scout.height }

  if (branches.isRefused(scout)) {
    peers.doubt(scout.peer, range)
    await scout.stop()
    return { isAdopted: false, error: undefined }
  }

  const { outcome, taken, error } = await decide(scout, context)

  if (outcome === 'adopted') {
    peers.onAdopted()
    await scout.stop()
    return { isAdopted: true, error: scout.error }
  }

  if (outcome === 'refused' && error == null && !scout.isComplete) {
    scout.goOn({ wasOffered: true })
    return { isAdopted: false, error: undefined }
  }

  await scout.stop()

  if (outcome === 'stale') {
    peers.onWithdrawn(scout.peer)
  } else if (error == null) {
    peers.doubt(scout.peer, range)
    branches.onRefused(taken)
  }

  return { isAdopted: false, error: error ?? scout.error }
}

interface Decision {
  outcome: Reorganisation
  taken: SyncBranch['taken']
  error?: Error
}

async function decide ({ peer, common, blocks }: BranchScout, { writer, peers, signal, onTaken }: OfferContext): Promise<Decision> {
  const branch = new SyncBranch({ common: common!, blocks, onTaken })
  const { taken } = branch

  try {
    return { outcome: await writer.reorganise(branch, signal), taken }
  } catch (err) {
    signal.throwIfAborted()

    // blocks that are only found invalid when all are there are the sender's too
    if (!isInvalidBlock(err)) {
      throw chainError('could not change over to a branch', err)
    }

    peers.onInvalid({ peer, height: taken.top, error: err })
    const error = new RequestError('INVALID_RESPONSE', `Peer ${peer.id} sent an invalid block ${taken.top}: ${err.message}`, { cause: err })

    return { outcome: 'refused', taken, error }
  } finally {
    branch.end()
  }
}
