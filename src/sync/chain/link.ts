import type { Block } from '../../types/block.ts'
import type { Tip } from '../../types/node-info.ts'

/** Whether `block` says that it comes after `parent`. */
export function isChild (block: Block, parent: Tip): boolean {
  return block.height === parent.height + 1 && sameHash(block.prevHash, parent.hash)
}

/** What is left of a block to compare the next one with, in memory of its own. */
export function tipOf ({ height, hash }: Tip): Tip {
  return { height, hash: new Uint8Array(hash) }
}

/** Whether two hashes are the same. */
export function sameHash (a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.byteLength; i++) {
    if (a[i] !== b[i]) {
      return false
    }
  }

  return a.byteLength === b.byteLength
}
