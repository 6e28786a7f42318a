import { renderNodes, renderPicture } from './picture.ts'
import { isPrinted } from '../output/report.ts'
import { reportText, toPlainLine } from '../output/report-text.ts'
import { ReportWriter } from '../output/output.ts'
import { Screen } from '../output/screen.ts'
import { Ticker } from '../output/ticker.ts'
import type { DevnetOptions } from './settings.ts'
import type { DevnetNetwork } from './network.ts'
import type { EventName, Report } from '../output/report.ts'

/** The display of a devnet. */
export interface DevnetView {
  report: (report: Report) => void
  /** Follows the nodes from now on. */
  open: (network: DevnetNetwork) => void
  /** Ends the display. The last picture stays. */
  close: () => Promise<void>
}

const FRAME_INTERVAL_MS = 250
const MAX_RECENT = 100
const DEFAULT_COLUMNS = 120
/** Reports that come once a second from each node, or more often. The table shows what they say. */
const FREQUENT: ReadonlySet<EventName> = new Set<EventName>(['status', 'syncing', 'transaction', 'log'])

/** A live table in a terminal, lines anywhere else and with --json. */
export function createView (options: DevnetOptions): DevnetView {
  if (options.json) {
    return new LinesView(options)
  }

  return process.stdout.isTTY && process.env['TERM'] !== 'dumb' ? new TableView(options) : new LinesView(options)
}

class LinesView implements DevnetView {
  readonly #options: DevnetOptions
  readonly #writer: ReportWriter
  #network: DevnetNetwork | undefined
  #closed = false

  constructor (options: DevnetOptions) {
    this.#options = options
    this.#writer = new ReportWriter(process.stdout, { json: options.json, level: options.logLevel, terminal: process.stdout })
  }

  report (report: Report): void {
    // a failure goes to stderr; how the nodes stop is not worth a line each
    if (this.#options.json || (!this.#closed && report.event !== 'status' && report.event !== 'failed')) {
      this.#writer.write(report)
    }
  }

  open (network: DevnetNetwork): void {
    this.#network = network
  }

  async close (): Promise<void> {
    this.#closed = true

    if (!this.#options.json && this.#options.logLevel !== 'silent') {
      printSummary(this.#network)
    }
  }
}

class TableView implements DevnetView {
  readonly #options: DevnetOptions
  readonly #screen = new Screen(process.stdout)
  readonly #started = performance.now()
  #recent: string[] = []
  #network: DevnetNetwork | undefined
  #page: string | undefined
  #ticker: Ticker | undefined

  constructor (options: DevnetOptions) {
    this.#options = options
  }

  report (report: Report): void {
    if (report.event === 'webOpened') {
      this.#page = report.url
    }

    if (!FREQUENT.has(report.event) && isPrinted(report, this.#options.logLevel)) {
      this.#recent = [...this.#recent.slice(1 - MAX_RECENT), toPlainLine(report, new Date())]
    }

    if (report.node === '' && (report.event === 'done' || report.event === 'stopping')) {
      this.#screen.close()
      process.stdout.write(`${reportText(report)}\n`)
    }
  }

  open (network: DevnetNetwork): void {
    this.#network = network
    this.#ticker = new Ticker({
      interval: FRAME_INTERVAL_MS,
      beat: () => { this.#draw(network) },
      onError: (err) => { throw err }
    })
    this.#screen.open()
    this.#draw(network)
    this.#ticker.start()
  }

  async close (): Promise<void> {
    await this.#ticker?.stop()
    this.#screen.close()
    printSummary(this.#network)
  }

  #draw (network: DevnetNetwork): void {
    const lines = renderPicture({
      nodes: network.nodes,
      height: network.height,
      elapsedMs: performance.now() - this.#started,
      untilHeight: this.#options.untilHeight,
      page: this.#page,
      recent: this.#recent
    }, this.#screen.size)

    this.#screen.draw(lines)
  }
}

function printSummary (network: DevnetNetwork | undefined): void {
  if (network != null) {
    const nodes = network.nodes.map(({ plan, phase, id, status }) => ({ plan, phase, id, status, progress: undefined }))
    const table = renderNodes(nodes, process.stdout.columns ?? DEFAULT_COLUMNS)

    process.stdout.write([...network.story.told, ...table, ''].join('\n'))
  }
}
