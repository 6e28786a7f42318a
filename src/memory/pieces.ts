import { freeMemory } from './free-memory.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/** A piece that is smaller than its memory by more than this factor is copied. */
const MIN_SHARE = 4

/** What may lie in front of a piece in its memory, in bytes: a header of Yamux, which is of no use any more. */
const HEADER_BYTES = 12

/**
 * The same bytes, copied where they keep much more memory than they have: a peer may cut what it sends so that each piece is a view of
 * another block of 64 KiB.
 */
export function withoutWaste (chunk: Uint8Array | Uint8ArrayList): Uint8Array | Uint8ArrayList {
  for (const part of partsOf(chunk)) {
    if (isWasteful(part)) {
      return copyOf(chunk)
    }
  }

  return chunk
}

/**
 * Frees the memory of what was read. Where more than the piece is in it, that may be of another stream: it is left alone then.
 */
export function freePieces (chunk: Uint8Array | Uint8ArrayList): void {
  for (const part of partsOf(chunk)) {
    if (part.byteOffset <= HEADER_BYTES && part.byteOffset + part.byteLength === part.buffer.byteLength) {
      freeMemory(part)
    }
  }
}

/** The pieces of a chunk. */
export function partsOf (chunk: Uint8Array | Uint8ArrayList): Iterable<Uint8Array> {
  return chunk instanceof Uint8Array ? [chunk] : chunk
}

/** A copy in memory of its own. `slice` of a Buffer gives a view, and `slice` of a list a piece of a shared pool. */
export function copyOf (chunk: Uint8Array | Uint8ArrayList): Uint8Array {
  const copy = new Uint8Array(chunk.byteLength)
  let offset = 0

  for (const part of partsOf(chunk)) {
    copy.set(part, offset)
    offset += part.byteLength
  }

  return copy
}

/** Whether a piece keeps much more memory than it has bytes. */
export function isWasteful (bytes: Uint8Array): boolean {
  return bytes.byteLength * MIN_SHARE < bytes.buffer.byteLength
}
