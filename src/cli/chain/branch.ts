import { StorageError } from '../../index.ts'
import { isLinked } from './layout.ts'
import type { Branch, Tip } from '../../index.ts'
import type { EncodedBlock } from './layout.ts'

// Which of two chains wins, and how many own blocks a node may give up for it.

/**
 * Blocks of the own chain that may make room for a branch.
 *
 * @remarks The chain refuses the branch and keeps its blocks: what is deeper is final.
 */
export const MAX_REORG_BLOCKS = 1000

/**
 * Bytes of a branch that are kept in memory until it has won.
 *
 * @remarks The chain refuses the branch and keeps its blocks.
 */
export const MAX_REORG_BYTES: number = 64 * 1024 * 1024

/** The part of a branch that decides. */
export interface BranchStart {
  /** From the block above the common one on; never empty. */
  readonly blocks: readonly EncodedBlock[]
  /** The last of them. */
  readonly tip: Tip
}

/** Whether the chain that ends in `tip` takes the place of the one that ends in `head`: the longer, then the smaller hash. */
export function winsOver (tip: Tip, head: Tip): boolean {
  return tip.height > head.height || (tip.height === head.height && Buffer.compare(tip.hash, head.hash) < 0)
}

/** Whether what is above `common` is too much to be given up. */
export function isFinal (common: Tip, head: Tip): boolean {
  return head.height - common.height > MAX_REORG_BLOCKS
}

/**
 * Takes blocks of a branch until it is longer than the own chain: once it has won, the rest is added as to any other.
 * `undefined` where it ends before, and does not win, or would be over the limits. Throws what `branch.blocks` throws,
 * and a StorageError where they are not linked.
 */
export async function takeBranch (branch: Branch, head: () => Tip): Promise<BranchStart | undefined> {
  const blocks: EncodedBlock[] = []
  let tip = branch.common
  let byteLength = 0

  if (isFinal(branch.common, head())) {
    return
  }

  for await (const { block, bytes } of branch.blocks) {
    if (!isLinked(block, tip)) {
      throw new StorageError(`Expected the block of a branch after ${tip.height}, got one of height ${block.height}`)
    }

    byteLength += bytes.byteLength

    if (byteLength > MAX_REORG_BYTES) {
      return
    }

    // both are views of what came from a peer, which may be far larger than the block in it
    blocks.push({ height: block.height, bytes: Uint8Array.from(bytes) })
    tip = { height: block.height, hash: Uint8Array.from(block.hash) }

    if (tip.height > head().height) {
      break
    }
  }

  return blocks.length > 0 && winsOver(tip, head()) ? { blocks, tip } : undefined
}
