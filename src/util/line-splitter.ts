/** A line longer than this is dropped, unless told otherwise. */
const MAX_LINE_LENGTH = 64 * 1024

/** Cuts text that comes in chunks into lines. Holds one unfinished line, of bounded length. */
export class LineSplitter {
  readonly #maxLength: number
  #parts: string[] = []
  #length = 0
  #dropped = 0
  #dropping = false

  constructor (maxLength: number = MAX_LINE_LENGTH) {
    this.#maxLength = maxLength
  }

  /** Lines that were too long, the one that has not ended yet included. */
  get dropped (): number {
    return this.#dropped
  }

  /** The lines that `chunk` completes, without their ends. */
  push (chunk: string): string[] {
    const [first = '', ...others] = chunk.split('\n')
    const lines: string[] = []
    this.#add(first)

    for (const part of others) {
      if (!this.#dropping) {
        lines.push(this.#parts.join(''))
      }

      this.#clear()
      this.#dropping = false
      this.#add(part)
    }

    return lines
  }

  #add (part: string): void {
    if (this.#dropping) {
      return
    }

    if (this.#length + part.length > this.#maxLength) {
      this.#dropping = true
      this.#dropped++
      this.#clear()
    } else if (part !== '') {
      this.#parts.push(part)
      this.#length += part.length
    }
  }

  #clear (): void {
    this.#parts = []
    this.#length = 0
  }
}
