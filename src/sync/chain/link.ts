import { bytesEqual } from '../../util/bytes.ts'
import type { Block, Tip } from '../../types/block.ts'

/** Whether `block` follows `parent`, by its height and its link. */
export function isChild (block: Pick<Block, 'height' | 'prevHash'>, parent: Tip): boolean {
  return block.height === parent.height + 1 && bytesEqual(block.prevHash, parent.hash)
}

/** The height and hash of a block, in memory of its own, for blocks whose memory may be given back. */
export function tipOf ({ height, hash }: Tip): Tip {
  return { height, hash: new Uint8Array(hash) }
}
