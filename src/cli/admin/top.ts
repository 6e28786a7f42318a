import { AdminClient } from '../../admin/client.ts'
import { listenForInterrupt, whenAborted } from '../interrupt.ts'
import { Screen } from '../output/screen.ts'
import { Ticker } from '../output/ticker.ts'
import { renderTop } from './top-view.ts'
import type { ProcessStatus } from '../../admin/methods.ts'
import type { BlockTimeline, NetworkStatus } from '../../index.ts'
import type { AdminAnswers, NodeReport } from './answers.ts'

/** What the screen is made of. */
interface Look { report: NodeReport, blocks: BlockTimeline[] }

/** Options of {@link runTop}. */
export interface TopOptions {
  dataDir: string
  /** Prints one JSON object a look instead of a screen. */
  json: boolean
  /** Milliseconds from look to look. */
  interval: number
}

const NO_TERMINAL_SIZE = { columns: 120, rows: 40 }

/**
 * Shows a running node until the operator stops it. Anything but a terminal gets two looks, and then their picture. Resolves to the exit
 * code; throws an `AdminError` where the node cannot be asked, or any more.
 */
export async function runTop ({ dataDir, json, interval }: TopOptions): Promise<number> {
  const client = await AdminClient.connect(dataDir)

  try {
    if (json) {
      await watch(client, interval, ({ report, blocks }) => { process.stdout.write(`${JSON.stringify({ ...report, blocks } satisfies AdminAnswers['top'])}\n`) })
    } else if (process.stdout.isTTY && process.env['TERM'] !== 'dumb') {
      await showScreen(client, interval)
    } else {
      await showOnce(client, interval)
    }

    return 0
  } finally {
    client.close()
  }
}

async function showScreen (client: AdminClient, interval: number): Promise<void> {
  const screen = new Screen(process.stdout)
  let before: NodeReport | undefined
  screen.open()

  try {
    await watch(client, interval, ({ report, blocks }) => {
      screen.draw(renderTop({ now: report, before, blocks }, screen.size))
      before = report
    })
  } finally {
    screen.close()
  }
}

async function showOnce (client: AdminClient, interval: number): Promise<void> {
  const { report: before } = await look(client)
  await new Promise((resolve) => { setTimeout(resolve, interval) })
  const { report: now, blocks } = await look(client)

  process.stdout.write(renderTop({ now, before, blocks }, NO_TERMINAL_SIZE).map((line) => `${line}\n`).join(''))
}

/** Looks again and again until the operator stops it. Rejects where the node cannot be asked any more. */
async function watch (client: AdminClient, interval: number, show: (look: Look) => void): Promise<void> {
  const interrupt = listenForInterrupt()
  const failed = Promise.withResolvers<never>()
  const ticker = new Ticker({
    interval,
    beat: async () => { show(await look(client)) },
    onError: (err) => { failed.reject(err) }
  })

  try {
    show(await look(client))
    ticker.start()
    await Promise.race([whenAborted(interrupt.signal), failed.promise])
  } finally {
    interrupt.dispose()
    client.close()
    await ticker.stop()
  }
}

async function look (client: AdminClient): Promise<Look> {
  const [status, process, blocks] = await Promise.all([
    client.call<NetworkStatus>('status'), client.call<ProcessStatus>('process'), client.call<BlockTimeline[]>('blocks')
  ])

  return { report: { status, process }, blocks }
}
