import { NodeProcess } from '../integration/node-process.ts'
import type { MemberState } from './rest.ts'
import type { ChildExit, ChildInit } from '../integration/node-process.ts'

/** How long a process may take to start on a machine that starts many, in ms. */
const START_TIMEOUT_MS = 90_000

/** What a member is doing. `out` is down for a while, `paused` is up and does nothing. */
export type MemberMode = 'up' | 'paused' | 'out'

/** A node that comes back, with its directory, whenever its process has ended. */
export class Member {
  readonly name: string
  readonly #init: ChildInit
  readonly #onProblem: (problem: string) => void
  /** How often its process was started, ended by us, and paused. */
  readonly times: { started: number, killed: number, paused: number } = { started: 0, killed: 0, paused: 0 }
  #mode: MemberMode = 'out'
  #process: NodeProcess | undefined
  #id = ''

  constructor ({ name, init, onProblem }: { name: string, init: ChildInit, onProblem: (problem: string) => void }) {
    this.name = name
    this.#init = init
    this.#onProblem = (problem) => { onProblem(`${name}: ${problem}`) }
  }

  get mode (): MemberMode { return this.#mode }

  /** The height of its chain, as far as it has told. */
  get height (): number { return this.#process?.tip?.height ?? 0 }

  /** How many sessions it has, as far as it has told. */
  get peers (): number { return this.#process?.peers ?? 0 }

  /** Starts its process. It has to have the same identity each time. */
  async start (): Promise<void> {
    this.times.started++

    try {
      this.#process = await NodeProcess.start(this.#init.config, { ...this.#init, startTimeout: START_TIMEOUT_MS })
    } catch (err) {
      this.#onProblem(`could not be started: ${(err as Error).message}`)
      return
    }

    this.#mode = 'up'

    if (this.#id !== '' && this.#id !== this.#process.id) {
      this.#onProblem('came back with another identity')
    }

    this.#id = this.#process.id
  }

  /** Ends its process as a crash would. */
  async kill (): Promise<void> {
    this.check()
    this.times.killed++
    this.#mode = 'out'
    await this.#process?.kill()
  }

  pause (): void {
    this.times.paused++
    this.#mode = 'paused'
    this.#process?.freeze()
  }

  resume (): void {
    this.#process?.thaw()
    this.#mode = 'up'
  }

  /** Has it make a block on top of its chain. `fork` tells it from all others. */
  make (fork: string): void {
    if (this.#mode === 'up' && this.#process?.hasEnded === false) {
      this.#process.make(fork)
    }
  }

  /** Reports where its process has ended by itself, or has complained. */
  check (): void {
    const child = this.#process

    if (child == null || this.#mode === 'out') {
      return
    }

    if (child.hasEnded || child.errors !== '') {
      this.#mode = child.hasEnded ? 'out' : this.#mode
      this.#onProblem(`${child.hasEnded ? 'ended by itself' : 'complained'}: ${child.errors.trim()}`)
    }
  }

  /** Undefined where it is not up. */
  async state (): Promise<MemberState | undefined> {
    const child = this.#process

    if (child == null || child.hasEnded) {
      return undefined
    }

    const status = await child.status()

    return { name: this.name, id: child.id, status, height: child.tip?.height ?? 0, hash: child.tip?.hash ?? '' }
  }

  /** Stops its node, and waits for the process to end by itself. */
  async stop (): Promise<ChildExit | undefined> {
    this.check()
    this.#mode = 'out'
    const exit = await this.#process?.stop()
    const errors = this.#process?.errors ?? ''

    if (errors !== '') {
      this.#onProblem(`complained: ${errors.trim()}`)
    }

    return exit
  }
}
