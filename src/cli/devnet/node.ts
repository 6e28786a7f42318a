import { join } from 'node:path'
import { addressOf } from './plan.ts'
import type { DevnetOptions } from './settings.ts'
import type { ParentCommand } from '../node/parent-command.ts'
import type { PlannedNode } from './plan.ts'
import type { NodeExit, NodeProcess, NodeProcessInit } from './node-process.ts'
import type { Progress, Report, Status } from '../output/report.ts'

/** Where a node of a devnet is in its life. */
export type NodePhase = 'waiting' | 'starting' | 'running' | 'paused' | 'killed' | 'ended'

/** What a {@link DevnetNode} needs of a process. */
export type NodeHandle = Pick<NodeProcess, 'kill' | 'pause' | 'resume' | 'tell' | 'stop' | 'lastError'>

/** Options of {@link DevnetNode}. */
export interface DevnetNodeInit {
  plan: PlannedNode
  options: DevnetOptions
  /** Of the whole devnet. */
  dataDir: string
  createProcess: (init: NodeProcessInit) => NodeHandle
  onReport: (node: DevnetNode, report: Report) => void
  onExit: (node: DevnetNode, exit: NodeExit) => void
}

/** Every node comes from this host: its own limit of connections a second would keep a network from forming. */
const MAX_INBOUND_RATE = 1000
/** About as many transactions go into a block however many nodes there are. */
const TRANSACTIONS_PER_BLOCK = 8
const PROGRESS_LINGER_MS = 3000

/**
 * One node of a devnet: its process, through a kill and a restart, and what it last said.
 */
export class DevnetNode {
  readonly plan: PlannedNode
  readonly #init: DevnetNodeInit
  #process: NodeHandle | undefined
  #phase: NodePhase = 'waiting'
  #id = ''
  #status: Status | undefined
  #progress: Progress | undefined
  #progressEnd = Infinity

  constructor (init: DevnetNodeInit) {
    this.plan = init.plan
    this.#init = init
  }

  get phase (): NodePhase {
    return this.#phase
  }

  /** The peer id, empty until it first ran. */
  get id (): string {
    return this.#id
  }

  /** What it last said since it was started. */
  get status (): Status | undefined {
    return this.#status
  }

  /** Its catch-up, while there is one and a moment longer: a short one is over before a person can see it. */
  get progress (): Progress | undefined {
    return performance.now() < this.#progressEnd ? this.#progress : undefined
  }

  /** Why its process ended, as far as that said. */
  get lastError (): string {
    return this.#process?.lastError ?? ''
  }

  /** Starts its process. */
  start (): void {
    const { createProcess, onReport, onExit } = this.#init

    this.#phase = 'starting'
    this.#process = createProcess({
      args: this.#arguments(),
      onReport: (report) => {
        this.#take(report)
        onReport(this, report)
      },
      onLog: (line) => { onReport(this, { event: 'log', node: this.plan.name, line }) },
      onExit: (exit) => {
        this.#phase = this.#phase === 'killed' ? 'killed' : 'ended'
        this.#forget()
        onExit(this, exit)
      }
    })
  }

  /** Ends its process without a warning. */
  kill (): void {
    this.#phase = 'killed'
    this.#forget()
    this.#process?.kill()
  }

  /** Stops its process where it is. Does nothing where it does not run. */
  pause (): void {
    if (this.#phase === 'running') {
      this.#phase = 'paused'
      this.#process?.pause()
    }
  }

  /** Has a paused process go on. */
  resume (): void {
    if (this.#phase === 'paused') {
      this.#phase = 'running'
      this.#process?.resume()
    }
  }

  /** Tells it to do something. Does nothing where it does not run. */
  tell (command: ParentCommand): void {
    if (this.#phase === 'running') {
      this.#process?.tell(command)
    }
  }

  /** Ends its process. Resolves to how it ended, `undefined` where it was not running yet or any more. */
  async stop (): Promise<NodeExit | undefined> {
    const running = this.#phase === 'running' || this.#phase === 'paused'
    const exit = await this.#process?.stop()

    return running ? exit : undefined
  }

  #forget (): void {
    this.#status = undefined
    this.#progress = undefined
  }

  #take (report: Report): void {
    switch (report.event) {
      case 'started':
        this.#phase = 'running'
        this.#id = report.id
        break
      case 'status':
        this.#status = report
        break
      case 'made':
      case 'block':
        this.#status &&= { ...this.#status, height: report.height, tip: report.hash }
        break
      case 'syncing':
        this.#progress = report
        this.#progressEnd = Infinity
        break
      case 'synced':
        this.#progress = report
        this.#progressEnd = performance.now() + PROGRESS_LINGER_MS
        break
      case 'syncFailed':
        this.#progress = undefined
        break
      default:
    }
  }

  #arguments (): string[] {
    const { plan, options, dataDir } = this.#init

    return [
      'start', '--json', '--exit-with-parent',
      '--log-level', options.logLevel === 'debug' ? 'debug' : 'info',
      '--name', plan.name,
      '--network', options.network,
      '--listen', addressOf(plan.port),
      ...(plan.webSocketPort == null ? [] : ['--listen', `${addressOf(plan.webSocketPort)}/ws`]),
      ...(plan.isRelay ? ['--relay-server'] : []),
      ...(plan.isHome ? ['--relay', '--webrtc'] : []),
      ...plan.seeds.flatMap((seed) => ['--seed', seed]),
      '--data-dir', join(dataDir, plan.name),
      '--max-inbound-rate', String(MAX_INBOUND_RATE),
      '--make-transactions', (options.blockTime * Math.max(options.nodes / TRANSACTIONS_PER_BLOCK, 1)).toFixed(3),
      ...(plan.makesBlocks ? ['--make-blocks', String(options.blockTime)] : [])
    ]
  }
}
