import { freeMemory } from './free-memory.ts'
import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Smaller pieces are put together while they wait in libp2p's buffer, for each of them alone takes more than itself. */
export const SMALL_PIECE_BYTES = 1024

/** The page in which small pieces are put together. */
export const PAGE_BYTES: number = 4 * SMALL_PIECE_BYTES

/** A piece that is less than one part in so many of the memory that it is a view of is copied. */
const MIN_SHARE = 4

/** The most that lies in front of a piece in its memory and is of no use to anybody, in bytes: a header of Yamux. */
const HEADER_BYTES = 12

/** One for all streams: most never need another. */
const NO_PAGE = new Uint8Array(0)

/** The list that a libp2p stream keeps what comes in while it is paused. None of this is in its types. */
interface ReadBuffer extends Pick<Uint8ArrayList, 'byteLength' | 'length' | 'append'> { bufs?: Uint8Array[] }

/**
 * The same bytes in memory of their own where they keep much more than themselves: a remote may cut what it sends so that each
 * piece is a view of another block of 64 KiB.
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
 * Gives the memory of what was read back at once. Where there is more in it than the piece, it may be of another stream, and is left
 * alone.
 */
export function freePieces (chunk: Uint8Array | Uint8ArrayList): void {
  for (const part of partsOf(chunk)) {
    if (part.byteOffset <= HEADER_BYTES && part.byteOffset + part.byteLength === part.buffer.byteLength) {
      freeMemory(part)
    }
  }
}

/**
 * Bounds what a stream keeps while it is paused to little more than its bytes. libp2p counts the bytes alone, and keeps each piece
 * as it came: 2 MiB in pieces of one byte would be 270 MB. Does nothing where libp2p keeps them in another way.
 */
export function packReadBuffer (stream: Stream): void {
  const list = (stream as unknown as { readBuffer?: ReadBuffer }).readBuffer

  if (list?.bufs == null) {
    return
  }

  const append = list.append.bind(list)
  const pages = new Pages(list)

  // what is handed on at once is alone in the list, and is left as it came
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

/** Puts small pieces together at the end of a list. */
class Pages {
  readonly #list: ReadBuffer
  #page: Uint8Array = NO_PAGE
  #filled = 0
  /** What of the page is the last in the list. */
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

/** In memory of its own: what `slice` gives is a view where it is a Buffer's, and lies in a shared pool where it is a list's. */
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
