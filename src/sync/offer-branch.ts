import { chainError, isInvalidBlock, isSame } from './checked-chain.ts'
import { findCommonBlock } from './common-block.ts'
import { faultKindOf } from './download-fault.ts'
import { Feed } from './feed.ts'
import { SyncBranch } from './sync-branch.ts'
import { errorMessage, RequestError, SyncError } from '../errors.ts'
import type { Candidate } from './candidates.ts'
import type { ChainWriter } from './chain-writer.ts'
import type { CreateDownload } from './feed.ts'
import type { RecentHashes } from './recent-hashes.ts'
import type { RunPeers } from './run-peers.ts'
import type { Clock } from '../clock.ts'
import type { Session } from '../peer/handler.ts'
import type { Block } from '../types/block.ts'
import type { ReceivedBlock } from '../types/chain.ts'
import type { Tip } from '../types/node-info.ts'

/** Refused branches that are remembered, the last ones, so that nobody else's offer of the same is fetched again. */
export const MAX_REFUSED_BRANCHES = 16

/** What {@link offerBranch} needs. */
export interface OfferContext {
  writer: ChainWriter
  clock: Clock
  peers: RunPeers
  createDownload: CreateDownload
  /** Asks one peer for one block. */
  requestBlock: (peer: Session, height: number, signal: AbortSignal) => Promise<Block | undefined>
  signal: AbortSignal
  /** The branches that have been refused: one is added for each more. */
  refused: RecentHashes[]
  /** Called with what knows who is asked now. */
  onSource: (source: { readonly busyPeers: number } | undefined) => void
  onTaken: (received: ReceivedBlock) => void
}

/** What has come of an offer. */
export interface OfferEnd {
  isAdopted: boolean
  /** Why the branch could not be looked at to its end. */
  error: Error | undefined
}

const REFUSED: OfferEnd = { isAdopted: false, error: undefined }

/**
 * Looks for where a peer's chain leaves ours, and lets our chain decide between the two. Only that peer is asked: others may be
 * on branches of their own. Throws where our chain fails.
 */
export async function offerBranch (candidate: Candidate, tip: Tip, context: OfferContext): Promise<OfferEnd> {
  const { peer, height } = candidate
  const { peers, signal } = context
  peers.onOffered(candidate)

  let common: Block

  try {
    if (await isRefused(candidate, context)) {
      peers.doubt(peer, { above: tip.height, upTo: height })
      return REFUSED
    }

    common = await findCommon(candidate, tip, context)
  } catch (err) {
    signal.throwIfAborted()

    if (err instanceof SyncError) {
      throw err
    }

    return { isAdopted: false, error: asRequestError(peer, err) }
  }

  if (common.height === tip.height) {
    peers.onLinked(peer, common)
    return REFUSED
  }

  return decide(candidate, { tip, common }, context)
}

/** Whether this is a branch that was refused before, when another peer had it. */
async function isRefused ({ peer, height }: Candidate, context: OfferContext): Promise<boolean> {
  if (!context.refused.some((hashes) => hashes.top >= height)) {
    return false
  }

  const block = await ask(peer, height, context)

  return block != null && context.refused.some((hashes) => hashes.has(block))
}

async function findCommon ({ peer, height }: Candidate, tip: Tip, context: OfferContext): Promise<Block> {
  return findCommonBlock({
    ours: tip.height,
    theirs: height,
    own: async (height) => context.writer.chain.block(height),
    ask: async (height) => ask(peer, height, context),
    signal: context.signal
  })
}

/** Asks for one block, and takes note of a peer that does not answer as it should. */
async function ask (peer: Session, height: number, { requestBlock, peers, signal }: OfferContext): Promise<Block | undefined> {
  try {
    const block = await requestBlock(peer, height, signal)

    if (block == null) {
      throw new RequestError('UNAVAILABLE', `does not have block ${height}`)
    }

    return block
  } catch (err) {
    if (!signal.aborted) {
      const kind = err instanceof RequestError && err.code === 'UNAVAILABLE' ? 'unavailable' : faultKindOf(err)
      peers.drop(peer)

      if (kind != null) {
        peers.onFault({ peer, kind, height, detail: errorMessage(err) })
      }
    }

    throw err
  }
}

async function decide (candidate: Candidate, { tip, common }: { tip: Tip, common: Block }, context: OfferContext): Promise<OfferEnd> {
  const { peer, height } = candidate
  const { writer, peers, signal } = context
  const branch = createBranch(candidate, common, context)
  let isAdopted = false
  let failure: unknown
  context.onSource(branch)

  try {
    isAdopted = await writer.reorganise(branch, signal)
  } catch (err) {
    failure = err
  } finally {
    context.onSource(undefined)
    await branch.end()
  }

  signal.throwIfAborted()
  const error = readFailure(branch, { peer, failure }, context)

  if (isAdopted && !isSame(await writer.chain.tip(), tip)) {
    peers.onAdopted()
    return { isAdopted, error: undefined }
  }

  if (error == null) {
    peers.doubt(peer, { above: common.height, upTo: height })
    context.refused.push(branch.taken)
    context.refused.splice(0, Math.max(0, context.refused.length - MAX_REFUSED_BRANCHES))
  }

  return { isAdopted: false, error }
}

function createBranch ({ peer, height }: Candidate, common: Block, context: OfferContext): SyncBranch {
  const { writer, clock, peers, signal, createDownload, onTaken } = context

  return new SyncBranch({
    chain: writer.chain,
    common,
    height,
    onTaken,
    createFeed: () => new Feed({
      createDownload,
      range: { startHeight: common.height + 1, endHeight: height, previous: common, signal },
      download: { clock, peers: () => peers.isReady(peer) ? [peer] : [], onFault: (fault) => { peers.onBranchFault(fault, common) } }
    })
  })
}

/** Why a branch could not be looked at to its end, if so, with what that says of its peer. Throws where the chain has failed. */
function readFailure (
  branch: SyncBranch,
  { peer, failure }: { peer: Session, failure: unknown },
  { peers, signal }: OfferContext
): Error | undefined {
  // what the chain was thrown while it took the blocks tells more than what it made of it
  const cause = branch.failure ?? failure
  signal.throwIfAborted()

  if (cause == null) {
    return undefined
  }

  // blocks that are only found invalid when all are there are the sender's too
  const refused = branch.refused ?? (isInvalidBlock(cause) ? { peer, height: branch.taken.top, error: cause } : undefined)

  if (refused != null) {
    peers.onInvalid(refused)
    return new RequestError('INVALID_RESPONSE', `Peer ${peer.id} sent an invalid block ${refused.height}: ${refused.error.message}`, { cause })
  }

  if (!(cause instanceof RequestError)) {
    throw chainError('could not change over to a branch', cause)
  }

  peers.drop(peer)

  return cause
}

function asRequestError (peer: Session, err: unknown): RequestError {
  const code = err instanceof RequestError ? err.code : 'DISCONNECTED'

  return new RequestError(code, `Peer ${peer.id} could not be asked where its chain leaves ours: ${errorMessage(err)}`, { cause: err })
}
