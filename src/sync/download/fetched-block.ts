import { freeMemory } from '../../memory/free-memory.ts'
import type { Block } from '../../types/block.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** The memory of a frame that several blocks are views of. */
export class FetchedFrame {
  readonly #bytes: Uint8Array
  #blocks: number

  /** `blocks` is how many lie in it. */
  constructor (bytes: Uint8Array, blocks: number) {
    this.#bytes = bytes
    this.#blocks = blocks
  }

  /** Called once for each block that is of no use any more. With the last of them the memory is given back. */
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

  /** Gives up a block that is of no use any more, once. Does nothing for blocks that came in another way. */
  static release (received: ReceivedBlock): void {
    if (#frame in received) {
      received.#frame.release()
    }
  }
}
