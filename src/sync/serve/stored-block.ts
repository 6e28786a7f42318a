import { decodeBlock, storedToBytes } from '../../codec/items/items.ts'
import { StorageError, errorMessage } from '../../errors.ts'
import type { Block } from '../../types/block.ts'
import type { StoredBlock } from '../../types/chain.ts'

/** Decodes what a chain gave for the block at `height`. Throws a {@link StorageError} where it is no block of that height. */
export function readStored (stored: StoredBlock, height: number): Block {
  const block = stored instanceof Uint8Array ? attempt(() => decodeBlock(stored), height) : stored

  if (block.height !== height) {
    throw new StorageError(`The chain gave block ${block.height} where block ${height} was asked for`)
  }

  return block
}

/** Encodes what a chain gave for the block at `height`. Throws a {@link StorageError} where it does not fit the wire. */
export function encodeStored (stored: StoredBlock, height: number): Uint8Array {
  return attempt(() => storedToBytes(stored), height)
}

function attempt<Result> (convert: () => Result, height: number): Result {
  try {
    return convert()
  } catch (err) {
    throw new StorageError(`The chain gave a block ${height} that cannot be sent: ${errorMessage(err)}`, { cause: err })
  }
}
