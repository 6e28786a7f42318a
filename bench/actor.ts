import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ChildProcess } from 'node:child_process'
import type { Memory, Usage } from './part.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** How long a process may take to start, to answer and to end, in ms. */
const ANSWER_TIMEOUT_MS = 60_000

interface Answer { id: number, result?: unknown, error?: string }

/** A part in a process of its own. */
export class Actor {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void, reject: (err: Error) => void }>()
  #lastId = 0

  private constructor (name: string, options: unknown) {
    this.#name = name
    this.#child = fork(CHILD, [name, JSON.stringify(options)], {
      // a part is loaded again and again
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'vibecoin-bench-compile-cache') },
      serialization: 'advanced'
    })
    this.#child.on('message', (answer) => { this.#onAnswer(answer as Answer) })
    this.#child.once('exit', () => { this.#fail(new Error(`${name} has ended before it answered`)) })
  }

  /** Starts a part, and resolves when it is there. */
  static async start (name: string, options: unknown = {}): Promise<Actor> {
    const actor = new Actor(name, options)

    try {
      await actor.#answerTo(0, 'start')
    } catch (err) {
      actor.kill()
      throw err
    }

    return actor
  }

  /** Asks the part something. Rejects with what it throws. */
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

/** The parts of one run: none of them outlives it. */
export class Cast {
  readonly #actors: Actor[] = []

  /** Starts one more. */
  async start (name: string, options?: unknown): Promise<Actor> {
    const actor = await Actor.start(name, options)
    this.#actors.push(actor)

    return actor
  }

  /** Lets all end in peace, those that came last first. */
  async stop (): Promise<void> {
    for (const actor of this.#actors.splice(0).reverse()) {
      try {
        await actor.stop()
      } finally {
        actor.kill()
      }
    }
  }

  /** Ends what is left. */
  kill (): void {
    this.#actors.splice(0).forEach((actor) => { actor.kill() })
  }
}

/** Runs something with parts, which are gone when it resolves or rejects. */
export async function withCast<Result> (run: (cast: Cast) => Promise<Result>): Promise<Result> {
  const cast = new Cast()

  try {
    const result = await run(cast)
    await cast.stop()

    return result
  } finally {
    cast.kill()
  }
}

/** Resolves after so many milliseconds. */
export async function passed (ms: number): Promise<void> {
  await new Promise((resolve) => { setTimeout(resolve, ms) })
}

/** Resolves when something becomes true that is asked for now and then. Rejects where it does not in a minute. */
export async function until (isSo: () => Promise<boolean>, what: string, intervalMs = 10): Promise<void> {
  const deadline = performance.now() + ANSWER_TIMEOUT_MS

  while (!await isSo()) {
    if (performance.now() > deadline) {
      throw new Error(`Waited in vain for ${what}`)
    }

    await passed(intervalMs)
  }
}
