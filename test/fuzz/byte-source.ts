/** Decisions out of the bytes of an input: when they are used up, everything is 0. */
export class ByteSource {
  readonly #bytes: Uint8Array
  #at = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isEmpty (): boolean {
    return this.#at >= this.#bytes.byteLength
  }

  byte (): number {
    return this.#bytes[this.#at++] ?? 0
  }

  pick<T> (choices: readonly T[]): T {
    return choices[this.byte() % choices.length]!
  }

  take (length: number): Uint8Array {
    const start = this.#at
    this.#at += length

    return this.#bytes.slice(start, this.#at)
  }
}
