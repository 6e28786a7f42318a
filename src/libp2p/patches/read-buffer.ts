import { copyOf, isWasteful, partsOf } from '../../memory/pieces.ts'
import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The node joins smaller pieces while they wait in libp2p's buffer: each alone takes more memory than its bytes. */
export const SMALL_PIECE_BYTES = 1024

/** The page in which the node joins small pieces. */
export const PAGE_BYTES: number = 4 * SMALL_PIECE_BYTES

/** The page of a stream that has none yet. */
const NO_PAGE = new Uint8Array(0)

/** `readBuffer` of the streams of @libp2p/utils 7: the list of what comes while a stream is paused. None of this is in its types. */
interface ReadBuffer extends Pick<Uint8ArrayList, 'byteLength' | 'length' | 'append'> { bufs?: Uint8Array[] }

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
