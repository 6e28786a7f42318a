import { InvalidBlockError, StorageError, decodeBlock } from '../../index.ts'
import { isFinal, takeBranch, winsOver } from './branch.ts'
import {
  batchOf, begin, checkLinks, clearDamage, isSame, noteDamage, openDatabase, readBlock, readBlocks, readTip, repair
} from './layout.ts'
import type { Awaitable, Block, Branch, ChainStore, ReceivedBlock, Tip } from '../../index.ts'
import type { BranchStart } from './branch.ts'
import type { ChainDatabase, ChainLevel, EncodedBlock } from './layout.ts'

/** The callbacks for changes of the chain. */
export interface ChainListener {
  /** A block is part of the chain now. In ascending order. */
  onAppend?: (block: Block) => void
  /** A block has made room for a branch, whose blocks come next. In ascending order. */
  onDrop?: (block: Block) => void
  /** A block breaks the rules. */
  onInvalid?: (block: Block, reason: string) => void
  /** The chain has a problem, or has it no more: in a sentence for the operator. */
  onTrouble?: (message: string) => void
}

/** The rules of a chain, and how many blocks may be checked by them at a time: one, where it is not said. */
export interface ChainRules {
  readonly genesis: Block
  /** Why the block cannot come after `parent`. `bytes` is the block as it is encoded, where it came from a peer. */
  readonly verifyBlock: (block: Block, parent: Block, bytes?: Uint8Array) => Awaitable<string | undefined>
  readonly concurrency?: number
}

/** Options of {@link ChainDb}. */
interface ChainParts {
  level: ChainLevel
  directory: string
  rules: ChainRules
  listener: ChainListener
  head: Block
}

/** A write that has failed: the block that is the tip where it is on the disk all the same, and what follows from that. */
interface FailedWrite { head: Block, settle: () => void }

/**
 * A chain in LevelDB. Blocks that are appended together are written as one: a process that is killed leaves either all or none
 * of them.
 */
export class ChainDb implements ChainStore {
  readonly sharesMemory = false
  readonly #level: ChainLevel
  readonly #directory: string
  readonly #rules: ChainRules
  readonly #listener: ChainListener
  #head: Block
  #failed: FailedWrite | undefined
  /** Set while all blocks are checked. */
  #isRepairing = false
  /** The writes under way: two at most, for the network and the block maker each wait for theirs. */
  #writes: Promise<unknown> = Promise.resolve()

  private constructor ({ level, directory, rules, listener, head }: ChainParts) {
    this.#level = level
    this.#directory = directory
    this.#rules = rules
    this.#listener = listener
    this.#head = head
  }

  /**
   * Opens the chain in `directory`, or begins one with the genesis block. Where its log or its last block is damaged, goes back to the
   * last block that is linked to the genesis block, drops what is above it, and says so.
   * Throws a StorageError for a directory that cannot be used and for a chain that begins with another block.
   */
  static async open (directory: string, rules: ChainRules, listener: ChainListener = {}): Promise<ChainDb> {
    let chain: ChainDb | undefined
    const { level, damage } = await openDatabase(directory, {
      check: async (db) => {
        if (chain != null) {
          await chain.#check(db)
        }
      },
      onFault: ({ message }) => { listener.onTrouble?.(`${message}. It is tried again by itself.`) },
      onRestored: () => { listener.onTrouble?.('The chain can be written again') }
    })

    try {
      const db = await level.reader()
      await begin(db, rules.genesis, damage)
      const tip = damage == null ? await readTip(db) : undefined
      const head = tip ?? await repair(db, rules.genesis)

      if (tip == null) {
        await clearDamage(directory)
        listener.onTrouble?.(damageMessage(damage ?? 'its last block', head))
      }

      chain = new ChainDb({ level, directory, rules, listener, head })

      return chain
    } catch (err) {
      await level.close()
      throw err instanceof StorageError ? new StorageError(`${err.message} in ${directory}`, { cause: err.cause }) : err
    }
  }

  /** Blocks that are verified at a time. */
  get verifyConcurrency (): number { return this.#rules.concurrency ?? 1 }

  /** The best block. */
  get head (): Block {
    return this.#head
  }

  tip (): Tip {
    return { height: this.#head.height, hash: this.#head.hash }
  }

  async get (height: number): Promise<Uint8Array | undefined> {
    if (height > this.#head.height) {
      return undefined
    }

    const bytes = await readBlock(await this.#level.reader(), height)

    if (bytes == null && height <= this.#head.height) {
      void this.repair(`block ${height} is missing`)
    }

    return bytes
  }

  async * range (startHeight: number, endHeight: number): AsyncGenerator<Uint8Array, void, undefined> {
    const last = Math.min(endHeight, this.#head.height)

    if (startHeight <= last) {
      yield * readBlocks(await this.#level.reader(), startHeight, last)
    }
  }

  /** Throws an InvalidBlockError for a block that cannot come after `parent`. */
  async verify (block: Block, parent: Block, bytes?: Uint8Array): Promise<void> {
    const reason = await this.#rules.verifyBlock(block, parent, bytes)

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
      const head = copyOf(blocks.at(-1)) ?? this.#head
      const settle = (): void => {
        this.#head = head
        blocks.forEach(({ block }) => this.#listener.onAppend?.(block))
      }

      await this.#write(blocks.map(({ block, bytes }) => ({ height: block.height, bytes })), { head, settle })
      settle()
    })
  }

  /**
   * Changes over to a branch that is longer than this chain, or as long with a smaller hash at its end, where at most `MAX_REORG_BLOCKS`
   * of this chain have to go. Takes only as many blocks of the branch as decide. Own blocks may be appended in the meantime, and count.
   */
  async reorganise (branch: Branch): Promise<boolean> {
    const start = await takeBranch(branch, () => this.#head)

    return start != null && this.#alone(async () => this.#replace(branch.common, start))
  }

  /**
   * Checks all blocks, for a reason. Where one is missing, damaged or not linked, the chain goes back to the last that is linked to the
   * genesis block, drops what is above it, and says so. Once only where it finds nothing. Never rejects.
   */
  async repair (reason: string): Promise<void> {
    if (this.#isRepairing || this.#level.fault != null) {
      return
    }

    this.#isRepairing = true

    try {
      await this.#alone(async () => {
        await noteDamage(this.#directory, reason)
        const isFound = await this.#goBack(await this.#level.reader(), reason)
        this.#isRepairing = !isFound
      })
    } catch (err) {
      this.#isRepairing = false
      this.#listener.onTrouble?.(`Could not repair the chain in ${this.#directory}: ${String(err)}`)
    }
  }

  /** Waits for the writes under way. Reads under way end with an error. */
  async close (): Promise<void> {
    await this.#writes
    await this.#level.close()
  }

  async #write (blocks: readonly EncodedBlock[], failed: FailedWrite): Promise<void> {
    this.#failed = failed
    await this.#level.write(batchOf(blocks))
    this.#failed = undefined
  }

  /** Checks that a database that was opened again has all acknowledged blocks. */
  async #check (db: ChainDatabase): Promise<void> {
    const tip = await readTip(db)

    if (tip != null && this.#failed != null && isSame(tip, this.#failed.head)) {
      // the failed write is on the disk after all
      this.#failed.settle()
    } else if (tip == null || !isSame(tip, this.#head)) {
      const reason = 'blocks that had been written are missing'
      await noteDamage(this.#directory, reason)
      await begin(db, this.#rules.genesis, reason)
      await this.#goBack(db, reason)
    }

    this.#failed = undefined
  }

  /** Goes back to the last good block. Whether it found a problem. */
  async #goBack (db: ChainDatabase, reason: string): Promise<boolean> {
    const head = await repair(db, this.#rules.genesis)
    const isFound = !isSame(head, this.#head)
    this.#head = head
    await clearDamage(this.#directory)

    if (isFound) {
      this.#listener.onTrouble?.(damageMessage(reason, head))
    }

    return isFound
  }

  /** The branch goes at least as far as this chain, so that its blocks are written over all that have to go. */
  async #replace (common: Tip, { blocks, tip }: BranchStart): Promise<boolean> {
    if (!await this.#has(common)) {
      throw new StorageError(`Expected a branch to begin at a block of this chain, got another block ${common.height}`)
    }

    if (isFinal(common, this.#head) || !winsOver(tip, this.#head)) {
      return false
    }

    const head = decodeBlock(blocks.at(-1)!.bytes)
    const append = (): void => {
      this.#head = head
      blocks.forEach(({ bytes }) => this.#listener.onAppend?.(decodeBlock(bytes)))
    }
    const dropped = readBlocks(await this.#level.reader(), common.height + 1, this.#head.height)

    try {
      await this.#write(blocks, { head, settle: append })
      this.#head = head

      for await (const bytes of dropped) {
        this.#listener.onDrop?.(decodeBlock(bytes))
      }
    } finally {
      await dropped.close()
    }

    append()

    return true
  }

  async #has ({ height, hash }: Tip): Promise<boolean> {
    const bytes = await this.get(height)

    return bytes != null && Buffer.compare(decodeBlock(bytes).hash, hash) === 0
  }

  /** Runs writes one after the other. */
  async #alone<Result> (write: () => Promise<Result>): Promise<Result> {
    const written = this.#writes.then(write)
    this.#writes = written.catch(() => {})

    return written
  }
}

function damageMessage (damage: string, { height }: Tip): string {
  return `The chain was damaged (${damage}): it goes on from block ${height}, and what was above is fetched again`
}

/** A copy in memory of its own. */
function copyOf (received: ReceivedBlock | undefined): Block | undefined {
  return received == null ? undefined : decodeBlock(new Uint8Array(received.bytes))
}
