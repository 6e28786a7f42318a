import { DevnetNode } from './node.ts'
import { addressOf } from './plan.ts'
import { DevnetStory } from './story.ts'
import { shortHash } from '../output/format.ts'
import type { DevnetOptions } from './settings.ts'
import type { NodeHandle } from './node.ts'
import type { PlannedNode, Schedule } from './plan.ts'
import type { NodeExit, NodeProcessInit } from './node-process.ts'
import type { Report } from '../output/report.ts'

/** Options of {@link DevnetNetwork}. */
export interface DevnetNetworkInit {
  options: DevnetOptions
  plan: PlannedNode[]
  schedule: Schedule
  dataDir: string
  createProcess: (init: NodeProcessInit) => NodeHandle
  /** What its nodes report, and what happens to them. */
  onReport: (report: Report) => void
}

/** How a devnet ended by itself. */
export type Outcome =
  | { ok: true, height: number, hash: string }
  | { ok: false, reason: string }

/** Processes that start at the same time. */
const MAX_STARTING = 4
/** Blocks of the maker that are remembered, to compare the tips of the others with. */
const MAX_MADE = 10_000

/**
 * The nodes of a devnet and what they agree on. Knows each block by what its maker reported: a chain with the same tip
 * is the same chain.
 */
export class DevnetNetwork {
  readonly nodes: DevnetNode[]
  readonly story: DevnetStory
  readonly #init: DevnetNetworkInit
  readonly #ended = Promise.withResolvers<Outcome>()
  readonly #made = new Map<number, string>()
  #untilHash = ''
  #base: number | undefined
  #height = 0
  #stopping = false

  constructor (init: DevnetNetworkInit) {
    const { options, dataDir, createProcess, schedule, onReport } = init

    this.#init = init
    this.nodes = init.plan.map((plan) => new DevnetNode({
      plan,
      options,
      dataDir,
      createProcess,
      onReport: (node, report) => { this.#onReport(node, report) },
      onExit: (node, exit) => { this.#onExit(node, exit) }
    }))
    this.story = new DevnetStory({
      nodes: this.nodes,
      schedule,
      onReport,
      blocksMade: () => this.#base == null ? 0 : this.#height - this.#base,
      height: () => this.#height,
      inSync: (node) => this.inSync(node)
    })
  }

  /** Height of the best block made. */
  get height (): number {
    return this.#height
  }

  /** Resolves once `untilHeight` is reached with everything shown, or a node has failed. Never rejects. */
  get ended (): Promise<Outcome> {
    return this.#ended.promise
  }

  /** Starts the nodes that do not join late. */
  start (): void {
    this.#advance()
  }

  /** Ends all nodes, each with a goodbye to its peers. Resolves to the names of those that did not end cleanly. */
  async stop (): Promise<string[]> {
    this.#stopping = true
    const exits = await Promise.all(this.nodes.map(async (node) => ({ node, exit: await node.stop() })))

    return exits.filter(({ exit }) => exit != null && exit.code !== 0).map(({ node }) => node.plan.name)
  }

  /** Ends all nodes at once. */
  kill (): void {
    this.#stopping = true

    for (const node of this.nodes) {
      node.kill()
    }
  }

  /** Whether a node runs and its chain is one with the maker's. */
  inSync (node: DevnetNode): boolean {
    const { phase, status } = node

    return phase === 'running' && status != null && this.#made.get(status.height) === status.tip
  }

  /** What keeps the devnet from its end, in words. */
  get missing (): string[] {
    const { untilHeight = 0 } = this.#init.options
    const waiting = this.nodes.filter(({ plan, phase }) => phase === 'starting' || (phase === 'waiting' && !plan.joinsLate))
    const behind = this.nodes.flatMap((node) => {
      const { phase, plan: { name }, status } = node

      if (phase !== 'running' || (this.inSync(node) && (status?.height ?? 0) >= untilHeight)) {
        return []
      }

      if (status == null || (this.inSync(node) || status.height < untilHeight)) {
        return [`${name} is at block ${status?.height ?? 0} of ${untilHeight}`]
      }

      return [`${name} has ${shortHash(status.tip)} as block ${status.height}, not ${shortHash(this.#made.get(status.height) ?? '')}`]
    })

    return [...waiting.map(({ plan }) => `${plan.name} has not started`), ...behind, ...this.story.missing]
  }

  #advance (): void {
    if (this.#stopping) {
      return
    }

    this.#startWaiting()
    this.story.advance()
    this.#checkEnd()
  }

  /** A node starts after the one it connects to, a few at a time. */
  #startWaiting (): void {
    for (const node of this.nodes) {
      const starting = this.nodes.filter(({ phase }) => phase === 'starting').length
      const ready = node.plan.seeds.length === 0 || this.nodes.some(({ phase, plan }) => {
        return phase === 'running' && node.plan.seeds.includes(addressOf(plan.port))
      })

      if (node.phase === 'waiting' && !node.plan.joinsLate && ready && starting < MAX_STARTING) {
        node.start()
      }
    }
  }

  #checkEnd (): void {
    const { untilHeight } = this.#init.options

    if (untilHeight == null || !this.story.done) {
      return
    }

    if (this.nodes.every((node) => this.inSync(node) && (node.status?.height ?? 0) >= untilHeight)) {
      this.#ended.resolve({ ok: true, height: untilHeight, hash: this.#untilHash })
    }
  }

  #onReport (node: DevnetNode, report: Report): void {
    this.#init.onReport(report)

    if (report.event === 'connected') {
      this.story.onConnected(node, report.peer)
    } else if (report.event === 'started' && node.plan.makesBlocks) {
      this.#base ??= report.height
      this.#onMade(report.height, report.tip)
    } else if (report.event === 'made') {
      this.#onMade(report.height, report.hash)
    }

    this.#advance()
  }

  #onMade (height: number, hash: string): void {
    this.#made.set(height, hash)
    this.#made.delete(height - MAX_MADE)
    this.#height = Math.max(this.#height, height)

    if (height === this.#init.options.untilHeight) {
      this.#untilHash = hash
    }
  }

  #onExit (node: DevnetNode, { code, signal }: NodeExit): void {
    // the story takes note of it; the page may kill any node
    if (this.story.onExit(node) || this.#stopping || node.phase === 'killed') {
      this.#advance()
      return
    }

    const how = signal == null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`
    const why = node.lastError === '' ? '' : `: ${node.lastError}`

    this.#ended.resolve({ ok: false, reason: `${node.plan.name} ended by itself ${how}${why}` })
  }
}
