import type { Block, Tip } from './block.ts'

/** A value, or a promise of it. */
export type Awaitable<Value> = Value | Promise<Value>

/**
 * A block, or its bytes as they are encoded on the wire. The node sends bytes on without a copy: the application must not change
 * them afterwards.
 */
export type StoredBlock = Block | Uint8Array

/** A block of a peer, and the bytes that it came as. A chain best stores the bytes. */
export interface ReceivedBlock {
  /** The decoded block. */
  block: Block
  /** The encoded block, which `decodeBlock` takes and the node serves to peers. A view: copy it to keep it for long. */
  bytes: Uint8Array
}

/**
 * The chain that a node serves to its peers. Fits a database, a file or an array.
 */
export interface ChainSource {
  /**
   * `false` where the chain shares no memory with the network, which one on disk can promise. The application then no longer reads
   * the bytes that `get` and `range` have given. It reads nothing of the blocks of `verify` and `append` once `append` has resolved.
   * The node frees that memory at once, which leaves empty views of it. `true` leaves it to the garbage collector, and is the default.
   */
  readonly sharesMemory?: boolean

  /** The best block, which is the genesis block at first. Called at each handshake and ping: keep it cheap. */
  tip (): Tip | Promise<Tip>

  /**
   * The first block after genesis that `get` and `range` can give, for a chain that drops old blocks. Called at each handshake.
   * Without this method, the chain has them all. The node asks no peer for blocks that the peer does not keep.
   */
  lowestHeight? (): number | Promise<number>

  /** The block at `height`, or `undefined` when there is none. */
  get (height: number): StoredBlock | undefined | Promise<StoredBlock | undefined>

  /**
   * The blocks from `startHeight` to `endHeight`, both inclusive, in ascending order. Each is linked to the one before, also where
   * the chain changes over to a branch meanwhile. It ends early where the chain ends. The node reads at most one block ahead of what
   * the peer takes. Without this method, it calls `get` for each height, and up to 16 times at once where that gives promises.
   */
  range? (startHeight: number, endHeight: number): AsyncIterable<StoredBlock> | Iterable<StoredBlock>
}

/**
 * A chain that the node may write to: it fetches the blocks that only peers have, has them checked, and appends them. The chain has
 * at least its genesis block. The node calls the methods that write one at a time. The application may append blocks of its own in
 * between.
 */
export interface ChainStore extends ChainSource {
  /**
   * How many calls of `verify` may be under way at once, from 1 to 1024, where `verify` hands its work to other threads. The calls
   * begin in the order of the blocks. Before one has ended, `verify` may be called for the block that follows. 1 is the default.
   */
  readonly verifyConcurrency?: number

  /**
   * Checks a block by itself and against its parent, before `append`. The node has checked heights and links. The parent need not be in
   * the chain yet: it may be a block of the same batch, or of a branch. `bytes` is the block as it came.
   * Throws an `InvalidBlockError` for a block that no honest peer sends. Any other error is trouble of this node's own.
   */
  verify? (block: Block, parent: Block, bytes: Uint8Array): Awaitable<void>

  /**
   * Adds one or more blocks on top of the tip, each linked to the one before, the first to the tip. Once it resolves they are there
   * for good, after a crash too. Where it throws, none of them or the first few are.
   * Throws an `InvalidBlockError` for a block that breaks the rules, and anything else where it cannot write or the first does not
   * fit the tip.
   */
  append (blocks: readonly ReceivedBlock[]): Awaitable<void>

  /**
   * Decides between the chain from `branch.common` on and that of peers, which goes at least as far. True where the tip is now on
   * the branch. The node drops nothing of its own chain before. It may offer a long branch a second time, with more of its blocks.
   * Without this method, the own chain always stays.
   * Throws an `InvalidBlockError` for a branch that breaks rules which need the state before it, such as balances. The own chain then
   * stays as it was, and the session with the sender ends. Anything else is trouble of this node's own.
   */
  reorganise? (branch: Branch): Awaitable<boolean>
}

/** What peers have instead of the last blocks of the node's chain. */
export interface Branch {
  /** The last block that both have. */
  readonly common: Tip
  /** The height of the last of `blocks`. The peers' chain may go on: the node fetches what follows when the chain has changed over. */
  readonly height: number
  /**
   * The blocks above `common`, in ascending order, linked, and checked with `verify`; at least one. They are in memory: no peer can
   * delay them. They can be taken once. Fewer come where the synchronisation ends meanwhile.
   */
  readonly blocks: AsyncIterable<ReceivedBlock>
}
