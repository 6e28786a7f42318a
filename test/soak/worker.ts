import { setTimeout as delay } from 'node:timers/promises'
import { Random } from '../fuzz/random.ts'
import { NODES, Ring } from './ring.ts'
import type { SoakOptions } from './args.ts'
import type { SoakSample } from './sample.ts'

// The process that soaks, which has to be run with --expose-gc: the options come as JSON in the first argument, measurements go out as
// messages. See run.ts for the other side.

/** Between two measurements, in ms: at least, and one in so many of the whole time. */
const MIN_SAMPLE_MS = 3000
const SAMPLES = 40

/** Between two of each, in ms. With the pauses for measurements this is more than 6 reconnects a second. */
const BREAK_MS = 100
const TRANSACTION_MS = 25
const BLOCK_MS = 1000
const RESTART_MS = 10_000

const MINUTE_MS = 60_000
const WAYS = ['goodbye', 'connection', 'stream'] as const

const { minutes, seed, leakBytes } = JSON.parse(process.argv[2] ?? '{}') as SoakOptions
const random = new Random(seed)
const onDisconnect = (): void => { process.exit(1) }
process.once('disconnect', onDisconnect)
// the parent decides when it is over
process.on('SIGINT', () => {})

const ring = await Ring.start({ leakBytes })
const startedAt = performance.now()
const intervalMs = Math.max(MIN_SAMPLE_MS, minutes * MINUTE_MS / SAMPLES)

while (performance.now() - startedAt < minutes * MINUTE_MS) {
  await traffic(intervalMs)
  await ring.rest()
  process.send?.(await measure())
}

await ring.stop()
process.off('disconnect', onDisconnect)
process.disconnect()

/** Sends, breaks and restarts for a while. */
async function traffic (ms: number): Promise<void> {
  const until = performance.now() + ms
  let restartAt = performance.now() + Math.min(ms, RESTART_MS) / 2
  let restarting: Promise<void> | undefined
  const timers = [
    setInterval(() => { ring.break(random.below(NODES), random.pick(WAYS)) }, BREAK_MS),
    setInterval(() => { ring.sendTransaction(random.below(NODES)) }, TRANSACTION_MS),
    setInterval(() => { ring.makeBlock() }, BLOCK_MS)
  ]

  try {
    while (performance.now() < until) {
      await delay(50)

      if (performance.now() >= restartAt) {
        restartAt += RESTART_MS
        await restarting
        // the first one makes the blocks
        restarting = ring.restart(1 + random.below(NODES - 1))
      }
    }
  } finally {
    timers.forEach((timer) => { clearInterval(timer) })
    await restarting
  }
}

async function measure (): Promise<SoakSample> {
  // what is finalised in one turn is free after the next
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc?.()
    await delay(1)
  }

  const { heapUsed, external } = process.memoryUsage()
  // an immediate is there for one turn
  const handles = process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate').length
  const { sessions, listeners, totals } = ring

  return { at: performance.now() - startedAt, heap: heapUsed, external, handles, listeners, sessions, ...totals }
}
