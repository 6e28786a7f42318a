import { bytesEqual } from '../../util/bytes.ts'
import type { Block, Tip } from '../../types/block.ts'

/** Whether `block` says that it comes after `parent`. */
export function isChild (block: Block, parent: Tip): boolean {
  return block.height === parent.height + 1 && bytesEqual(block.prevHash, parent.hash)
}

/** What is left of a block to compare the next one with, in memory of its own. */
export function tipOf ({ height, hash }: Tip): Tip {
  return { height, hash: new Uint8Array(hash) }
}
