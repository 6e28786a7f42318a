import { spawn } from 'node:child_process'
import { CRASH } from './judgement.ts'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Answer, Question } from './judgement.ts'

/** How long the answers to one batch may take, in ms. */
const PATIENCE_MS = 60_000

interface Batch {
  answers: Answer[]
  count: number
  resolve: (answers: Answer[]) => void
  reject: (err: Error) => void
}

/** A decoder that judges frames. */
export interface Judge {
  readonly name: string
  judge(questions: readonly Question[]): Promise<Answer[]> | Answer[]
}

/** The decoder of a peer, in a process of its own: `--judge-stdin` of interop/README.md. */
export class PeerJudge implements Judge {
  readonly name: string
  readonly #binary: string
  readonly #onEnd: (said: string) => void
  #child: ChildProcessWithoutNullStreams | undefined
  #batch: Batch | undefined
  #input: Buffer = Buffer.alloc(0)
  #errors = ''

  /** `onEnd` is called with what a process has said that has ended by itself. */
  constructor (name: string, binary: string, onEnd: (said: string) => void = console.log) {
    this.name = name
    this.#binary = binary
    this.#onEnd = onEnd
  }

  /** One batch at a time. Where the process ends, the question that ends it is found, and its answer is {@link CRASH}. */
  async judge (questions: readonly Question[]): Promise<Answer[]> {
    try {
      return await this.#ask(questions)
    } catch (err) {
      this.end()

      if (questions.length === 1) {
        this.#onEnd(`${this.name}: ${(err as Error).message}`)

        return [CRASH]
      }

      const middle = questions.length >> 1

      return [...await this.judge(questions.slice(0, middle)), ...await this.judge(questions.slice(middle))]
    }
  }

  /** Ends the process. */
  end (): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
    this.#input = Buffer.alloc(0)
    this.#errors = ''
  }

  async #ask (questions: readonly Question[]): Promise<Answer[]> {
    const child = this.#child ??= this.#start()
    const { promise, resolve, reject } = Promise.withResolvers<Answer[]>()
    this.#batch = { answers: [], count: questions.length, resolve, reject }
    child.stdin.write(Buffer.concat(questions.flatMap(encode)))
    const timer = setTimeout(() => { reject(new Error(`Waited ${PATIENCE_MS} ms in vain for ${questions.length} answers`)) }, PATIENCE_MS)

    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#batch = undefined
    }
  }

  #start (): ChildProcessWithoutNullStreams {
    const child = spawn(this.#binary, ['--judge-stdin'])
    child.stdout.on('data', (chunk: Buffer) => { this.#onData(chunk) })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { this.#errors = `${this.#errors}${text}`.slice(-4096) })
    // a process that has ended takes no more: that it has is heard below
    child.stdin.on('error', () => {})
    child.on('error', (err) => { this.#batch?.reject(err) })
    child.on('close', (code, signal) => {
      if (this.#child === child) {
        this.#batch?.reject(new Error(`It has ended with ${String(code ?? signal)}: ${this.#errors}`))
      }
    })

    return child
  }

  #onData (chunk: Buffer): void {
    this.#input = this.#input.byteLength === 0 ? chunk : Buffer.concat([this.#input, chunk])
    let at = 0

    while (this.#input.byteLength >= at + 4) {
      const end = at + 4 + this.#input.readUInt32BE(at)

      if (end > this.#input.byteLength) {
        break
      }

      this.#batch?.answers.push(this.#input.subarray(at + 4, end))
      at = end
    }

    this.#input = this.#input.subarray(at)

    if (this.#batch?.answers.length === this.#batch?.count) {
      this.#batch?.resolve(this.#batch.answers)
    }
  }
}

function encode ({ isFirst, isFeatured = false, frame }: Question): Uint8Array[] {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(1 + frame.byteLength)
  head[4] = isFirst ? 0 : isFeatured ? 2 : 1

  return [head, frame]
}
