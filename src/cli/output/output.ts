import { isPrinted, toJsonLine } from './report.ts'
import { toPlainLine } from './report-text.ts'
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

  constructor (sink: Sink, options: { level: LogLevel, json: boolean }) {
    this.#sink = sink
    this.#level = options.level
    this.#toLine = options.json ? toJsonLine : toPlainLine
  }

  /** Prints a report, if the level lets it. */
  write (report: Report): void {
    if (isPrinted(report, this.#level) && this.#sink.writableLength < MAX_WAITING_BYTES) {
      this.#sink.write(`${this.#toLine(report, new Date())}\n`)
    }
  }
}
