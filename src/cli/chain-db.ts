import { mkdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { StorageError, decodeBlock, encodeBlock } from '../index.ts'
import type { Block, ChainSource, Tip } from '../index.ts'

// 't' is the tip: its height and hash. 'b' and a height in eight bytes, most significant first, is a block as it is
// encoded on the wire, so that LevelDB has the blocks in order and they are served as they are.

const HEIGHT_BYTES = 8
const TIP_KEY = Uint8Array.of(0x74)
const BLOCK_PREFIX = 0x62

type Database = ClassicLevel<Uint8Array, Uint8Array>

/**
 * A chain in LevelDB. A block and the tip that points to it are written as one: a process that is killed leaves either
 * both or neither.
 */
export class ChainDb implements ChainSource {
  readonly #db: Database
  #head: Block
  #appending = false

  private constructor (db: Database, head: Block) {
    this.#db = db
    this.#head = head
  }

  /**
   * Opens the chain in `directory`, or begins one with `genesis`. Where the tip is damaged, goes back to the last block
   * that is linked to the genesis block, and drops what is above it.
   * Throws a StorageError for a directory that cannot be used and for a chain that begins with another block.
   */
  static async open (directory: string, genesis: Block): Promise<ChainDb> {
    const db = await openDatabase(directory)

    try {
      return new ChainDb(db, await readHead(db, genesis))
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

  /**
   * Writes the next block. Only its link is checked here.
   * Throws where it does not come after the tip, and while another one is being written.
   */
  async append (block: Block): Promise<void> {
    if (this.#appending) {
      throw new StorageError('Expected one block to be written at a time')
    }

    if (!isLinked(block, this.#head)) {
      throw new StorageError(`Expected the block after ${this.#head.height}, got one of height ${block.height}`)
    }

    this.#appending = true

    try {
      await writeHead(this.#db, block)
      this.#head = block
    } finally {
      this.#appending = false
    }
  }

  async get (height: number): Promise<Uint8Array | undefined> {
    return height > this.#head.height ? undefined : this.#db.get(blockKey(height))
  }

  async * range (startHeight: number, endHeight: number): AsyncGenerator<Uint8Array, void, undefined> {
    const last = Math.min(endHeight, this.#head.height)

    if (startHeight <= last) {
      yield * this.#db.values({ gte: blockKey(startHeight), lte: blockKey(last) })
    }
  }

  /** Reads that are under way end with an error. */
  async close (): Promise<void> {
    await this.#db.close()
  }
}

async function openDatabase (directory: string): Promise<Database> {
  try {
    await mkdir(directory, { recursive: true })
    const db: Database = new ClassicLevel(directory, { keyEncoding: 'view', valueEncoding: 'view' })
    await db.open()

    return db
  } catch (err) {
    const cause = err instanceof Error && err.cause instanceof Error ? err.cause : err
    const locked = (cause as { code?: unknown }).code === 'LEVEL_LOCKED'

    throw new StorageError(`Could not open the chain in ${directory}${locked ? ': another process is using it' : ''}`, { cause })
  }
}

async function readHead (db: Database, genesis: Block): Promise<Block> {
  const first = await db.get(blockKey(0))

  if (first == null) {
    if ((await db.keys({ limit: 1 }).all()).length > 0) {
      throw new StorageError('Expected a chain or nothing, found a chain without its genesis block')
    }

    await writeHead(db, genesis)

    return genesis
  }

  if (Buffer.compare(first, encodeBlock(genesis)) !== 0) {
    throw new StorageError('Expected the genesis block of this network, found another one')
  }

  return await readTip(db) ?? await recover(db, genesis)
}

/** The block that the tip points to, if the two agree. */
async function readTip (db: Database): Promise<Block | undefined> {
  const tip = await db.get(TIP_KEY)

  if (tip?.byteLength !== HEIGHT_BYTES + 32) {
    return
  }

  const height = Buffer.from(tip).readBigUInt64BE()
  const block = tryDecode(await db.get(heightKey(height)))

  if (block != null && BigInt(block.height) === height && Buffer.compare(block.hash, tip.subarray(HEIGHT_BYTES)) === 0) {
    return block
  }
}

/** From the genesis block upwards: only so is every block below the new tip known to be there. */
async function recover (db: Database, genesis: Block): Promise<Block> {
  let head = genesis

  for await (const bytes of db.values({ gt: blockKey(0), lte: blockKey(Number.MAX_SAFE_INTEGER) })) {
    const block = tryDecode(bytes)

    if (block == null || !isLinked(block, head)) {
      break
    }

    head = block
  }

  await db.clear({ gt: blockKey(head.height), lte: heightKey(0xffffffffffffffffn) })
  await writeHead(db, head)

  return head
}

async function writeHead (db: Database, block: Block): Promise<void> {
  const tip = Buffer.alloc(HEIGHT_BYTES + 32)
  tip.writeBigUInt64BE(BigInt(block.height))
  tip.set(block.hash, HEIGHT_BYTES)

  await db.batch([
    { type: 'put', key: blockKey(block.height), value: encodeBlock(block) },
    { type: 'put', key: TIP_KEY, value: tip }
  ])
}

function isLinked (block: Block, parent: Block): boolean {
  return block.height === parent.height + 1 && Buffer.compare(block.prevHash, parent.hash) === 0
}

function tryDecode (bytes: Uint8Array | undefined): Block | undefined {
  try {
    return bytes == null ? undefined : decodeBlock(bytes)
  } catch {
    return undefined
  }
}

function blockKey (height: number): Uint8Array {
  return heightKey(BigInt(height))
}

function heightKey (height: bigint): Uint8Array {
  const key = Buffer.alloc(1 + HEIGHT_BYTES, BLOCK_PREFIX)
  key.writeBigUInt64BE(height, 1)

  return key
}
