import { growChain as grow } from '../../src/testing/chain/sample.ts'
import type { Block } from '../../src/types/block.ts'

export { MemoryChain } from '../../src/testing/chain/memory-chain.ts'
export { received } from '../../src/testing/chain/sample.ts'

/** `blocks` and `count` more on top of them, a little larger than `bytes` each. */
export function growChain (blocks: readonly Block[], count: number, fork: string, bytes?: number): Block[] {
  return grow(blocks, count, { fork, ...bytes == null ? {} : { bytes } })
}
