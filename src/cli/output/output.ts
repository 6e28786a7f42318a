import { paint } from './paint.ts'
import { isPrinted, toJsonLine } from './report.ts'
import { toPlainLine } from './report-text.ts'
import type { Style } from './paint.ts'
import type { LogLevel, Report } from './report.ts'

/** The stream that a command writes to: process.stdout fits. */
export interface Sink {
  write: (text: string) => unknown
  readonly writableLength: number
}

/** Bytes that wait for a slow reader. The command drops more. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

/** Prints reports, one line each, and drops them while a slow reader has too many to read. */
export class ReportWriter {
  readonly #sink: Sink
  readonly #level: LogLevel
  readonly #toLine: (report: Report, time: Date) => string

  /** Lines are in colours where `terminal` has them. */
  constructor (sink: Sink, options: { level: LogLevel, json: boolean, terminal?: NodeJS.WritableStream }) {
    this.#sink = sink
    this.#level = options.level
    const { json, terminal } = options
    const inStyle = (style: Style, text: string): string => terminal == null ? text : paint(style, text, terminal)
    this.#toLine = json ? toJsonLine : (report, time) => toPlainLine(report, time, inStyle)
  }

  /** Prints a report, if the level lets it. */
  write (report: Report): void {
    if (isPrinted(report, this.#level) && this.#sink.writableLength < MAX_WAITING_BYTES) {
      this.#sink.write(`${this.#toLine(report, new Date())}\n`)
    }
  }
}
