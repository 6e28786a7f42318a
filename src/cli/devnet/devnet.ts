import { DevnetNetwork } from './network.ts'
import { planNodes, planSchedule } from './plan.ts'
import { createView } from './view.ts'
import { openCommandDir } from '../command-dir.ts'
import { listenForInterrupt, whenAborted } from '../interrupt.ts'
import { NodeProcess } from './node-process.ts'
import { DevnetSource } from '../web/devnet-source.ts'
import { openWeb } from '../web/open-web.ts'
import { errorText } from '../output/format.ts'
import { findFreePorts, portsFrom } from './ports.ts'
import type { DevnetOptions } from './settings.ts'
import type { CommandDir } from '../command-dir.ts'
import type { Outcome } from './network.ts'
import type { DevnetView } from './view.ts'
import type { EventName, Report, ReportEvents } from '../output/report.ts'
import type { WebServer } from '../../web/web.ts'

/** What nodes tell for the page alone. */
const FOR_PAGE: ReadonlySet<EventName> = new Set<EventName>(['followed', 'settled'])

/**
 * Runs a network of nodes on this machine. Resolves to the exit code; throws with the reason where it did not reach its goal.
 */
export async function runDevnet (options: DevnetOptions): Promise<number> {
  const { nodes, basePort } = options
  const ports = basePort == null ? await findFreePorts(nodes) : await portsFrom(basePort, nodes)
  const [webSocketPort] = options.web ? await findFreePorts(1) : []
  const dataDir = await openCommandDir(options.dataDir)
  const view = createView(options)
  const network = new DevnetNetwork({
    options,
    plan: planNodes(ports, { webSocketPort, hasWebRtc: hasPackage('@libp2p/webrtc') }),
    schedule: planSchedule(options.untilHeight),
    dataDir: dataDir.path,
    createProcess: (init) => new NodeProcess(init),
    onReport: (report) => {
      source?.onReport(report)

      if (!FOR_PAGE.has(report.event)) {
        view.report(report)
      }
    }
  })
  const source = options.web ? new DevnetSource({ network, networkName: options.network, dataDir: dataDir.path }) : undefined

  try {
    const outcome = await run(network, { options, view, dataDir, source })

    if (outcome.ok) {
      return 0
    }

    throw new Error(outcome.reason)
  } finally {
    await dataDir.remove()
  }
}

/** Whether an optional package is installed. */
function hasPackage (name: string): boolean {
  try {
    import.meta.resolve(name)

    return true
  } catch {
    return false
  }
}

interface Surroundings { options: DevnetOptions, view: DevnetView, dataDir: CommandDir, source: DevnetSource | undefined }

async function run (network: DevnetNetwork, { options, view, dataDir, source }: Surroundings): Promise<Outcome> {
  const started = performance.now()
  const report = <Name extends EventName>(event: Name, fields: ReportEvents[Name]): void => {
    view.report({ event, node: '', ...fields } as Report)
  }
  const interrupt = listenForInterrupt(() => {
    network.kill()
    dataDir.removeNow()
  })

  report('devnetStarted', { nodes: options.nodes, network: options.network, dataDir: dataDir.path, temporary: dataDir.temporary })
  const page = source == null ? undefined : openWeb(source, options.webPort)
  view.open(network)

  try {
    network.start()
    const outcome = await waitForEnd(network, { options, signal: interrupt.signal, page, report })

    if (!outcome.ok) {
      report('failed', { reason: outcome.reason })
    } else if (options.untilHeight == null) {
      report('stopping', { reason: String(interrupt.signal.reason) })
    } else {
      const { height, hash } = outcome
      report('done', { height, hash, nodes: options.nodes, seconds: (performance.now() - started) / 1000 })
    }

    await view.close()

    return outcome
  } finally {
    source?.close()
    await page?.then(async (web) => web.close(), () => {})
    const unclean = await network.stop()
    interrupt.dispose()

    for (const node of unclean) {
      process.stderr.write(`vibecoin-network: ${node} did not end cleanly\n`)
    }
  }
}

/** Resolves where the page cannot be served: the operator has asked for it. */
async function whenFailed (page: Promise<WebServer>, onOpen: (web: WebServer) => void): Promise<Outcome> {
  return new Promise((resolve) => {
    page.then(onOpen, (err: unknown) => { resolve({ ok: false, reason: errorText(err) }) })
  })
}

interface Ends {
  options: DevnetOptions
  signal: AbortSignal
  /** The live page, which may still have to be made. */
  page: Promise<WebServer> | undefined
  report: (event: 'webOpened', fields: ReportEvents['webOpened']) => void
}

async function waitForEnd (network: DevnetNetwork, { options, signal, page, report }: Ends): Promise<Outcome> {
  const { untilHeight, timeout } = options
  const ends: Promise<Outcome>[] = [
    network.ended,
    ...(page == null ? [] : [whenFailed(page, ({ url }) => { report('webOpened', { url }) })]),
    whenAborted(signal).then(() => untilHeight == null
      ? { ok: true, height: network.height, hash: '' }
      : { ok: false, reason: `Ended by ${String(signal.reason)} before every node held block ${untilHeight}` })
  ]
  let timer: NodeJS.Timeout | undefined

  if (untilHeight != null) {
    ends.push(new Promise((resolve) => {
      timer = setTimeout(() => {
        resolve({ ok: false, reason: `Not there after ${timeout} s: ${network.missing.join('; ')}` })
      }, timeout * 1000)
    }))
  }

  try {
    return await Promise.race(ends)
  } finally {
    clearTimeout(timer)
  }
}
