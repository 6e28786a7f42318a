import type { Block } from './block.ts'
import type { Tip } from './node-info.ts'

/** A block, or the bytes of one as they are encoded on the wire. Bytes are sent on without decoding them. */
export type StoredBlock = Block | Uint8Array

/**
 * The chain that a node serves to its peers. Fits a database, a file or an array.
 */
export interface ChainSource {
  /** The best block. Called at each handshake and ping: keep it cheap. */
  tip (): Tip | Promise<Tip>

  /** The block at `height`, or `undefined` when there is none. */
  get (height: number): StoredBlock | undefined | Promise<StoredBlock | undefined>

  /**
   * The blocks from `startHeight` to `endHeight`, both inclusive, in ascending order, ending early where the chain
   * ends. Read lazily: at most one block is asked for ahead of what the peer takes. Without it, `get` is called for each height.
   */
  range? (startHeight: number, endHeight: number): AsyncIterable<StoredBlock> | Iterable<StoredBlock>
}
