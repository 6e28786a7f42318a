import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError, decodeBlock, encodeBlock } from '../../index.ts'
import { makeDirectory } from '../../leveldb/directory.ts'
import { levelCode, levelReason } from '../../leveldb/errors.ts'
import { LevelHandle } from '../../leveldb/handle.ts'
import { findLogDamage } from '../../leveldb/log.ts'
import type { Block, ReceivedBlock, Tip } from '../../index.ts'
import type { Level, LevelBatch, LevelInit } from '../../leveldb/handle.ts'
import type { ValueIterator } from 'classic-level'

// 'b' and a height in eight bytes, most significant first, is a block as it is encoded on the wire, so that LevelDB has the blocks
// in order and they are served as they are. The last of them is the tip. There is nothing else: with a key that changes with each
// block no table of LevelDB would be apart from the others, and it would write each block once more to sort them.

const HEIGHT_BYTES = 8
const BLOCK_PREFIX = 0x62

/** No block has a greater key. */
const LAST_KEY = Uint8Array.of(BLOCK_PREFIX, ...new Uint8Array(HEIGHT_BYTES).fill(0xff))

/**
 * Bytes of blocks that are read from LevelDB at a time.
 *
 * They fill a few response frames, since each read is a way to another thread and back.
 */
export const READ_AHEAD_BYTES: number = 1024 * 1024

/** What LevelDB collects before it writes a table: several batches of blocks. */
export const WRITE_BUFFER_BYTES: number = 16 * 1024 * 1024

/** The file in the directory of a chain that notes its damage, until every block was checked. LevelDB leaves a file of this name alone. */
const DAMAGE_FILE = 'damage.txt'

/** A database with a chain in it. */
export type ChainDatabase = Level<Uint8Array, Uint8Array>

/** The handle that it is written through. */
export type ChainLevel = LevelHandle<Uint8Array, Uint8Array>

/** A block as it is written. */
export interface EncodedBlock {
  readonly height: number
  readonly bytes: Uint8Array
}

/** The callbacks for a database after a failed write. */
export type ChainLevelHooks = Pick<LevelInit<Uint8Array, Uint8Array>, 'check' | 'onFault' | 'onRestored'>

/** A chain that was opened, and its damage, in words. */
export interface OpenChain { level: ChainLevel, damage: string | undefined }

/**
 * Opens the database in `directory`, making it where it is missing. Where its log is damaged, LevelDB has dropped some of it: that is
 * noted in the directory until {@link repair} has looked at all of it. Throws a StorageError where it cannot be used.
 */
export async function openDatabase (directory: string, hooks: ChainLevelHooks): Promise<OpenChain> {
  try {
    await makeDirectory(directory)
    const [damage] = await findLogDamage(directory)

    if (damage != null) {
      await noteDamage(directory, damage)
    }

    const level = await LevelHandle.open<Uint8Array, Uint8Array>({
      ...hooks,
      location: directory,
      title: 'chain',
      sync: true,
      // a block is mostly hashes and signatures, which cannot be compressed
      options: { keyEncoding: 'view', valueEncoding: 'view', compression: false, writeBufferSize: WRITE_BUFFER_BYTES }
    })

    return { level, damage: await readDamage(directory) }
  } catch (err) {
    const locked = levelCode(err) === 'LEVEL_LOCKED'
    const why = locked ? 'another process is using it. End that one, or give another data directory' : levelReason(err)

    throw new StorageError(`Could not open the chain in ${directory}: ${why}`, { cause: err })
  }
}

/** Notes that blocks may be missing, until {@link clearDamage}. */
export async function noteDamage (directory: string, damage: string): Promise<void> {
  await writeFile(join(directory, DAMAGE_FILE), damage, { flush: true })
}

/** Removes the note, when every block was checked. */
export async function clearDamage (directory: string): Promise<void> {
  await rm(join(directory, DAMAGE_FILE), { force: true })
}

async function readDamage (directory: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, DAMAGE_FILE), 'utf8')
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined
    }

    throw err
  }
}

/**
 * Begins the chain with `genesis` where there is none, or where the damage that is known of has taken all of it.
 * Throws a StorageError for a chain that begins with another block, and changes nothing of it.
 */
export async function begin (db: ChainDatabase, genesis: Block, damage: string | undefined): Promise<void> {
  const first = await readBlock(db, 0)

  if (first == null) {
    if (damage == null && (await db.keys({ limit: 1 }).all()).length > 0) {
      throw new StorageError('Expected a chain or nothing, found a chain without its genesis block')
    }

    await db.batch(batchOf([{ height: 0, bytes: encodeBlock(genesis) }]), { sync: true })
  } else if (Buffer.compare(first, encodeBlock(genesis)) !== 0) {
    throw new StorageError('Expected the genesis block of this network, found another one: give the network of the chain, or another data directory. The chain is')
  }
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

/** The batch that writes blocks, over those of the same heights. The last of them has to be the last of the chain. */
export function batchOf (blocks: readonly EncodedBlock[]): LevelBatch<Uint8Array, Uint8Array> {
  return blocks.map(({ height, bytes }) => ({ type: 'put', key: blockKey(height), value: bytes }))
}

/** Whether a block comes after another one. */
export function isLinked (block: Block, parent: Tip): boolean {
  return block.height === parent.height + 1 && Buffer.compare(block.prevHash, parent.hash) === 0
}

/** Whether two tips are the same block. */
export function isSame (a: Tip, b: Tip): boolean {
  return a.height === b.height && Buffer.compare(a.hash, b.hash) === 0
}

/** Throws a StorageError for a block that does not follow the one before. */
export function checkLinks (blocks: readonly ReceivedBlock[], head: Block): void {
  let last = head

  for (const { block } of blocks) {
    if (!isLinked(block, last)) {
      throw new StorageError(`Expected the block after ${last.height}, got one of height ${block.height}`)
    }

    last = block
  }
}

/** The last block, if it is what its key says and follows the one before. */
export async function readTip (db: ChainDatabase): Promise<Block | undefined> {
  const last = await db.iterator({ gte: blockKey(0), lte: LAST_KEY, reverse: true, limit: 2 }).all()
  const [tip, parent] = last.map(([key, bytes]) => ({ key, block: tryDecode(bytes) }))

  if (tip?.block == null || Buffer.compare(tip.key, blockKey(tip.block.height)) !== 0) {
    return undefined
  }

  return parent == null || (parent.block != null && isLinked(tip.block, parent.block)) ? tip.block : undefined
}

/**
 * The last block that is linked to the genesis block. Drops what is above it. From the genesis block upwards: only so is every block below
 * the new tip known to be there.
 */
export async function repair (db: ChainDatabase, genesis: Block): Promise<Block> {
  let head = genesis

  for await (const bytes of readBlocks(db, 1, Number.MAX_SAFE_INTEGER)) {
    const block = tryDecode(bytes)

    if (block == null || !isLinked(block, head)) {
      break
    }

    head = block
  }

  // from the top: a process that ends in between leaves no new gap
  await db.clear({ gt: blockKey(head.height), lte: LAST_KEY, reverse: true })

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
