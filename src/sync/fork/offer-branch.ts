import { chainError, isInvalidBlock } from '../chain/checked-chain.ts'
import { OfferedBranch } from './offered-branch.ts'
import { RequestError } from '../../errors.ts'
import type { PeerBranch } from './peer-branch.ts'
import type { Branches } from './branches.ts'
import type { ChainWriter, Reorganisation } from '../chain/chain-writer.ts'
import type { RunPeers } from '../run/run-peers.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** Options of {@link offerBranch}. */
export interface OfferContext {
  writer: Pick<ChainWriter, 'reorganise'>
  peers: RunPeers
  branches: Branches
  signal: AbortSignal
  onTaken: (received: ReceivedBlock) => void
}

/** The outcome of an offer. */
export interface OfferEnd {
  isAdopted: boolean
  /** What our chain found wrong with the branch, or why no more of it came. */
  error: Error | undefined
}

/**
 * Has our chain decide between itself and a branch. Where it refuses and the branch goes on, more is fetched and offered later.
 * Throws where our chain fails.
 */
export async function offerBranch (branch: PeerBranch, context: OfferContext): Promise<OfferEnd> {
  const { peers, branches } = context
  const { height } = branch.common!
  const range = { above: height, upTo: branch.height, blocks: branch.height - height }

  if (branches.isRefused(branch)) {
    peers.distrust(branch.peer, range)
    await branch.stop()
    return { isAdopted: false, error: undefined }
  }

  const { outcome, taken, error } = await decide(branch, context)

  if (outcome === 'adopted') {
    peers.onAdopted()
    // it has kept its word
    peers.onDelivered(branch.peer, taken.top)
    await branch.stop()
    return { isAdopted: true, error: branch.error }
  }

  if (outcome === 'refused' && error == null && !branch.isComplete) {
    branch.goOn({ wasOffered: true })
    return { isAdopted: false, error: undefined }
  }

  await branch.stop()

  if (outcome === 'stale') {
    peers.onBranchAbandoned(branch.peer)
  } else if (error == null) {
    peers.distrust(branch.peer, range)
    branches.onRefused(taken)
  }

  return { isAdopted: false, error: error ?? branch.error }
}

interface Decision {
  outcome: Reorganisation
  taken: OfferedBranch['taken']
  error?: Error
}

async function decide ({ peer, common, blocks }: PeerBranch, { writer, peers, signal, onTaken }: OfferContext): Promise<Decision> {
  const offered = new OfferedBranch({ common: common!, blocks, onTaken })
  const { taken } = offered

  try {
    return { outcome: await writer.reorganise(offered, signal), taken }
  } catch (err) {
    signal.throwIfAborted()

    // the peer is also to blame for blocks that only the whole branch shows to be invalid
    if (!isInvalidBlock(err)) {
      throw chainError('could not change over to a branch', err)
    }

    // the chain says what is wrong, and not which of the blocks that it took
    const first = common!.height + 1
    const height = Math.max(taken.top, first)
    peers.onInvalid({ peer, height, error: err })
    const error = new RequestError('INVALID_RESPONSE', `Peer ${peer.id} sent an invalid branch, blocks ${first} to ${height}: ${err.message}`, {
      cause: err
    })

    return { outcome: 'refused', taken, error }
  } finally {
    offered.end()
  }
}
