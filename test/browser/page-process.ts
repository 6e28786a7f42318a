import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** What `npm run example:browser` runs. */
export const EXAMPLE: readonly string[] = [file('examples/browser/serve.ts'), '--port', '0']

/** What `npm start` runs. */
export const DEVNET: readonly string[] = [file('src/cli/bin.ts'), 'devnet', '--web', '--web-port', '0', '--nodes', '4', '--block-time', '1']

/** A command that serves a page, in a process of its own. */
export class PageProcess {
  /** Where its page is. */
  readonly url: string
  /** What it has printed to stderr. */
  errors = ''
  readonly #child: ChildProcessByStdio<null, Readable, Readable>

  private constructor (child: ChildProcessByStdio<null, Readable, Readable>, url: string) {
    this.#child = child
    this.url = url
    child.stderr.on('data', (chunk) => { this.errors += String(chunk) })
  }

  /** Starts it; resolves when its page can be loaded. */
  static async start (command: readonly string[]): Promise<PageProcess> {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''

    return new Promise((resolve, reject) => {
      child.once('exit', (code) => { reject(new Error(`The command ended with ${code}: ${output}`)) })
      child.stderr.on('data', (chunk) => { output += String(chunk) })

      const onData = (chunk: unknown): void => {
        output += String(chunk)
        const url = /http:\S+/.exec(output)?.[0]

        if (url != null) {
          child.removeAllListeners('exit')
          child.stdout.off('data', onData).resume()
          resolve(new PageProcess(child, url))
        }
      }

      child.stdout.on('data', onData)
    })
  }

  /** Presses Ctrl-C, unless it has ended; resolves to the exit code. */
  async interrupt (): Promise<number | null> {
    if (this.#child.exitCode != null || this.#child.signalCode != null) {
      return this.#child.exitCode
    }

    const exited = new Promise<number | null>((resolve) => { this.#child.once('exit', resolve) })
    this.#child.kill('SIGINT')

    return exited
  }
}
