import { freeMemory } from './free-memory.ts'
import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The node joins smaller pieces while they wait in libp2p's buffer: each alone takes more memory than its bytes. */
export const SMALL_PIECE_BYTES = 1024

/** The page in which the node joins small pieces. */
export const PAGE_BYTES: number = 4 * SMALL_PIECE_BYTES

/** A piece that is smaller than its memory by more than this factor is copied. */
const MIN_SHARE = 4

/** What may lie in front of a piece in its memory, in bytes: a header of Yamux, which is of no use any more. */
const HEADER_BYTES = 12

/** The page of a stream that has none yet. */
const NO_PAGE = new Uint8Array(0)

/** The list in which a libp2p stream keeps what comes while it is paused. None of this is in its types. */
interface ReadBuffer extends Pick<Uint8ArrayList, 'byteLength' | 'length' | 'append'> { bufs?: Uint8Array[] }

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

/**
 * Bounds the memory of a paused stream to little more than the bytes that it holds. libp2p counts the bytes alone, and keeps each
 * piece as it came: 2 MiB in pieces of one byte would be 270 MB. Does nothing where libp2p keeps them in another way.
 */
export function packReadBuffer (stream: Stream): void {
  const list = (stream as unknown as { readBuffer?: ReadBuffer }).readBuffer

  if (list?.bufs == null) {
    return
  }

  const append = list.append.bind(list)
  const pages = new Pages(list)

  // a stream that flows hands on each piece at once, alone: it stays as it came
  list.append = (...pieces) => {
    if (list.byteLength === 0 && pieces.length === 1) {
      append(pieces[0]!)
      return
    }

    for (const piece of pieces.flatMap((piece) => [...partsOf(piece)])) {
      if (list.byteLength === 0 || !isWasteful(piece)) {
        append(piece)
      } else if (piece.byteLength >= SMALL_PIECE_BYTES) {
        append(copyOf(piece))
      } else {
        pages.add(piece, append)
      }
    }
  }
}

/** Joins small pieces at the end of a list. */
class Pages {
  readonly #list: ReadBuffer
  #page: Uint8Array = NO_PAGE
  #filled = 0
  /** The view of the page that is last in the list. */
  #last: Uint8Array | undefined

  constructor (list: ReadBuffer) {
    this.#list = list
  }

  add (piece: Uint8Array, append: (piece: Uint8Array) => void): void {
    if (this.#filled + piece.byteLength > this.#page.byteLength) {
      this.#page = new Uint8Array(PAGE_BYTES)
      this.#filled = 0
      this.#last = undefined
    }

    this.#page.set(piece, this.#filled)
    const start = this.#filled
    this.#filled += piece.byteLength
    const bufs = this.#list.bufs ?? []

    if (this.#last != null && bufs.at(-1) === this.#last) {
      this.#last = this.#page.subarray(this.#last.byteOffset, this.#filled)
      bufs[bufs.length - 1] = this.#last
      this.#list.length += piece.byteLength
    } else {
      this.#last = this.#page.subarray(start, this.#filled)
      append(this.#last)
    }
  }
}

function partsOf (chunk: Uint8Array | Uint8ArrayList): Iterable<Uint8Array> {
  return chunk instanceof Uint8Array ? [chunk] : chunk
}

/** A copy in memory of its own. `slice` of a Buffer gives a view, and `slice` of a list a piece of a shared pool. */
function copyOf (chunk: Uint8Array | Uint8ArrayList): Uint8Array {
  const copy = new Uint8Array(chunk.byteLength)
  let offset = 0

  for (const part of partsOf(chunk)) {
    copy.set(part, offset)
    offset += part.byteLength
  }

  return copy
}

function isWasteful (bytes: Uint8Array): boolean {
  return bytes.byteLength * MIN_SHARE < bytes.buffer.byteLength
}
