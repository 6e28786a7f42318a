import { openCommandDir } from '../command-dir.ts'
import { OUTPUT_CLOSED, listenForInterrupt, whenAborted } from '../interrupt.ts'
import { LocalNode } from '../node/node.ts'
import { ReportWriter } from '../output/output.ts'
import { BarWriter } from '../output/progress-bar.ts'
import { Ticker } from '../output/ticker.ts'
import { toHttpOptions } from './http.ts'
import { NodeSource } from '../web/node-source.ts'
import { openWeb } from '../web/open-web.ts'
import { readParent } from './parent.ts'
import { toNetworkConfig } from './network-config.ts'
import type { Interrupt } from '../interrupt.ts'
import type { NodeReporter } from '../node/reports.ts'
import type { Report } from '../output/report.ts'
import type { Resolved } from '../settings/given.ts'
import type { StartOptions } from './settings.ts'
import type { WebServer } from '../../web/web.ts'

const JSON_STATUS_INTERVAL_MS = 1000
const STATUS_INTERVAL_MS = 60_000
const PROGRESS_LINE_INTERVAL_MS = 2000
/** How long a stop may take, in ms. */
const STOP_TIMEOUT_MS = 8000
/** How long a start may still take when the command has been asked to end, in ms. */
const START_TIMEOUT_MS = 2000

/** Runs one node until the operator stops it. Resolves to the exit code. */
export async function runStart (settings: Resolved<StartOptions>): Promise<number> {
  const { options } = settings
  const config = await toNetworkConfig(settings)
  const pages = toHttpOptions(settings)
  const source = new NodeSource({ name: options.name, makesBlocks: options.makeBlocks != null })
  const report = createReporter(options, source)
  const dataDir = await openCommandDir(options.dataDir)
  const interrupt = listenForInterrupt(() => { dataDir.removeNow() }, { outlivesOutput: true })
  let web: WebServer | undefined

  try {
    await logDebug(options)

    const commands = options.exitWithParent ? readParent(process.stdin, () => { interrupt.request('the parent ended') }) : undefined
    const node = await startOrEnd(LocalNode.start({ ...options, config, pages }, dataDir.path, report), interrupt)
    commands?.attach((command) => { node.obey(command) })
    web = await openPage(node, { options, source, report, interrupt })
    const status = new Ticker({
      interval: options.json ? JSON_STATUS_INTERVAL_MS : STATUS_INTERVAL_MS,
      beat: () => { report('status', node.status()) },
      onError: (err) => { throw err }
    })
    status.start()
    await whenAborted(interrupt.signal)
    report('stopping', { reason: String(interrupt.signal.reason) })
    await status.stop()
    await orEnd(node.stop(), { interrupt, timeout: STOP_TIMEOUT_MS, what: 'stop' })
    report('stopped', {})
  } finally {
    await web?.close()
    process.stdin.destroy()
    await dataDir.remove()
    interrupt.dispose()
  }

  // the operator did not ask for it: a supervisor is to start the node again
  if (interrupt.signal.reason === OUTPUT_CLOSED) {
    throw new Error('Nothing reads the output any more, and so the node was stopped: start it with its output to a file, or to a reader that stays')
  }

  return 0
}

function createReporter ({ name, json, logLevel }: StartOptions, source: NodeSource): NodeReporter {
  const bar = process.stdout.isTTY && !json ? new BarWriter(process.stdout) : undefined
  const writer = new ReportWriter(bar ?? process.stdout, { json, level: logLevel, terminal: process.stdout })
  let lastProgress = -Infinity

  return (event, fields) => {
    const report = { event, node: name, ...fields } as Report
    source.onReport(report)

    if (report.event === 'syncing' && !json) {
      if (bar != null) {
        bar.show(report)
        return
      }

      if (performance.now() - lastProgress < PROGRESS_LINE_INTERVAL_MS) {
        return
      }

      lastProgress = performance.now()
    } else if (report.event === 'synced' || report.event === 'syncFailed' || report.event === 'stopping') {
      bar?.show(undefined)
    }

    writer.write(report)
  }
}

async function logDebug ({ logLevel }: StartOptions): Promise<void> {
  if (logLevel === 'debug') {
    const { enable } = await import('@libp2p/logger')
    enable([process.env['DEBUG'], 'vibecoin:*'].filter((names) => names != null && names !== '').join(','))
  }
}

/** Waits for a start for as long as the command runs, and a little longer. */
async function startOrEnd (starting: Promise<LocalNode>, interrupt: Interrupt): Promise<LocalNode> {
  await Promise.race([starting, whenAborted(interrupt.signal)])

  return orEnd(starting, { interrupt, timeout: START_TIMEOUT_MS, what: 'start' })
}

interface Surroundings { options: StartOptions, source: NodeSource, report: NodeReporter, interrupt: Interrupt }

/** Serves the live page, where it is asked for. Stops the node where that fails. */
async function openPage (node: LocalNode, { options, source, report, interrupt }: Surroundings): Promise<WebServer | undefined> {
  if (!options.web) {
    return undefined
  }

  try {
    const web = await openWeb(source.attach(() => node.networkStatus()), options.webPort)
    node.followTransactions(source.followListener)
    report('webOpened', { url: web.url })

    return web
  } catch (err) {
    await orEnd(node.stop(), { interrupt, timeout: STOP_TIMEOUT_MS, what: 'stop' })
    throw err
  }
}

/** Ends the process by force where a stop takes too long: it may wait for an answer that never comes. */
async function orEnd<Result> (
  done: Promise<Result>, { interrupt, timeout, what }: { interrupt: Interrupt, timeout: number, what: string }
): Promise<Result> {
  const timer = setTimeout(() => {
    process.stderr.write(`vibecoin-network: The node did not ${what} within ${timeout / 1000} s\n`, () => { interrupt.end() })
  }, timeout)

  try {
    return await done
  } finally {
    clearTimeout(timer)
  }
}
