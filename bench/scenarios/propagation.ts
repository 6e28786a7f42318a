import { percentile } from '../statistics.ts'
import { sleep, until } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { GossipKind } from '../programs/gossip/node.ts'
import type { Arrival, Publication } from '../programs/gossip/nodes.ts'
import type { WorkerGroup } from '../workers/worker-group.ts'
import type { Worker } from '../workers/worker.ts'

/** Nodes that share a process. */
export const PER_PROCESS = 10

/** How far along a ring each node dials, so that each has a degree of 8 and no two dial each other. */
export const STRIDES: readonly number[] = [1, 3, 7, 11]

/** Nodes all at once on one machine: what the others say of each other has to be done first. */
export const SETTLE_MS = 3000

/** Items before those that are counted. */
export const WARM_UP = 2

/** The number of the first item that is counted. */
export const FIRST = 1000

/** What goes through the network, and how often. */
export interface Traffic {
  type: Publication['type']
  bytes: number
  count: number
  /** From one to the next, in ms. All of it has to be everywhere before a large one follows. */
  intervalMs: number
}

/** A block of 1 MiB now and then. */
export const BLOCKS: Traffic = { type: 'newBlock', bytes: 1024 * 1024, count: 8, intervalMs: 0 }

/** Transactions of 500 bytes, 20 in a second, each from another node. */
export const TRANSACTIONS: Traffic = { type: 'newTransaction', bytes: 500, count: 100, intervalMs: 50 }

/**
 * A network of 50 nodes in five processes, each with eight peers: `received` is what a node receives for each item, in bytes on its TCP
 * connections; `p50` and `p99` are how long an item takes to a node, in ms. Of ours, `copies` is how often an item comes to a node.
 */
export function propagation (kind: GossipKind, traffic: Traffic): (scale: Scale) => Promise<Figures> {
  return async ({ isQuick }) => isQuick
    ? measurePropagation(kind, { ...traffic, count: Math.ceil(traffic.count / 4) }, 2)
    : measurePropagation(kind, traffic, 5)
}

/** The same in a network of as many processes. */
export async function measurePropagation (kind: GossipKind, traffic: Traffic, processes: number): Promise<Figures> {
  return withWorkers(async (workers) => {
    const network = new TestNetwork({ processes, perProcess: PER_PROCESS, strides: STRIDES })
    await network.start(kind, workers)

    await network.connect()
    await sleep(SETTLE_MS)
    // the first is for warming up
    await network.publish({ ...traffic, count: WARM_UP }, 0)
    await network.takeArrivals()
    const { count, type } = traffic
    const before = { received: await network.received(), messages: await network.messages(type) }
    const published = await network.publish(traffic, FIRST)
    const received = await network.received() - before.received
    const messages = await network.messages(type) - before.messages
    const times = new Map(published.map(({ number, time }) => [number, time]))
    const delays = (await network.takeArrivals()).map(({ number, time }) => time - times.get(number)!)

    return {
      received: received / network.size / count,
      p50: percentile(delays, 0.5),
      p99: percentile(delays, 0.99),
      ...kind === 'ours' ? { copies: messages / network.size / count } : {}
    }
  })
}

/** The node that publishes an item of a number, of so many nodes. */
export function publisherOf (number: number, size: number): number {
  return number * 13 % size
}

/** The nodes of a network, and how far along a ring each of them dials. No two dial each other. */
export interface Shape {
  processes: number
  perProcess: number
  strides: readonly number[]
}

/** Nodes of one kind in several processes. */
export class TestNetwork {
  readonly size: number
  readonly workers: Worker[] = []
  readonly #shape: Shape
  #arrivals = 0

  constructor (shape: Shape) {
    this.#shape = shape
    this.size = shape.processes * shape.perProcess
  }

  /** Starts the nodes. */
  async start (kind: GossipKind, workers: WorkerGroup): Promise<void> {
    while (this.workers.length < this.#shape.processes) {
      this.workers.push(await workers.start('gossip', { kind, count: this.#shape.perProcess }))
    }
  }

  /** Connects everybody with those at certain distances on a ring. */
  async connect (): Promise<void> {
    const addresses = (await Promise.all(this.workers.map(async (worker) => worker.ask<string[]>('addresses')))).flat()

    for (let node = 0; node < this.size; node++) {
      for (const stride of this.#shape.strides) {
        await this.#workerOf(node).ask('connect', { from: node % this.#shape.perProcess, to: addresses[(node + stride) % this.size] })
      }
    }

    const fewest = 2 * this.#shape.strides.length
    await until(async () => (await this.#all<number>('peers')).every((peers) => peers >= fewest), 'all peers')
  }

  /** Has items published by one node after another, and waits until everybody has them. Returns when they were. */
  async publish ({ type, bytes, count, intervalMs }: Traffic, first: number): Promise<Arrival[]> {
    const published: Arrival[] = []
    const start = performance.now()

    for (let index = 0; index < count; index++) {
      await sleep(Math.max(0, start + index * intervalMs - performance.now()))
      const node = publisherOf(first + index, this.size)
      const publication: Publication = { type, bytes, first: first + index, count: 1 }
      published.push(...await this.#workerOf(node).ask<Arrival[]>('publish', { from: node % this.#shape.perProcess, publication }))
      this.#arrivals += this.size - 1

      if (intervalMs === 0) {
        await this.#untilArrived()
      }
    }

    await this.#untilArrived()

    return published
  }

  /** Processor time of all nodes together, in ms. */
  async cpu (): Promise<number> {
    return sum((await Promise.all(this.workers.map(async (worker) => worker.usage()))).map(({ cpu }) => cpu))
  }

  async takeArrivals (): Promise<Arrival[]> {
    return (await this.#all<Arrival[]>('arrivals')).flat()
  }

  /** Bytes on the TCP connections of all nodes together. */
  async received (): Promise<number> {
    return sum(await this.#all<number>('received'))
  }

  /** Messages of a type that have come to all nodes together. */
  async messages (type: Traffic['type']): Promise<number> {
    return sum(await this.#all<number>('messages', type))
  }

  async #untilArrived (): Promise<void> {
    await until(async () => sum(await this.#all<number>('arrived')) >= this.#arrivals, 'everything to be everywhere', 50)
  }

  async #all<Result> (question: string, detail?: unknown): Promise<Result[]> {
    return Promise.all(this.workers.map(async (worker) => worker.ask<Result>(question, detail)))
  }

  #workerOf (node: number): Worker {
    return this.workers[Math.floor(node / this.#shape.perProcess)]!
  }
}

function sum (values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
