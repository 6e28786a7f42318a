import { Writable } from 'node:stream'

/** A terminal that keeps what is written to it. Does not tell how wide it is unless given. */
export class TestTerminal extends Writable {
  columns: number | undefined
  rows: number | undefined
  text = ''

  constructor (columns?: number, rows?: number) {
    super({ decodeStrings: false })
    this.columns = columns
    this.rows = rows
  }

  override _write (text: string, _: BufferEncoding, done: () => void): void {
    this.text += text
    done()
  }

  /** What was written since the last time. */
  take (): string {
    const { text } = this
    this.text = ''

    return text
  }
}
