import { xsalsa20 } from '@noble/ciphers/salsa.js'
import type { Uint8ArrayList } from 'uint8arraylist'

/** A nonce of XSalsa20, which each end of a connection in a private network sends first. */
export const NONCE_BYTES = 24

/** A block of the key stream, in bytes. */
const BLOCK_BYTES = 64

/**
 * What a connection in a private network carries in one direction: one cipher block less than 256 GiB.
 *
 * The library counts the blocks of its key stream with 32 bits and refuses the last of these numbers.
 *
 * @remarks The connection ends. The node dials again as after any loss.
 */
export const KEY_STREAM_BYTES: number = (2 ** 32 - 1) * BLOCK_BYTES

/** One direction of a connection: a key, the nonce of who sends, and what was sent before, in bytes. */
export interface DirectionCipherInit {
  key: Uint8Array
  nonce: Uint8Array
  /** @default 0 */
  position?: number
}

/**
 * XSalsa20 over what is sent in one direction, in chunks of any size. Encryption and decryption are the same. It holds no memory
 * but its key and its nonce.
 */
export class DirectionCipher {
  readonly #key: Uint8Array
  readonly #nonce: Uint8Array
  #position: number

  constructor ({ key, nonce, position = 0 }: DirectionCipherInit) {
    this.#key = key
    this.#nonce = nonce
    this.#position = position
  }

  /**
   * Encrypts or decrypts the next bytes, into memory of their own. Throws a `RangeError`, and uses none of the key stream, where they
   * would go beyond {@link KEY_STREAM_BYTES}.
   */
  apply (bytes: Uint8Array | Uint8ArrayList): Uint8Array {
    const end = this.#position + bytes.byteLength

    if (end > KEY_STREAM_BYTES) {
      throw new RangeError(`The key stream of a private network connection ends after ${KEY_STREAM_BYTES} bytes`)
    }

    if (bytes.byteLength === 0) {
      return new Uint8Array(0)
    }

    // the library begins with a whole block: what was used of it before is put in front, and left away afterwards
    const used = this.#position % BLOCK_BYTES
    const blocks = new Uint8Array(used + bytes.byteLength)
    let offset = used

    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
      blocks.set(part, offset)
      offset += part.byteLength
    }

    xsalsa20(this.#key, this.#nonce, blocks, blocks, (this.#position - used) / BLOCK_BYTES)
    this.#position = end

    return blocks.subarray(used)
  }
}
