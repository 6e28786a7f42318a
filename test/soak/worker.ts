import { setTimeout as delay } from 'node:timers/promises'
import { Random } from '../fuzz/random.ts'
import { Strangers } from '../hostile/strangers.ts'
import { Circuits } from './circuits.ts'
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
const CUT_MS = 2000
const CIRCUIT_SEND_MS = 100

/** Strangers that are there at a time: a third says what is usual, the others as many tiny addresses and protocols as libp2p reads. */
const STRANGERS_AT_A_TIME = 6

const MINUTE_MS = 60_000
const WAYS = ['goodbye', 'connection', 'stream'] as const
const CUTS = ['circuit', 'circuit', 'place', 'relay'] as const

const { minutes, seed, leakBytes } = JSON.parse(process.argv[2] ?? '{}') as SoakOptions
const random = new Random(seed)
const onDisconnect = (): void => { process.exit(1) }
process.once('disconnect', onDisconnect)
// the parent decides when it is over
process.on('SIGINT', () => {})

const ring = await Ring.start({ leakBytes })
const circuits = await Circuits.start()
const strangers = new Strangers({
  address: ring.firstAddress,
  hosts: ['127.0.0.1'],
  count: Number.MAX_SAFE_INTEGER,
  atATime: STRANGERS_AT_A_TIME,
  answers: ['usual', 'addresses', 'protocols']
})
const startedAt = performance.now()
const intervalMs = Math.max(MIN_SAMPLE_MS, minutes * MINUTE_MS / SAMPLES)

while (performance.now() - startedAt < minutes * MINUTE_MS) {
  await traffic(intervalMs)
  await circuits.rest()
  await ring.rest()
  process.send?.(await measure())
}

await Promise.all([strangers.stop(), ring.stop(), circuits.stop()])
process.off('disconnect', onDisconnect)
process.disconnect()

/** Sends, breaks, cuts and restarts for a while, as strangers come and go. */
async function traffic (ms: number): Promise<void> {
  const until = performance.now() + ms
  const timers = [
    setInterval(() => { ring.break(random.below(NODES), random.pick(WAYS)) }, BREAK_MS),
    setInterval(() => { ring.sendTransaction(random.below(NODES)) }, TRANSACTION_MS),
    setInterval(() => { ring.makeBlock() }, BLOCK_MS),
    setInterval(() => { circuits.send() }, CIRCUIT_SEND_MS)
  ]
  strangers.resume()

  try {
    await Promise.all([
      // the first one makes the blocks
      repeat(async () => ring.restart(1 + random.below(NODES - 1)), { every: Math.min(ms, RESTART_MS), until }),
      repeat(async () => circuits.cut(random.pick(CUTS)), { every: CUT_MS, until }),
      delay(ms)
    ])
  } finally {
    timers.forEach((timer) => { clearInterval(timer) })
    await strangers.pause()
  }
}

/** Does something again and again, for the first time after half a pause. */
async function repeat (action: () => Promise<void>, { every, until }: { every: number, until: number }): Promise<void> {
  for (let at = performance.now() + every / 2; at < until; at += every) {
    await delay(Math.max(0, at - performance.now()))
    await action()
  }
}

async function measure (): Promise<SoakSample> {
  // what is finalised in one turn is free after the next
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc?.()
    await delay(1)
  }

  const { heapUsed, external, rss } = process.memoryUsage()
  // an immediate is there for one turn
  const handles = process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate').length
  const sessions = ring.sessions + circuits.sessions
  const listeners = ring.listeners + circuits.listeners
  const { cuts } = circuits.totals
  const { answered: identities } = strangers
  const at = performance.now() - startedAt

  return { at, heap: heapUsed, external, rss, handles, listeners, sessions, identities, cuts, ...ring.totals }
}
