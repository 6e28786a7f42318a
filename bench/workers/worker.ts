import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Memory, Usage } from './program.ts'
import type { ChildProcess } from 'node:child_process'

const MAIN = fileURLToPath(new URL('../programs/main.ts', import.meta.url))

/** How long a process may take to start, to answer and to end, in ms. */
const ANSWER_TIMEOUT_MS = 60_000

interface Answer { id: number, result?: unknown, error?: string }

/** A process that runs one program. */
export class Worker {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void, reject: (err: Error) => void }>()
  #lastId = 0

  private constructor (name: string, options: unknown, network: string | undefined) {
    this.#name = name
    this.#child = fork(MAIN, [name, JSON.stringify(options)], {
      // a program is loaded again and again
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'vibecoin-bench-compile-cache') },
      serialization: 'advanced',
      ...(network != null && { execPath: 'ip', execArgv: ['netns', 'exec', network, process.execPath, ...process.execArgv] })
    })
    this.#child.on('message', (answer) => { this.#onAnswer(answer as Answer) })
    this.#child.once('exit', () => { this.#fail(new Error(`${name} has ended before it answered`)) })
  }

  /** Starts a program in a process of its own, in a network namespace where one is named, and resolves when it is there. */
  static async start (name: string, options: unknown = {}, network?: string): Promise<Worker> {
    const worker = new Worker(name, options, network)

    try {
      await worker.#answerTo(0, 'start')
    } catch (err) {
      worker.kill()
      throw err
    }

    return worker
  }

  /** Asks the program something. Rejects with what it throws. */
  async ask<Result = void> (question: string, argument?: unknown): Promise<Result> {
    if (!this.#child.connected) {
      throw new Error(`${this.#name} has ended before it was asked for ${question}`)
    }

    const id = ++this.#lastId
    const answer = this.#answerTo(id, question)
    this.#child.send({ id, question, argument })

    return await answer as Result
  }

  /** What its process has used. */
  async usage (): Promise<Usage> {
    return this.ask<Usage>('usage')
  }

  /** What its process holds. */
  async memory (): Promise<Memory> {
    return this.ask<Memory>('memory')
  }

  /** Stops its process where it is: it answers nobody any more, and all that it has open stays so. */
  freeze (): void {
    this.#child.kill('SIGSTOP')
  }

  /** Lets it end in peace. */
  async stop (): Promise<void> {
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
    await this.ask('stop')
    this.#child.disconnect()
    await exited
  }

  /** Ends it at once, where it has not ended. */
  kill (): void {
    this.#child.kill('SIGKILL')
  }

  async #answerTo (id: number, question: string): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => { reject(new Error(`${this.#name} does not answer ${question}`)) }, ANSWER_TIMEOUT_MS)
    this.#waiting.set(id, { resolve, reject })

    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  #onAnswer ({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id)

    if (error == null) {
      waiting?.resolve(result)
    } else {
      waiting?.reject(new Error(`${this.#name}: ${error}`))
    }
  }

  #fail (err: Error): void {
    for (const { reject } of this.#waiting.values()) {
      reject(err)
    }
  }
}
