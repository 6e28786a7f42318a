import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanText } from '../output/format.ts'
import { LineSplitter } from '../../util/line-splitter.ts'
import { fromJsonLine } from '../output/report.ts'
import { toCommandLine } from '../node/parent-command.ts'
import { VARIABLE_PREFIX } from '../settings/setting.ts'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { ParentCommand } from '../node/parent-command.ts'
import type { Report } from '../output/report.ts'

/** Options of {@link NodeProcess}. */
export interface NodeProcessInit {
  /** What comes after `vibecoin-network`. */
  args: string[]
  /** A line of JSON that it printed. */
  onReport: (report: Report) => void
  /** A line that it printed to stderr. */
  onLog: (line: string) => void
  /** It has ended. */
  onExit: (exit: NodeExit) => void
}

/** How a process ended. */
export interface NodeExit { code: number | null, signal: NodeJS.Signals | null }

const MAX_LOG_LINE_LENGTH = 500
const MAX_LOG_LINES = 40
/** Bytes of commands that wait for a process that does not read them. */
const MAX_WAITING_BYTES = 64 * 1024
const STOP_TIMEOUT_MS = 10_000

/** The command itself, run the way this file is: from src or from dist. */
const BIN_FILE: string = fileURLToPath(new URL(`../bin${extname(import.meta.url)}`, import.meta.url))

/**
 * A node in a process of its own. It ends with this one, however this one ends.
 */
export class NodeProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #exited: Promise<NodeExit>
  #log: string[] = []

  constructor ({ args, onReport, onLog, onExit }: NodeProcessInit) {
    // a process group of its own: Ctrl-C in the terminal is for the parent, which then stops its nodes
    this.#child = spawn(process.execPath, [BIN_FILE, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'], detached: true, windowsHide: true, env: withoutSettings(process.env)
    })
    this.#child.stdin.on('error', () => {})

    readLines(this.#child.stdout, (line) => {
      const report = fromJsonLine(line)

      if (report != null) {
        onReport(report)
      }
    })
    readLines(this.#child.stderr, (line) => {
      const text = cleanText(line, MAX_LOG_LINE_LENGTH)

      if (text !== '') {
        this.#log = [...this.#log.slice(1 - MAX_LOG_LINES), text]
        onLog(text)
      }
    })

    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (err) => {
        this.#log.push(err.message)
        resolve({ code: null, signal: null })
      })
      this.#child.once('close', (code, signal) => { resolve({ code, signal }) })
    })
    void this.#exited.then(onExit)
  }

  /** What it said last that tells why it ended. */
  get lastError (): string {
    const line = this.#log.findLast((text) => /^vibecoin-network:|\bError\b/.test(text)) ?? this.#log.at(-1) ?? ''

    return line.replace(/^vibecoin-network: /, '')
  }

  /** Ends it without a warning, as a crash would. */
  kill (): void {
    this.#child.kill('SIGKILL')
  }

  /** Stops it where it is, as a machine that hangs would. */
  pause (): void {
    this.#child.kill('SIGSTOP')
  }

  /** Has it go on. */
  resume (): void {
    this.#child.kill('SIGCONT')
  }

  /** Tells it to do something, unless it leaves too much unread. */
  tell (command: ParentCommand): void {
    const { stdin } = this.#child

    if (stdin.writable && stdin.writableLength < MAX_WAITING_BYTES) {
      stdin.write(toCommandLine(command))
    }
  }

  /** Asks it to end, and ends it where that takes too long. */
  async stop (): Promise<NodeExit> {
    const timer = setTimeout(() => { this.kill() }, STOP_TIMEOUT_MS)
    this.#child.kill('SIGTERM')
    // one that is paused would not hear of it
    this.resume()

    try {
      return await this.#exited
    } finally {
      clearTimeout(timer)
    }
  }
}

/** The settings of a node of a devnet are those that the devnet gives it, and none of the environment. */
function withoutSettings (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(VARIABLE_PREFIX)))
}

function readLines (stream: Readable, onLine: (line: string) => void): void {
  const lines = new LineSplitter()

  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => { lines.push(chunk).forEach(onLine) })
}
