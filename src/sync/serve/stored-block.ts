import { decodeBlock, decodeLinks, storedToBytes } from '../../codec/items/items.ts'
import { StorageError, errorMessage } from '../../errors.ts'
import type { BlockLinks } from '../../codec/items/block.ts'
import type { Block } from '../../types/block.ts'
import type { BlockSource } from './server.ts'
import type { Awaitable, StoredBlock } from '../../types/chain.ts'
import type { RequestBlockRangeMessage } from '../../types/message.ts'
import type { Session } from '../../session/session.ts'

/** A block that may be served: its bytes keep to the grammar. */
export class ServedBlock {
  readonly bytes: Uint8Array
  /** Views of the bytes. */
  readonly links: BlockLinks

  constructor (bytes: Uint8Array, links: BlockLinks) {
    this.bytes = bytes
    this.links = links
  }
}

/** A source whose blocks are still to be checked, but for those that it has checked itself. */
export interface UncheckedSource extends Omit<BlockSource, 'range'> {
  range: (request: RequestBlockRangeMessage, peer: Session) => Awaitable<Unchecked>
}

type Unchecked = AsyncIterable<StoredBlock | ServedBlock> | Iterable<StoredBlock | ServedBlock>

/** Checks what a chain gave for the block at `height`, once. Throws a {@link StorageError} where it is none, or does not fit the wire. */
export function toServed (stored: StoredBlock | ServedBlock, height: number): ServedBlock {
  if (stored instanceof ServedBlock) {
    return stored
  }

  // the bytes first: an object from an application without types may be anything
  const bytes = encodeStored(stored, height)
  const links = stored instanceof Uint8Array ? attempt(() => decodeLinks(bytes), height) : stored
  checkHeight(links, height)

  return new ServedBlock(bytes, links)
}

/** Encodes what a chain gave for the block at `height`. Throws a {@link StorageError} where it does not fit the wire. */
export function encodeStored (stored: StoredBlock, height: number): Uint8Array {
  return attempt(() => storedToBytes(stored), height)
}

/** Decodes what a chain gave for the block at `height`. Throws a {@link StorageError} where it is no block of that height. */
export function readStored (stored: StoredBlock, height: number): Block {
  const block = stored instanceof Uint8Array ? attempt(() => decodeBlock(stored), height) : stored
  checkHeight(block, height)

  return block
}

function checkHeight (block: BlockLinks, height: number): void {
  if (block.height !== height) {
    throw new StorageError(`The chain gave block ${block.height} where block ${height} was asked for`)
  }
}

function attempt<Result> (convert: () => Result, height: number): Result {
  try {
    return convert()
  } catch (err) {
    throw new StorageError(`The chain gave a block ${height} that cannot be sent: ${errorMessage(err)}`, { cause: err })
  }
}
