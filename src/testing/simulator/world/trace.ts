import { createHash } from 'node:crypto'

/** Packets are hashed when there are as many bytes of them, which is quicker than one by one. */
const PAGE_BYTES: number = 64 * 1024

/** What stands in front of the bytes of a packet: its time, its two hosts and its length. */
const HEAD_BYTES = 20

/** Two hosts, by their index. */
export interface Path { readonly from: number, readonly to: number }

/** A digest of every packet of a simulation: when it came, from which host and to which, and its bytes. */
export class Trace {
  readonly #hash = createHash('sha256')
  readonly #page = new Uint8Array(PAGE_BYTES)
  readonly #view = new DataView(this.#page.buffer)
  #filled = 0
  #packets = 0

  /** How many packets there were. */
  get packets (): number {
    return this.#packets
  }

  /** Takes note of a packet. */
  add (at: number, { from, to }: Path, bytes: Uint8Array | undefined): void {
    const length = bytes?.byteLength ?? 0

    if (this.#filled + HEAD_BYTES + length > PAGE_BYTES) {
      this.#flush()
    }

    this.#packets++
    this.#view.setFloat64(this.#filled, at)
    this.#view.setUint32(this.#filled + 8, from)
    this.#view.setUint32(this.#filled + 12, to)
    this.#view.setUint32(this.#filled + 16, length)
    this.#filled += HEAD_BYTES

    if (bytes == null) {
      return
    }

    if (this.#filled + length <= PAGE_BYTES) {
      this.#page.set(bytes, this.#filled)
      this.#filled += length
    } else {
      this.#flush()
      this.#hash.update(bytes)
    }
  }

  /** The digest so far, in hexadecimal. */
  digest (): string {
    this.#flush()

    return this.#hash.copy().digest('hex')
  }

  #flush (): void {
    this.#hash.update(this.#page.subarray(0, this.#filled))
    this.#filled = 0
  }
}
