import { createLogUpdate } from 'log-update'

/** A terminal, as far as a screen needs one: process.stdout fits. */
export type ScreenSink = NodeJS.WritableStream & {
  readonly columns?: number
  readonly rows?: number
  readonly writableNeedDrain: boolean
}

// to the alternate screen, without cursor and line wrapping; and back
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const CLEAR = '\x1b[2J\x1b[H'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'

type LogUpdate = ReturnType<typeof createLogUpdate>

/**
 * A terminal's alternate screen, drawn over in place. {@link Screen.close} brings back what was on the terminal. It is also called when
 * the process exits. log-update draws the lines: it has no alternate screen itself.
 */
export class Screen {
  readonly #sink: ScreenSink
  readonly #onExit = (): void => { this.close() }
  #live: LogUpdate | undefined
  #drawnSize = ''

  constructor (sink: ScreenSink) {
    this.#sink = sink
  }

  /** Columns and rows that {@link Screen.draw} has. The cursor takes the last row. */
  get size (): { columns: number, rows: number } {
    return { columns: this.#sink.columns ?? 80, rows: Math.max((this.#sink.rows ?? 24) - 1, 1) }
  }

  open (): void {
    if (this.#live == null) {
      this.#live = createLogUpdate(this.#sink, { showCursor: true })
      process.on('exit', this.#onExit)
      this.#sink.write(ENTER)
    }
  }

  /** Draws the lines that fit. Does nothing while the terminal is behind. */
  draw (lines: string[]): void {
    if (this.#live != null && !this.#sink.writableNeedDrain) {
      this.#drawOn(this.#live, lines)
    }
  }

  /** A terminal of another size has moved what was on it: the picture begins anew. */
  #drawOn (live: LogUpdate, lines: string[]): void {
    const { columns, rows } = this.size
    const size = `${columns} ${rows}`

    if (size !== this.#drawnSize) {
      live.done()
      this.#sink.write(CLEAR)
    }

    this.#drawnSize = size
    live(lines.slice(0, rows).join('\n'))
  }

  close (): void {
    if (this.#live != null) {
      this.#live = undefined
      process.off('exit', this.#onExit)
      this.#sink.write(LEAVE)
    }
  }
}
