import { systemClock } from '../util/clock.ts'
import type { Clock } from '../util/clock.ts'
import type { WebReport, WebSource } from './protocol.ts'

/** Pages that are told what happens, at a time. A further one is refused. */
export const MAX_PAGES = 16

/** Bytes that may wait for one page. A page that takes less than it is sent is cut, and connects again by itself. */
export const MAX_WAITING_BYTES: number = 4 * 1024 * 1024

/** From one frame to the next, in ms. */
export const FRAME_INTERVAL_MS = 1000

/** Bytes of frames that are kept for a page that opens later, the last ones. */
export const MAX_HISTORY_BYTES: number = 4 * 1024 * 1024

/** Reports that are kept for a page that opens later, the last ones. */
export const MAX_KEPT_REPORTS = 300

/** Reports of one kind that pages are told of one node from one frame to the next. Of those beyond it they are told how many there were. */
export const MAX_REPORTS_PER_FRAME = 40

/** From one look at the travels of transactions to the next, in ms. */
export const TRANSACTIONS_INTERVAL_MS = 200

/** What a page is written to. */
export interface PageSink {
  readonly writableLength: number
  write: (text: string) => unknown
  destroy: () => unknown
}

/** Tells open pages what happens, and those that open later what has happened. */
export class PageStream {
  readonly #source: WebSource
  readonly #clock: Clock
  readonly #pages = new Set<PageSink>()
  readonly #reports: string[] = []
  readonly #frames: string[] = []
  /** Reports since the last frame, by node and event. */
  readonly #counts = new Map<string, { first: WebReport, count: number }>()
  #historyBytes = 0
  #timer: unknown
  #transactionsTimer: unknown
  #isAsking = false
  /** What pages were told last of where they are. */
  #hello = ''
  #unsubscribe: (() => void) | undefined

  constructor (source: WebSource, clock: Clock = systemClock) {
    this.#source = source
    this.#clock = clock
  }

  /** Begins to listen, and to keep what happens. */
  start (): void {
    this.#hello = this.#helloNow
    this.#unsubscribe = this.#source.subscribe((report) => { this.#onReport(report) })
    this.#schedule(0)
    this.#scheduleTransactions()
  }

  /** Ends all pages. */
  stop (): void {
    this.#unsubscribe?.()
    this.#clock.clearTimeout(this.#timer)
    this.#clock.clearTimeout(this.#transactionsTimer)
    this.#timer = undefined
    this.#isAsking = true
    this.#pages.forEach((page) => { page.destroy() })
    this.#pages.clear()
  }

  /** Tells a page all that was kept, and what happens from now on. False where there are too many. */
  add (page: PageSink): boolean {
    if (this.#pages.size >= MAX_PAGES) {
      return false
    }

    this.#pages.add(page)
    const transactions = eventOf('transactions', JSON.stringify(this.#source.transactions.all))
    page.write([this.#hello, ...this.#frames, ...this.#reports, transactions, eventOf('live', '{}')].join(''))

    return true
  }

  /** Tells a page nothing more. */
  remove (page: PageSink): void {
    this.#pages.delete(page)
  }

  get #helloNow (): string {
    return eventOf('hello', JSON.stringify(this.#source.hello()))
  }

  /** Tells pages again where they are, where that has changed. */
  #updateHello (): void {
    const hello = this.#helloNow

    if (hello !== this.#hello) {
      this.#hello = hello
      this.#send(hello)
    }
  }

  /** Passes a report on, unless there are too many of its kind: a peer decides how often some things happen. */
  #onReport (report: WebReport): void {
    const kind = `${report.event} ${report.node}`
    const { first, count } = this.#counts.get(kind) ?? { first: report, count: 0 }
    this.#counts.set(kind, { first, count: count + 1 })

    if (count < MAX_REPORTS_PER_FRAME) {
      this.#tell(report)
    }
  }

  /** Tells how many reports were too many since the last frame. */
  #tellRest (): void {
    for (const { first: { node, event, level }, count } of this.#counts.values()) {
      const rest = count - MAX_REPORTS_PER_FRAME

      if (rest > 0) {
        this.#tell({ at: this.#clock.date(), node, event, level, text: `${rest} more of the kind "${event}" within a second` })
      }
    }

    this.#counts.clear()
  }

  #tell (report: WebReport): void {
    const text = eventOf('report', JSON.stringify(report))
    this.#reports.push(text)
    this.#reports.splice(0, this.#reports.length - MAX_KEPT_REPORTS)
    this.#send(text)
  }

  #send (text: string): void {
    for (const page of this.#pages) {
      if (page.writableLength + text.length > MAX_WAITING_BYTES) {
        this.#pages.delete(page)
        page.destroy()
      } else {
        page.write(text)
      }
    }
  }

  #schedule (ms: number): void {
    this.#timer = this.#clock.setTimeout(() => { void this.#beat() }, ms)
  }

  #scheduleTransactions (): void {
    this.#transactionsTimer = this.#clock.setTimeout(() => {
      const changed = this.#source.transactions.takeChanged()

      if (changed.length > 0) {
        this.#send(eventOf('transactions', JSON.stringify(changed)))
      }

      this.#scheduleTransactions()
    }, TRANSACTIONS_INTERVAL_MS)
  }

  async #beat (): Promise<void> {
    this.#tellRest()

    if (!this.#isAsking) {
      this.#isAsking = true
      const frame = await this.#source.frame().catch(() => undefined)

      // `stop` was called meanwhile
      if (this.#timer == null) {
        return
      }

      this.#isAsking = false

      if (frame != null) {
        this.#updateHello()
        this.#keep(eventOf('frame', JSON.stringify(frame)))
      }
    }

    this.#schedule(FRAME_INTERVAL_MS)
  }

  #keep (text: string): void {
    this.#frames.push(text)
    this.#historyBytes += text.length

    while (this.#historyBytes > MAX_HISTORY_BYTES) {
      this.#historyBytes -= this.#frames.shift()!.length
    }

    this.#send(text)
  }
}

function eventOf (name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`
}
