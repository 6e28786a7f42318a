import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

const BIN_FILE = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url))

/** A line that the command printed with --json. */
export type Line = Record<string, unknown> & { event: string, node: string }

/** How the command ended, and all that it printed. */
export interface Result { code: number | null, signal: NodeJS.Signals | null, out: string, err: string, lines: Line[] }

/** The command in a process of its own. */
export class CommandRun {
  readonly lines: Line[] = []
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #result: Promise<Result>
  #out = ''
  #err = ''
  readonly #watchers: (() => void)[] = []

  /** With `inShell`, a shell is between this process and the command, as with `npm exec`. */
  constructor (args: string[], env: NodeJS.ProcessEnv = {}, { inShell = false }: { inShell?: boolean } = {}) {
    const command = [process.execPath, BIN_FILE, ...args]
    const [file = '', ...rest] = inShell ? ['/bin/sh', '-c', '"$@"; exit $?', 'sh', ...command] : command
    this.child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    this.child.stderr.setEncoding('utf8').on('data', (chunk: string) => { this.#err += chunk })
    createInterface(this.child.stdout).on('line', (line) => {
      this.#out += `${line}\n`

      if (line.startsWith('{')) {
        this.lines.push(JSON.parse(line) as Line)
      }

      this.#watchers.forEach((watcher) => { watcher() })
    })
    this.#result = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal, out: this.#out, err: this.#err, lines: this.lines })
      })
    })
  }

  /** Resolves when the command has ended. */
  async end (): Promise<Result> {
    return this.#result
  }

  /** Resolves to the first line of an event that fits. Rejects where the command ends without one. */
  async line (event: string, fits: (line: Line) => boolean = () => true): Promise<Line> {
    const { promise, resolve, reject } = Promise.withResolvers<Line>()
    const look = (): void => {
      const found = this.lines.find((line) => line.event === event && fits(line))

      if (found != null) {
        resolve(found)
      }
    }

    this.#watchers.push(look)
    look()
    void this.#result.then(({ code, err }) => { reject(new Error(`No ${event} before the end, exit code ${code}: ${err}`)) })

    return promise
  }
}
