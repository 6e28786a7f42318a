import { Uint8ArrayList } from 'uint8arraylist'

/** Pieces of fewer bytes are joined until what they belong to is complete. */
export const CRUMB_BYTES = 1024

/** Joined pieces go on when there are this many bytes of them. */
export const JOINED_CRUMB_BYTES: number = 16 * 1024

type Bytes = Uint8Array | Uint8ArrayList

/** Whether a list is of small pieces: what a paused stream had received is one list. */
function isCrumbled (bytes: Bytes): boolean {
  return !(bytes instanceof Uint8Array) && [...bytes].length * CRUMB_BYTES > Math.max(bytes.byteLength, CRUMB_BYTES)
}

function concat (first: Uint8Array, second: Bytes): Uint8Array {
  const joined = new Uint8Array(first.byteLength + second.byteLength)
  joined.set(first)
  joined.set(second.subarray(), first.byteLength)

  return joined
}

/**
 * Joins the small pieces of something large. Readers of libp2p keep a list of the pieces until all are there, and take them off its
 * front one by one, which takes time with the square of their number. Large pieces pass without a copy.
 */
export class CrumbJoiner {
  #held: Uint8Array | undefined
  #heldBytes = 0

  /** Bytes that are held back. */
  get heldBytes (): number {
    return this.#heldBytes
  }

  /** Returns what is to be handed on now. `openBytes`: how many bytes at the end belong to something that is not complete. */
  push (bytes: Bytes, openBytes: number): Bytes | undefined {
    if (bytes.byteLength >= CRUMB_BYTES) {
      return this.#join(isCrumbled(bytes) ? bytes.slice() : bytes)
    }

    const wholeBytes = bytes.byteLength - openBytes

    if (wholeBytes > 0) {
      const joined = this.#join(openBytes === 0 ? bytes : bytes.slice(0, wholeBytes))
      this.#hold(bytes.subarray(wholeBytes))

      return joined
    }

    this.#hold(bytes)

    return this.#heldBytes >= JOINED_CRUMB_BYTES ? this.#take() : undefined
  }

  /** Returns what is held back. */
  flush (): Uint8Array | undefined {
    return this.#heldBytes === 0 ? undefined : this.#take()
  }

  #join (bytes: Bytes): Bytes {
    if (this.#heldBytes === 0) {
      return bytes
    }

    return bytes.byteLength < CRUMB_BYTES ? concat(this.#take(), bytes) : new Uint8ArrayList(this.#take(), bytes)
  }

  #hold (bytes: Bytes): void {
    if (bytes.byteLength === 0) {
      return
    }

    const needed = this.#heldBytes + bytes.byteLength

    if (this.#held == null || this.#held.byteLength < needed) {
      const larger = new Uint8Array(Math.max(CRUMB_BYTES, needed, 2 * (this.#held?.byteLength ?? 0)))
      larger.set(this.#held?.subarray(0, this.#heldBytes) ?? [])
      this.#held = larger
    }

    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
      this.#held.set(part, this.#heldBytes)
      this.#heldBytes += part.byteLength
    }
  }

  #take (): Uint8Array {
    const taken = this.#held!.subarray(0, this.#heldBytes)
    this.#held = undefined
    this.#heldBytes = 0

    return taken
  }
}
