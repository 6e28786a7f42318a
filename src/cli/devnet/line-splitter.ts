/** A line longer than this is dropped. */
const MAX_LINE_LENGTH = 64 * 1024

/** Cuts text that comes in chunks into lines. Holds one unfinished line, of bounded length. */
export class LineSplitter {
  readonly #maxLength: number
  #rest = ''
  #dropping = false

  constructor (maxLength: number = MAX_LINE_LENGTH) {
    this.#maxLength = maxLength
  }

  /** The lines that `chunk` completes, without their ends. */
  push (chunk: string): string[] {
    const [first = '', ...others] = chunk.split('\n')
    const lines: string[] = []
    this.#add(first)

    for (const part of others) {
      if (!this.#dropping) {
        lines.push(this.#rest)
      }

      this.#rest = ''
      this.#dropping = false
      this.#add(part)
    }

    return lines
  }

  #add (part: string): void {
    if (this.#dropping || this.#rest.length + part.length > this.#maxLength) {
      this.#dropping = true
      this.#rest = ''
    } else {
      this.#rest += part
    }
  }
}
