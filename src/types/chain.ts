import type { Awaitable } from './awaitable.ts'
import type { Block } from './block.ts'
import type { Tip } from './node-info.ts'

/**
 * A block, or the bytes of one as they are encoded on the wire. Bytes are sent on as they are, without a copy: they are not to be
 * changed afterwards.
 */
export type StoredBlock = Block | Uint8Array

/** A block of a peer, and the bytes that it came as: what is stored is best stored as these. */
export interface ReceivedBlock {
  block: Block
  /** The encoded block, which `decodeBlock` takes and peers are served. A view: copy it to keep it for long. */
  bytes: Uint8Array
}

/**
 * The chain that a node serves to its peers. Fits a database, a file or an array.
 */
export interface ChainSource {
  /**
   * `false` where the chain shares no memory with the network, which one on disk can promise: nobody else looks at the bytes that `get`
   * and `range` give, and nothing of the blocks that `verify` and `append` were given is looked at when `append` has resolved.
   * Their memory is then given back at once, which leaves empty views of it. Otherwise it is left to the garbage collector. `true`
   * unless given.
   */
  readonly sharesMemory?: boolean

  /** The best block. Called at each handshake and ping: keep it cheap. */
  tip (): Tip | Promise<Tip>

  /** The block at `height`, or `undefined` when there is none. */
  get (height: number): StoredBlock | undefined | Promise<StoredBlock | undefined>

  /**
   * The blocks from `startHeight` to `endHeight`, both inclusive, in ascending order, each linked to the one before also
   * where the chain changes over to a branch meanwhile, ending early where the chain ends. Read lazily: at most one block is
   * asked for ahead of what the peer takes. Without it, `get` is called for each height.
   */
  range? (startHeight: number, endHeight: number): AsyncIterable<StoredBlock> | Iterable<StoredBlock>
}

/**
 * A chain that the network may write to: what peers have and it does not is fetched, checked and appended. It has at
 * least its genesis block. The methods that write are called one at a time; the application may append blocks of its
 * own in between.
 */
export interface ChainStore extends ChainSource {
  /**
   * Checks a block by itself and against its parent, before `append`. Heights and links have been checked.
   * Throws an `InvalidBlockError` for a block that no honest peer sends. Anything else that is thrown is trouble of our own.
   */
  verify? (block: Block, parent: Block): Awaitable<void>

  /**
   * Adds blocks on top of the tip: one or more, each linked to the one before, the first to the tip. Once it resolves they
   * are there for good, after a crash too; where it throws, none of them or the first few are.
   * Throws an `InvalidBlockError` for a block that breaks the rules, and anything else where it cannot write or the first does not
   * fit the tip.
   */
  append (blocks: readonly ReceivedBlock[]): Awaitable<void>

  /**
   * Decides between the chain from `branch.common` on and that of peers, which goes at least as far. True where the tip is now on
   * the branch. Nothing of the own chain is dropped before. A long branch may be offered a second time, with more of its blocks.
   * Without this method, the own chain always stays.
   */
  reorganise? (branch: Branch): Awaitable<boolean>
}

/** What peers have instead of the last blocks of our chain. */
export interface Branch {
  /** The last block that both have. */
  readonly common: Tip
  /** The height of the last of `blocks`. The peers' chain may go on: what follows is fetched when the chain has changed over. */
  readonly height: number
  /**
   * The blocks above `common`, in ascending order, linked, and checked with `verify`; at least one. They are in memory, so that
   * taking them waits for nobody, and can be taken once. Fewer come where the synchronisation ends meanwhile.
   */
  readonly blocks: AsyncIterable<ReceivedBlock>
}
