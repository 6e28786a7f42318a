import { mkdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { StorageError, decodeBlock, encodeBlock } from '../index.ts'
import type { Block, Tip } from '../index.ts'
import type { ValueIterator } from 'classic-level'

// 'b' and a height in eight bytes, most significant first, is a block as it is encoded on the wire, so that LevelDB has the blocks
// in order and they are served as they are. The last of them is the tip. There is nothing else: with a key that changes with each
// block no table of LevelDB would be apart from the others, and it would write each block once more to sort them.

const HEIGHT_BYTES = 8
const BLOCK_PREFIX = 0x62

/** No block has a greater key. */
const LAST_KEY = Uint8Array.of(BLOCK_PREFIX, ...new Uint8Array(HEIGHT_BYTES).fill(0xff))

/** Bytes of blocks that are read from LevelDB at a time: a few response frames, since each time is a way to another thread and back. */
export const READ_AHEAD_BYTES: number = 1024 * 1024

/** What LevelDB collects before it writes a table: several batches of blocks. */
export const WRITE_BUFFER_BYTES: number = 16 * 1024 * 1024

/** A database with a chain in it. */
export type ChainDatabase = ClassicLevel<Uint8Array, Uint8Array>

/** A block as it is written. */
export interface EncodedBlock {
  readonly height: number
  readonly bytes: Uint8Array
}

/** Opens the database in `directory`, making it where it is missing. Throws a StorageError where it cannot be used. */
export async function openDatabase (directory: string): Promise<ChainDatabase> {
  try {
    await mkdir(directory, { recursive: true })
    // hashes and signatures are most of a block, and they cannot be compressed
    const db: ChainDatabase = new ClassicLevel(directory, {
      keyEncoding: 'view', valueEncoding: 'view', compression: false, writeBufferSize: WRITE_BUFFER_BYTES
    })
    await db.open()

    return db
  } catch (err) {
    const cause = err instanceof Error && err.cause instanceof Error ? err.cause : err
    const locked = (cause as { code?: unknown }).code === 'LEVEL_LOCKED'

    throw new StorageError(`Could not open the chain in ${directory}${locked ? ': another process is using it' : ''}`, { cause })
  }
}

/**
 * The best block. Begins the chain with `genesis` where there is none; where the last block is damaged, or not linked to the one
 * before, goes back to the last block that is linked to the genesis block, and drops what is above it.
 * Throws a StorageError for a chain that begins with another block, and changes nothing of it.
 */
export async function readHead (db: ChainDatabase, genesis: Block): Promise<Block> {
  const first = await readBlock(db, 0)

  if (first == null) {
    if ((await db.keys({ limit: 1 }).all()).length > 0) {
      throw new StorageError('Expected a chain or nothing, found a chain without its genesis block')
    }

    await writeBlocks(db, [{ height: 0, bytes: encodeBlock(genesis) }])

    return genesis
  }

  if (Buffer.compare(first, encodeBlock(genesis)) !== 0) {
    throw new StorageError('Expected the genesis block of this network, found another one')
  }

  return await readTip(db) ?? await recover(db, genesis)
}

/** The encoded block at a height. */
export async function readBlock (db: ChainDatabase, height: number): Promise<Uint8Array | undefined> {
  return db.get(blockKey(height))
}

/**
 * The encoded blocks of a range, both ends inclusive, in ascending order, as they are when this is called: what is
 * written later is not seen. To be closed where it is not read to its end.
 */
export function readBlocks (db: ChainDatabase, first: number, last: number): ValueIterator<ChainDatabase, Uint8Array, Uint8Array> {
  return db.values({ gte: blockKey(first), lte: blockKey(last), highWaterMarkBytes: READ_AHEAD_BYTES })
}

/**
 * Writes blocks, over those of the same heights, as one: whatever ends the process or the machine leaves either all of them or
 * none. The last one written has to be the last of all. Resolves when they are on the disk. LevelDB has copied the bytes when
 * this returns.
 */
export async function writeBlocks (db: ChainDatabase, blocks: readonly EncodedBlock[]): Promise<void> {
  await db.batch(blocks.map(({ height, bytes }) => ({ type: 'put', key: blockKey(height), value: bytes })), { sync: true })
}

/** Whether a block comes after another one. */
export function isLinked (block: Block, parent: Tip): boolean {
  return block.height === parent.height + 1 && Buffer.compare(block.prevHash, parent.hash) === 0
}

/** The last block, if it is what its key says and follows the one before. */
async function readTip (db: ChainDatabase): Promise<Block | undefined> {
  const last = await db.iterator({ gte: blockKey(0), lte: LAST_KEY, reverse: true, limit: 2 }).all()
  const [tip, parent] = last.map(([key, bytes]) => ({ key, block: tryDecode(bytes) }))

  if (tip?.block == null || Buffer.compare(tip.key, blockKey(tip.block.height)) !== 0) {
    return undefined
  }

  return parent == null || (parent.block != null && isLinked(tip.block, parent.block)) ? tip.block : undefined
}

/** From the genesis block upwards: only so is every block below the new tip known to be there. */
async function recover (db: ChainDatabase, genesis: Block): Promise<Block> {
  let head = genesis

  for await (const bytes of readBlocks(db, 1, Number.MAX_SAFE_INTEGER)) {
    const block = tryDecode(bytes)

    if (block == null || !isLinked(block, head)) {
      break
    }

    head = block
  }

  await db.clear({ gt: blockKey(head.height), lte: LAST_KEY })

  return head
}

function tryDecode (bytes: Uint8Array | undefined): Block | undefined {
  try {
    return bytes == null ? undefined : decodeBlock(bytes)
  } catch {
    return undefined
  }
}

function blockKey (height: number): Uint8Array {
  const key = Buffer.alloc(1 + HEIGHT_BYTES, BLOCK_PREFIX)
  key.writeBigUInt64BE(BigInt(height), 1)

  return key
}
