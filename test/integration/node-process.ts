import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '../support/eventually.ts'
import type { NodeStatus } from './node-status.ts'
import type { NetworkConfig } from '../../src/index.ts'
import type { ChildProcess } from 'node:child_process'

/** What a child has for a chain: `sampleChain`, to which it appends what peers have. */
export interface ChildChain {
  length: number
  fork?: string
  /** Bytes of each block's proof. */
  proofBytes?: number
}

/** Where and how a child is started. */
export interface ChildInit {
  config?: Partial<NetworkConfig>
  /** @default no chain */
  chain?: ChildChain
  /** The network namespace that it runs in. @default ours */
  host?: string
  /** The directory of the project whose code it runs. @default this one */
  tree?: string
  /** How long it may take to load everything and to start, in ms. @default START_TIMEOUT_MS */
  startTimeout?: number
}

/**
 * What a child is told: to stop its node, to say what it has open, to make a block of a fork on top of its chain, to take the first
 * block of a range, or to do nothing at all for some ms.
 */
export type ChildCommand = 'stop' | 'status' | { make: string } | { beginRange: number } | { stall: number }

/** What a child says. */
export type ChildReport =
  | { event: 'tip', height: number, hash: string }
  | { event: 'started', id: string, address: string }
  | { event: 'ready', peer: string, address: string, peers: number }
  | { event: 'stalled' }
  | { event: 'taken' }
  | { event: 'stopped', resources: string[] }
  | { event: 'status', status: NodeStatus }
  | { event: 'closed', peer: string, reason: string | undefined, peers: number }

/** What was left when a child had stopped its node, and how long it lived on. */
export interface ChildExit { code: number | null, msToExit: number, resources: string[] }

/** How long a busy machine may take to end a process that has nothing left. How long it lived on by its own clock is in its report. */
const END_PATIENCE_MS = 30_000

const CHILD_FILE = 'test/integration/child-node.ts'
const THIS_TREE = fileURLToPath(new URL('../..', import.meta.url))

/** How long a child may take to load everything and to start on a busy machine, in ms. */
const START_TIMEOUT_MS = 20_000

/** How long a child may take to answer on a busy machine, in ms. */
const ANSWER_TIMEOUT_MS = 8000

/** How much later than told a child may go on on a busy machine, in ms. */
const STALL_PATIENCE_MS = 8000

const processes = new Set<NodeProcess>()

/** Kills every child that was started. For `afterEach`. */
export async function killProcesses (): Promise<void> {
  await Promise.all([...processes].map(async (child) => child.kill()))
  processes.clear()
}

/** A node in a process of its own, which can be killed, frozen and asked to stop. */
export class NodeProcess {
  readonly reports: ChildReport[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #startedUp = Promise.withResolvers<void>()
  #out = ''
  #err = ''

  private constructor ({ config = {}, chain, host, tree = THIS_TREE }: ChildInit) {
    const file = join(tree, CHILD_FILE)
    const args = [JSON.stringify({ config, chain })]
    const stdio: ['ignore', 'pipe', 'pipe', 'ipc'] = ['ignore', 'pipe', 'pipe', 'ipc']
    // the code of another commit is compiled once: to write it down would make the end of the process longer
    const env = tree === THIS_TREE ? process.env : { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' }
    this.#child = host == null
      ? fork(file, args, { stdio, env })
      : spawn('ip', ['netns', 'exec', host, process.execPath, file, ...args], { stdio })
    this.#child.on('message', (message) => { this.#onReport(message as ChildReport) })
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => { this.#out += chunk })
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => { this.#err += chunk })
    this.#exited = once(this.#child, 'close')
  }

  /** Starts one; only what JSON can hold may be in its config. */
  static async start (config: Partial<NetworkConfig> = {}, init: Omit<ChildInit, 'config'> = {}): Promise<NodeProcess> {
    const child = new NodeProcess({ config, ...init })
    processes.add(child)
    // without a look at each turn: where many are started, they need the time
    await within(Promise.race([child.#startedUp.promise, child.#exited]), init.startTimeout ?? START_TIMEOUT_MS, 'a child process to start')

    if (child.#started == null) {
      throw new Error(`The child process has ended: ${child.#err}`)
    }

    return child
  }

  /** Its libp2p peer id. */
  get id (): string { return this.#started?.id ?? '' }

  /** Its address, with its peer id. */
  get address (): string { return this.#started?.address ?? '' }

  /** How many peers it has, as it was last told. */
  get peers (): number {
    return this.reports.findLast((report) => report.event === 'ready' || report.event === 'closed')?.peers ?? 0
  }

  /** The multiaddr of its latest session with a peer, as it was last told. */
  addressOf (id: string): string | undefined {
    return this.reports.filter((report) => report.event === 'ready').findLast(({ peer }) => peer === id)?.address
  }

  /** The best block of its chain, as it was last told. */
  get tip (): Extract<ChildReport, { event: 'tip' }> | undefined {
    return this.reports.findLast((report) => report.event === 'tip')
  }

  /** Whether the process is over, for whatever reason. */
  get hasEnded (): boolean { return this.#isOver() }

  /** What it has written to its standard error: nothing, where all is well. */
  get errors (): string { return this.#err }

  /** What its node has open. */
  async status (): Promise<NodeStatus> {
    const { promise, resolve } = Promise.withResolvers<NodeStatus>()
    const listener = (report: ChildReport): void => {
      if (report.event === 'status') {
        resolve(report.status)
      }
    }

    this.#child.on('message', listener)
    this.#child.send('status' satisfies ChildCommand)

    try {
      return await within(promise, ANSWER_TIMEOUT_MS, 'a child to say what it has open')
    } finally {
      this.#child.off('message', listener)
    }
  }

  /** Has it make a block on top of its chain, and broadcast it. */
  make (fork: string): void {
    this.#child.send({ make: fork } satisfies ChildCommand)
  }

  /** Has it take the first block of a range, and no more of it. */
  beginRange (endHeight: number): void {
    this.#child.send({ beginRange: endHeight } satisfies ChildCommand)
  }

  /** Keeps its event loop busy for `ms`. Resolves when that is over. */
  async stall (ms: number): Promise<void> {
    const before = this.#stalls
    this.#child.send({ stall: ms } satisfies ChildCommand)
    await eventually(() => this.#stalls > before, 'a child to go on', { timeout: ms + STALL_PATIENCE_MS })
  }

  /** Ends it as a crash would. */
  async kill (): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** Makes it deaf and mute: its connections stay, and nothing is answered. */
  freeze (): void {
    this.#child.kill('SIGSTOP')
  }

  /** Lets it go on. */
  thaw (): void {
    this.#child.kill('SIGCONT')
  }

  /** Stops its node and waits until the process has ended by itself. */
  async stop (): Promise<ChildExit> {
    this.#child.send('stop' satisfies ChildCommand)
    const stopped = await eventually(() => this.#isOver() || this.#stopped, 'a child to stop its node')
    const left = stopped === true ? [] : stopped.resources
    await eventually(() => this.#isOver(), `a child process to end by itself after stop(), which left ${left.join(', ')}`, { timeout: END_PATIENCE_MS })
    await this.#exited

    return { code: this.#child.exitCode, ...JSON.parse(this.#out) as Omit<ChildExit, 'code'> }
  }

  get #started (): Extract<ChildReport, { event: 'started' }> | undefined {
    return this.reports.find((report) => report.event === 'started')
  }

  get #stopped (): Extract<ChildReport, { event: 'stopped' }> | undefined {
    return this.reports.find((report) => report.event === 'stopped')
  }

  #onReport (report: ChildReport): void {
    if (report.event !== 'status') {
      this.reports.push(report)
    }

    if (report.event === 'started') {
      this.#startedUp.resolve()
    }
  }

  get #stalls (): number {
    return this.reports.filter(({ event }) => event === 'stalled').length
  }

  #isOver (): boolean {
    return this.#child.exitCode != null || this.#child.signalCode != null
  }
}

/** Fails where something takes longer than `ms`. */
async function within<T> (promise: Promise<T>, ms: number, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => { late.reject(new Error(`Waited ${ms} ms in vain for ${what}`)) }, ms)

  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
