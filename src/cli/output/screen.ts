/** A terminal, as far as a screen needs one: process.stdout fits. */
export interface ScreenSink {
  write: (text: string) => unknown
  readonly columns?: number
  readonly rows?: number
  readonly writableNeedDrain: boolean
}

// to the alternate screen, without cursor and line wrapping; and back
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
// before the text: after a full line it would take the last character
const CLEAR_LINE = '\x1b[K'
const CLEAR_REST = '\x1b[J'

/**
 * A terminal's alternate screen, drawn over in place. {@link Screen.close} brings back what was on the terminal. It is also called when
 * the process exits.
 */
export class Screen {
  readonly #sink: ScreenSink
  readonly #onExit = (): void => { this.close() }
  #open = false

  constructor (sink: ScreenSink) {
    this.#sink = sink
  }

  /** Columns and rows. */
  get size (): { columns: number, rows: number } {
    return { columns: this.#sink.columns ?? 80, rows: this.#sink.rows ?? 24 }
  }

  open (): void {
    if (!this.#open) {
      this.#open = true
      process.on('exit', this.#onExit)
      this.#sink.write(ENTER)
    }
  }

  /** Draws the lines that fit. Does nothing while the terminal is behind. */
  draw (lines: string[]): void {
    if (this.#open && !this.#sink.writableNeedDrain) {
      this.#sink.write(HOME + lines.map((line) => CLEAR_LINE + line).join('\r\n') + CLEAR_REST)
    }
  }

  close (): void {
    if (this.#open) {
      this.#open = false
      process.off('exit', this.#onExit)
      this.#sink.write(LEAVE)
    }
  }
}
