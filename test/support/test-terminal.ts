/** A terminal that keeps what is written to it. Does not tell how wide it is unless given. */
export class TestTerminal {
  readonly columns: number | undefined
  readonly writableLength = 0
  writableNeedDrain = false
  text = ''

  constructor (columns?: number) {
    this.columns = columns
  }

  write (text: string): void {
    this.text += text
  }

  /** What was written since the last time. */
  take (): string {
    const { text } = this
    this.text = ''

    return text
  }
}
