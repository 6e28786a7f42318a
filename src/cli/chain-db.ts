import { InvalidBlockError, StorageError, decodeBlock } from '../index.ts'
import { isFinal, takeBranch, winsOver } from './chain-branch.ts'
import { isLinked, openDatabase, readBlock, readBlocks, readHead, writeBlocks } from './chain-layout.ts'
import type { Block, Branch, ChainStore, ReceivedBlock, Tip } from '../index.ts'
import type { BranchStart } from './chain-branch.ts'
import type { ChainDatabase } from './chain-layout.ts'
import type { Rules } from './rules.ts'

/** Who is told of what becomes of blocks. */
export interface ChainListener {
  /** A block is part of the chain now. In ascending order. */
  onAppend?: (block: Block) => void
  /** A block has made room for a branch, whose blocks come next. In ascending order. */
  onDrop?: (block: Block) => void
  /** A block breaks the rules. */
  onInvalid?: (block: Block, reason: string) => void
}

/**
 * A chain in LevelDB. Blocks that are appended together are written as one: a process that is killed leaves either all or none
 * of them.
 */
export class ChainDb implements ChainStore {
  readonly sharesMemory = false
  readonly #db: ChainDatabase
  readonly #rules: Pick<Rules, 'verifyBlock'>
  readonly #listener: ChainListener
  #head: Block
  /** What is being written. The network and the block maker each wait for theirs: two at most are here. */
  #writes: Promise<unknown> = Promise.resolve()

  private constructor (parts: { db: ChainDatabase, rules: Pick<Rules, 'verifyBlock'>, listener: ChainListener, head: Block }) {
    this.#db = parts.db
    this.#rules = parts.rules
    this.#listener = parts.listener
    this.#head = parts.head
  }

  /**
   * Opens the chain in `directory`, or begins one with the genesis block. Where the last block is damaged, goes back to the last
   * block that is linked to the genesis block, and drops what is above it.
   * Throws a StorageError for a directory that cannot be used and for a chain that begins with another block.
   */
  static async open (directory: string, rules: Pick<Rules, 'genesis' | 'verifyBlock'>, listener: ChainListener = {}): Promise<ChainDb> {
    const db = await openDatabase(directory)

    try {
      return new ChainDb({ db, rules, listener, head: await readHead(db, rules.genesis) })
    } catch (err) {
      await db.close()
      throw err instanceof StorageError ? new StorageError(`${err.message} in ${directory}`, { cause: err }) : err
    }
  }

  /** The best block. */
  get head (): Block {
    return this.#head
  }

  tip (): Tip {
    return { height: this.#head.height, hash: this.#head.hash }
  }

  async get (height: number): Promise<Uint8Array | undefined> {
    return height > this.#head.height ? undefined : readBlock(this.#db, height)
  }

  async * range (startHeight: number, endHeight: number): AsyncGenerator<Uint8Array, void, undefined> {
    const last = Math.min(endHeight, this.#head.height)

    if (startHeight <= last) {
      yield * readBlocks(this.#db, startHeight, last)
    }
  }

  /** Throws an InvalidBlockError for a block that cannot come after `parent`. */
  verify (block: Block, parent: Block): void {
    const reason = this.#rules.verifyBlock(block, parent)

    if (reason != null) {
      this.#listener.onInvalid?.(block, reason)
      throw new InvalidBlockError(`Block ${block.height} breaks the rules: ${reason}`)
    }
  }

  /**
   * Writes the next blocks, all of them or none, as the bytes that they came as. Only their links are checked here. May be called while
   * another call is under way: it then comes after that.
   * Throws a StorageError where the first does not come after the tip, or not any more.
   */
  async append (blocks: readonly ReceivedBlock[]): Promise<void> {
    await this.#alone(async () => {
      checkLinks(blocks, this.#head)
      await writeBlocks(this.#db, blocks.map(({ block, bytes }) => ({ height: block.height, bytes })))
      this.#head = copyOf(blocks.at(-1)) ?? this.#head
      blocks.forEach(({ block }) => this.#listener.onAppend?.(block))
    })
  }

  /**
   * Changes over to a branch that is longer than our chain, or as long with a smaller hash at its end, where no more of ours
   * has to go than `MAX_REORG_BLOCKS`. Takes only as many of its blocks as decide. Blocks of our own may be appended in the
   * meantime, and count.
   */
  async reorganise (branch: Branch): Promise<boolean> {
    const start = await takeBranch(branch, () => this.#head)

    return start != null && this.#alone(async () => this.#replace(branch.common, start))
  }

  /** Waits for what is being written. Reads that are under way end with an error. */
  async close (): Promise<void> {
    await this.#writes
    await this.#db.close()
  }

  /** The branch goes at least as far as our chain, so that its blocks are written over all that have to go. */
  async #replace (common: Tip, { blocks, tip }: BranchStart): Promise<boolean> {
    if (!await this.#has(common)) {
      throw new StorageError(`Expected a branch to begin at a block of this chain, got another block ${common.height}`)
    }

    if (isFinal(common, this.#head) || !winsOver(tip, this.#head)) {
      return false
    }

    const dropped = readBlocks(this.#db, common.height + 1, this.#head.height)

    try {
      await writeBlocks(this.#db, blocks)
      this.#head = decodeBlock(blocks.at(-1)!.bytes)

      for await (const bytes of dropped) {
        this.#listener.onDrop?.(decodeBlock(bytes))
      }
    } finally {
      await dropped.close()
    }

    blocks.forEach(({ bytes }) => this.#listener.onAppend?.(decodeBlock(bytes)))

    return true
  }

  async #has ({ height, hash }: Tip): Promise<boolean> {
    const bytes = await this.get(height)

    return bytes != null && Buffer.compare(decodeBlock(bytes).hash, hash) === 0
  }

  /** Runs one after the other, each with what the one before has left. */
  async #alone<Result> (write: () => Promise<Result>): Promise<Result> {
    const written = this.#writes.then(write)
    this.#writes = written.catch(() => {})

    return written
  }
}

/** In memory of its own. */
function copyOf (received: ReceivedBlock | undefined): Block | undefined {
  return received == null ? undefined : decodeBlock(new Uint8Array(received.bytes))
}

/** Throws a StorageError for a block that does not follow the one before. */
function checkLinks (blocks: readonly ReceivedBlock[], head: Block): void {
  let last = head

  for (const { block } of blocks) {
    if (!isLinked(block, last)) {
      throw new StorageError(`Expected the block after ${last.height}, got one of height ${block.height}`)
    }

    last = block
  }
}
