import { freeMemory } from '../../memory/free-memory.ts'
import type { Block } from '../../types/block.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** A frame of blocks, which has memory of its own. */
export class FetchedFrame {
  readonly #bytes: Uint8Array
  #blocks: number

  /** `blocks` of them lie in it. */
  constructor (bytes: Uint8Array, blocks: number) {
    this.#bytes = bytes
    this.#blocks = blocks
  }

  /** To be called once for each block that nobody looks at any more: with the last of them the memory is given back. */
  release (): void {
    this.#blocks--

    if (this.#blocks === 0) {
      freeMemory(this.#bytes)
    }
  }
}

/** A block that a peer has sent among others. */
export class FetchedBlock implements ReceivedBlock {
  readonly block: Block
  readonly bytes: Uint8Array
  readonly #frame: FetchedFrame

  constructor (block: Block, bytes: Uint8Array, frame: FetchedFrame) {
    this.block = block
    this.bytes = bytes
    this.#frame = frame
  }

  /** Says that nobody looks at a block any more. To be called once; does nothing for blocks that came in another way. */
  static release (received: ReceivedBlock): void {
    if (#frame in received) {
      received.#frame.release()
    }
  }
}
