import { Gauge, Registry } from 'prom-client'
import { NO_LIMITS } from '../limits.ts'
import { BENCH_NETWORK } from '../accept/server.ts'
import { startNetwork } from '../../../src/index.ts'
import { prometheusMetrics } from '../../../src/prometheus/prometheus.ts'
import type { Answers } from '../../workers/program.ts'

/** What a node is asked for. */
export type StatusQuestion = 'status' | 'peers' | 'metrics'

/** Who answers: this package, or what nothing can do without: text of what is there already, by `JSON.stringify` and `prom-client`. */
export type StatusKind = 'ours' | 'plain'

/** Turns in which the event loop may do what is left of the last answer. */
const PAUSE_TURNS = 2

/** A node with metrics that peers connect to. It measures what it costs to ask it. */
export async function server (): Promise<Answers> {
  const registry = new Registry()
  const network = await startNetwork({
    ...BENCH_NETWORK,
    ...NO_LIMITS,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    maxInbound: 1000,
    maxPendingHandshakes: 100,
    maxInboundRate: 100_000,
    metrics: prometheusMetrics({ registry, process: false })
  })
  const ours: Record<StatusQuestion, () => unknown> = {
    status: () => JSON.stringify(network.status()),
    peers: () => JSON.stringify(network.peers),
    metrics: async () => registry.metrics()
  }

  /** The same texts, of values that were taken before. */
  const plain = async (question: StatusQuestion): Promise<() => unknown> => {
    if (question === 'metrics') {
      const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      const copy = registryOf(lines.length)

      return async () => copy.metrics()
    }

    const value: unknown = question === 'status' ? network.status() : network.peers.toJSON()

    return () => JSON.stringify(value)
  }

  return {
    address: () => network.libp2p.getMultiaddrs()[0]!.toString(),
    open: () => [...network.peers].length,
    /** Processor time of one answer in ms, over so many ms. */
    cost: async ({ kind, question, ms }: { kind: StatusKind, question: StatusQuestion, ms: number }) => {
      return costOf(kind === 'ours' ? ours[question] : await plain(question), ms)
    },
    stop: async () => { await network.stop() }
  }
}

async function costOf (ask: () => unknown, ms: number): Promise<number> {
  const until = performance.now() + ms
  let count = 0
  let cpu = 0

  while (performance.now() < until) {
    const before = process.cpuUsage()
    await ask()
    const { user, system } = process.cpuUsage(before)
    cpu += (user + system) / 1000
    count++

    for (let turn = 0; turn < PAUSE_TURNS; turn++) {
      await new Promise((resolve) => { setImmediate(resolve) })
    }
  }

  return cpu / count
}

/** A registry with so many lines. */
function registryOf (lines: number): Registry {
  const registry = new Registry()
  const gauge = new Gauge({ name: 'vibecoin_copy', help: 'A copy', labelNames: ['line'], registers: [registry] })

  for (let line = 0; line < lines; line++) {
    gauge.set({ line: String(line) }, line)
  }

  return registry
}
