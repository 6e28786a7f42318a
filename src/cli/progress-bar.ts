import { cutText } from './format.ts'
import type { Progress } from './follower.ts'

const BAR_WIDTH = 24
const CLEAR_LINE = '\r\x1b[K'

/** How much of a catch-up is done, 0 to 1. */
export function progressRatio ({ from, at, to }: Progress): number {
  return to <= from ? 1 : Math.min(Math.max((at - from) / (to - from), 0), 1)
}

/** `[######------] 50 %`, with `width` characters between the brackets. */
export function renderBar (progress: Progress, width: number = BAR_WIDTH): string {
  const ratio = progressRatio(progress)
  const filled = Math.floor(ratio * width)

  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${Math.floor(ratio * 100)} %`
}

/** One line with the bar and the heights, at most `columns` wide. */
export function renderProgress (progress: Progress, columns: number): string {
  return cutText(`catching up ${renderBar(progress)}, block ${progress.at} of ${progress.to}`, columns)
}

/** A terminal, as far as a progress bar needs one: process.stdout fits. */
export interface BarSink {
  write: (text: string) => unknown
  readonly columns?: number
  readonly writableLength: number
}

/**
 * Keeps a progress bar on the last line of a terminal. Other lines go through {@link BarWriter.write}, above it.
 */
export class BarWriter {
  readonly #sink: BarSink
  #line = ''

  constructor (sink: BarSink) {
    this.#sink = sink
  }

  get writableLength (): number {
    return this.#sink.writableLength
  }

  /** Draws the bar, or takes it away. */
  show (progress: Progress | undefined): void {
    const line = progress == null ? '' : renderProgress(progress, (this.#sink.columns ?? 80) - 1)

    if (line !== this.#line) {
      this.#line = line
      this.#sink.write(CLEAR_LINE + line)
    }
  }

  /** Writes whole lines above the bar. */
  write (text: string): void {
    this.#sink.write(this.#line === '' ? text : CLEAR_LINE + text + this.#line)
  }
}
