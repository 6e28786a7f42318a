import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

const SCRIPT = fileURLToPath(new URL('../../examples/browser/serve.ts', import.meta.url))

/** What `npm run example:browser` runs, in a process of its own. */
export class ExampleProcess {
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
  static async start (): Promise<ExampleProcess> {
    const child = spawn(process.execPath, [SCRIPT, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''

    return new Promise((resolve, reject) => {
      child.once('exit', (code) => { reject(new Error(`The example ended with ${code}: ${output}`)) })
      child.stderr.on('data', (chunk) => { output += String(chunk) })

      child.stdout.on('data', (chunk) => {
        output += String(chunk)
        const url = /http:\S+/.exec(output)?.[0]

        if (url != null) {
          child.removeAllListeners('exit')
          resolve(new ExampleProcess(child, url))
        }
      })
    })
  }

  /** Presses Ctrl-C; resolves to the exit code. */
  async interrupt (): Promise<number | null> {
    const exited = new Promise<number | null>((resolve) => { this.#child.once('exit', resolve) })
    this.#child.kill('SIGINT')

    return exited
  }
}
