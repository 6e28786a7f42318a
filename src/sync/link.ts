import type { Block } from '../types/block.ts'

/** Whether `block` says that it comes after `parent`. */
export function isChild (block: Block, parent: Block): boolean {
  return block.height === parent.height + 1 && sameHash(block.prevHash, parent.hash)
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
