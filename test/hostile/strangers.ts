import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ChildProcess } from 'node:child_process'

/** What strangers say of themselves: what is usual, or as many tiny addresses or protocols as libp2p reads. */
export type StrangersAnswer = 'usual' | 'addresses' | 'protocols'

/** What strangers are to do. */
export interface StrangersInit {
  /** Of the node that they connect to. */
  address: string
  /** Where they are, in turns. */
  hosts: string[]
  /** How many of them there are, each with another identity. */
  count: number
  atATime: number
  /** What they say, in turns. */
  answers: StrangersAnswer[]
}

/** What their process is told: nobody is to begin until it says otherwise. */
export type StrangersOrder = 'pause' | 'resume'

/** What their process says. */
export interface StrangersReport {
  /** How many were asked who they are, and have answered. */
  answered: number
  /** How many are there now. */
  underWay: number
  isPaused: boolean
}

/** How long the last of them may take, with the start of their process, in ms. */
const PAUSE_TIMEOUT_MS = 60_000

/** Strangers that connect to a node, in a process of their own. */
export class Strangers {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown[]>
  #report: StrangersReport = { answered: 0, underWay: 0, isPaused: false }

  constructor (init: StrangersInit) {
    this.#child = fork(fileURLToPath(new URL('./strangers-process.ts', import.meta.url)), [JSON.stringify(init)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    this.#closed = once(this.#child, 'close')
    this.#child.on('message', (report) => { this.#report = report as StrangersReport })
  }

  /** How many have answered. */
  get answered (): number { return this.#report.answered }

  /** Has others come again. */
  resume (): void {
    this.#send('resume')
  }

  /** Has nobody come any more. Resolves when all that were there have gone. */
  async pause (): Promise<void> {
    this.#send('pause')
    const signal = AbortSignal.timeout(PAUSE_TIMEOUT_MS)

    while (!this.#report.isPaused || this.#report.underWay > 0) {
      await once(this.#child, 'message', { signal })
    }
  }

  /** Ends their process. */
  async stop (): Promise<void> {
    this.#child.kill()
    await this.#closed
  }

  /** Resolves when as many have come as were to, and have gone, with how many have answered. */
  async whenDone (): Promise<number> {
    const [code] = await this.#closed as [number | null]

    if (code !== 0) {
      throw new Error(`The process of the strangers ended with ${code ?? this.#child.signalCode}`)
    }

    return this.answered
  }

  /** Nothing that was said before is an answer to it. */
  #send (order: StrangersOrder): void {
    this.#report = { ...this.#report, isPaused: false }
    this.#child.send(order)
  }
}

/** Has strangers connect, in a process of their own. Resolves when all have gone, with how many have answered. */
export async function sendStrangers (init: StrangersInit): Promise<number> {
  return new Strangers(init).whenDone()
}
