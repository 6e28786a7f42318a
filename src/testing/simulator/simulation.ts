import { blockKey } from './node/ledger.ts'
import { messagesOf, reportOf } from './report.ts'
import { UNSCALED_BYTES } from './transport/pipe.ts'
import { SimulationError } from './world/errors.ts'
import { SimulatedItem } from './world/items.ts'
import type { Ledger } from './node/ledger.ts'
import type { SimulatedNode } from './node/node.ts'
import type { SimulationReport } from './report.ts'
import type { World } from './transport/world.ts'
import type { Cuts } from './world/cuts.ts'
import type { Items } from './world/items.ts'
import type { Chance } from '../../util/chance.ts'

/** How often a condition is looked at, in ms of virtual time. */
const POLL_MS = 50

/** How long a condition may take unless a script says otherwise, in ms of virtual time. */
const PATIENCE_MS = 60_000

/** How a wait may be narrowed. */
export interface WithinOptions {
  /** How long it may take, in ms of virtual time; 60,000 by default. */
  within?: number
}

/** What {@link Simulation} is made of. */
export interface SimulationInit {
  world: World
  seed: string
  nodes: readonly SimulatedNode[]
  ledger: Ledger
  items: Items
  cuts: Cuts
}

/** A network of nodes on virtual time, in the hands of a script. Time passes while the script waits here. */
export class Simulation {
  /** All nodes, those that do not run too. */
  readonly nodes: readonly SimulatedNode[]
  /** Chance for the script: the same for the same seed. */
  readonly chance: Chance
  /** What all chance comes from. */
  readonly seed: string
  readonly #init: SimulationInit
  #waits = 0

  constructor (init: SimulationInit) {
    this.#init = init
    this.nodes = init.nodes
    this.seed = init.seed
    this.chance = init.world.chance
  }

  /** In ms of virtual time, from 0 on. */
  get now (): number {
    return this.#init.world.time.now
  }

  /** Whether the script waits for time to pass. */
  get isWaited (): boolean {
    return this.#waits > 0
  }

  /** The blocks and transactions so far. */
  get items (): readonly SimulatedItem[] {
    return this.#init.items.all
  }

  /** The nodes that run. */
  get running (): SimulatedNode[] {
    return this.nodes.filter(({ isRunning }) => isRunning)
  }

  /** Lets `ms` pass. */
  async sleep (ms: number): Promise<void> {
    const { time } = this.#init.world
    this.#waits++
    await new Promise<void>((resolve) => { time.at(time.now + ms, resolve) })
    this.#waits--
  }

  /** Calls `act` every `ms` from now on, until the function that it returns is called. */
  every (ms: number, act: () => void): () => void {
    const { time } = this.#init.world
    let isOver = false

    const next = (): void => {
      time.at(time.now + ms, () => {
        if (!isOver) {
          act()
          next()
        }
      })
    }

    next()

    return () => { isOver = true }
  }

  /** Waits for a condition. Throws a {@link SimulationError} that says `what` was waited for. */
  async until (condition: () => boolean, what: string, { within = PATIENCE_MS }: WithinOptions = {}): Promise<void> {
    const end = this.now + within

    while (!condition()) {
      if (this.now >= end) {
        throw this.error(`Waited ${within} ms in vain for ${what}`)
      }

      await this.sleep(Math.min(POLL_MS, end - this.now))
    }
  }

  /** Waits until every running node, or those that are named, have an item. */
  async untilHeard (item: SimulatedItem, { among, ...options }: WithinOptions & { among?: readonly number[] } = {}): Promise<void> {
    const isHeard = (): boolean => (among ?? this.running.map(({ index }) => index)).every((node) => !Number.isNaN(item.heardAt[node]))
    await this.until(isHeard, `a ${item.type} to be everywhere`, options)
  }

  /** Waits until all chains of running nodes have the same tip. */
  async untilInStep (options: WithinOptions = {}): Promise<void> {
    await this.until(() => this.isInStep, 'all nodes to be in step', options)
  }

  /** Whether all chains of running nodes have the same tip. */
  get isInStep (): boolean {
    return new Set(this.running.filter(({ hasChain }) => hasChain).map(({ chain }) => blockKey(chain.tip()))).size <= 1
  }

  /** Waits until each running node has so many peers. */
  async untilConnected (peers: number, options: WithinOptions = {}): Promise<void> {
    await this.until(() => this.running.every(({ network }) => [...network.peers].length >= peers), `${peers} peers at each node`, options)
  }

  /** Has a node make a block of about `bytes` on its tip, append it and broadcast it. */
  mine (node: SimulatedNode, { bytes = 0 }: { bytes?: number } = {}): SimulatedItem {
    const { items, ledger, world } = this.#init
    const made = ledger.make({ parent: node.chain.tip(), timestamp: node.clock.date(), bytes: this.#scaled(bytes) })
    const { block } = made
    const item = items.add(blockKey(block), this.#item('newBlock', node, block.height))
    node.chain.append([made])
    item.note(node.index, world.time.now)
    node.network.broadcast({ type: 'newBlock', block })

    return item
  }

  /** Has a node make a transaction with so many bytes of data, and broadcast it. */
  pay (node: SimulatedNode, { bytes = 0 }: { bytes?: number } = {}): SimulatedItem {
    const { items, ledger, world } = this.#init
    const transaction = ledger.pay(this.#scaled(bytes))
    const item = items.add(blockKey({ hash: transaction.id }), this.#item('newTransaction', node))
    item.note(node.index, world.time.now)
    node.network.broadcast({ type: 'newTransaction', transaction })

    return item
  }

  /** Cuts parts of the network off from each other, by the indexes of their nodes. The nodes that are not named are one more part. */
  partition (...parts: readonly (readonly number[])[]): void {
    this.#init.cuts.cut(parts)
  }

  /** Connects all parts again. What was on its way arrives now. */
  heal (): void {
    const { cuts, world } = this.#init
    cuts.heal()

    for (const { connections } of world.hosts.values()) {
      connections.forEach(({ pipe }) => { pipe.release() })
    }
  }

  /** How many messages of a type have come to all nodes. */
  messages (type: string): number {
    return messagesOf(this.nodes, type)
  }

  /** An error that says when, and with which seed. */
  error (message: string, cause?: unknown): SimulationError {
    return new SimulationError(message, { seed: this.seed, at: this.now, cause })
  }

  /** What it has come to so far. */
  report (): SimulationReport {
    const { world: { time, trace }, items } = this.#init

    return {
      seed: this.seed,
      hash: trace.digest(),
      duration: time.now,
      events: time.happened,
      packets: trace.packets,
      items: items.all,
      nodes: this.nodes.map(reportOf)
    }
  }

  #item (type: SimulatedItem['type'], { index }: SimulatedNode, height?: number): SimulatedItem {
    return new SimulatedItem({ type, ...height == null ? {} : { height }, from: index, at: this.now, nodes: this.nodes.length })
  }

  /** How many bytes stand for so many. */
  #scaled (bytes: number): number {
    const { scale } = this.#init.world

    return bytes <= UNSCALED_BYTES ? bytes : UNSCALED_BYTES + (bytes - UNSCALED_BYTES) / scale
  }
}
