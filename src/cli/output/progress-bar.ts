import { createLogUpdate } from 'log-update'
import { cutText, formatBlockRate, formatBytes, formatCount, formatDuration } from './format.ts'
import type { Pace, Progress } from './report.ts'

const BAR_WIDTH = 24
const MIN_BAR_WIDTH = 8

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

/**
 * One line with the bar, the heights and the rate, at most `columns` wide. Where that is too narrow, the bar becomes shorter first, then
 * the least important parts are left out.
 */
export function renderProgress (progress: Progress & Pace, columns: number = Infinity): string {
  const facts = describeProgress(progress)
  const tails = facts.map((_, last) => facts.slice(0, last + 1).map((fact) => `, ${fact}`).join(''))
  const roomFor = (tail: string): number => columns - `catching up [] 100 %${tail}`.length
  const tail = tails.findLast((tail) => roomFor(tail) >= MIN_BAR_WIDTH) ?? tails[0]!
  const width = Math.min(Math.max(roomFor(tail), MIN_BAR_WIDTH), BAR_WIDTH)

  return cutText(`catching up ${renderBar(progress, width)}${tail}`, columns)
}

/** The parts of the line, the most important first. */
function describeProgress ({ at, to, eta, blocksPerSecond, bytesPerSecond, peers }: Progress & Pace): string[] {
  return [
    `block ${at} of ${to}`,
    ...(eta == null ? [] : [`${formatDuration(eta)} left`]),
    formatBlockRate(blocksPerSecond),
    `${formatBytes(bytesPerSecond)}/s`,
    formatCount(peers, 'peer')
  ]
}

/** A terminal with a line that is drawn over: process.stdout fits. */
export type BarSink = NodeJS.WritableStream & { readonly columns?: number, readonly writableLength: number }

/**
 * Keeps a progress bar on the last line of a terminal. Other lines go through {@link BarWriter.write}, above it.
 */
export class BarWriter {
  readonly #sink: BarSink
  readonly #live: ReturnType<typeof createLogUpdate>
  #line = ''

  constructor (sink: BarSink) {
    this.#sink = sink
    this.#live = createLogUpdate(sink, { showCursor: true })
  }

  get writableLength (): number {
    return this.#sink.writableLength
  }

  /** Draws the bar, or takes it away. */
  show (progress: (Progress & Pace) | undefined): void {
    this.#line = progress == null ? '' : renderProgress(progress, (this.#sink.columns ?? 80) - 1)
    this.#draw()
  }

  /** Writes whole lines above the bar. */
  write (text: string): void {
    this.#live.clear()
    this.#sink.write(text)
    this.#draw()
  }

  #draw (): void {
    if (this.#line === '') {
      this.#live.clear()
    } else {
      this.#live(this.#line)
    }
  }
}
