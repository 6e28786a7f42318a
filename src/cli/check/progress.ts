import { cleanText, cutText } from '../output/format.ts'
import { paint } from '../output/paint.ts'
import type { CheckResult } from '../../check/check.ts'
import type { Target } from '../../check/target.ts'

/** A stream for progress: process.stderr fits. */
export interface ProgressSink {
  write: (text: string) => unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** What a run is at, apart from its results: one line that changes on a terminal, and a line for each failure anywhere. */
export class Progress {
  readonly #total: number
  readonly #sink: ProgressSink
  #done = 0
  #failed = 0

  constructor (total: number, sink: ProgressSink) {
    this.#total = total
    this.#sink = sink
  }

  /** The target has answered. */
  target ({ id, node: { userAgent, network, bestHeight } }: Target): void {
    const who = cleanText(userAgent, 80) || 'a node'
    this.#line(`checking ${who} at block ${bestHeight} of ${cleanText(network)}, ${id}`)
  }

  result ({ check: { id }, verdict, expected = '', seen = '' }: CheckResult): void {
    this.#done++

    if (verdict === 'failed') {
      this.#failed++
      this.#line(`${paint('red', 'failed')} ${id}: expected ${cleanText(expected, 200)}, saw ${cleanText(seen, 200)}`)
    }

    this.#show(`${this.#done} of ${this.#total} checks, ${this.#failed} failed, last ${id}`)
  }

  /** Takes the line that changes away. */
  end (): void {
    this.#show('')
  }

  #line (text: string): void {
    this.#show('')
    this.#sink.write(`${text}\n`)
  }

  #show (text: string): void {
    if (this.#sink.isTTY === true) {
      this.#sink.write(`\r${cutText(text, (this.#sink.columns ?? 80) - 1)}\x1b[K`)
    }
  }
}
