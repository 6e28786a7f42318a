import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePorts } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import type { ChildProcess } from 'node:child_process'

/** What the server does when it is asked something. */
export interface DnsAnswer {
  /** IP addresses, or texts. */
  records?: string[]
  /** Such as 2 for a server that has failed, 3 for a name that there is not. @default 0 */
  rcode?: number
  /** How long it takes, in ms. */
  delay?: number
  /** What it sends instead of an answer, in hexadecimal. */
  garbage?: string
  /** Whether it says nothing at all. */
  isSilent?: boolean
}

/** By type and name, such as `A seed.example`. There is no name but those that are in it. */
export type DnsZone = Record<string, DnsAnswer>

/** What the server is told. */
export interface DnsCommand { zone: DnsZone }

/** What the server says. */
export type DnsReport =
  | { event: 'started', port: number }
  | { event: 'set' }
  | { event: 'asked', question: string, isTcp: boolean }

const CHILD_FILE = fileURLToPath(new URL('child-dns.ts', import.meta.url))

const START_TIMEOUT_MS = 20_000

/** A DNS server in a process of its own, on loopback. */
export class DnsProcess {
  /** All questions so far, such as `A seed.example`. */
  readonly questions: string[] = []
  /** Those of them that came over TCP. */
  readonly tcpQuestions: string[] = []
  readonly #child: ChildProcess
  #port: number | undefined
  #err = ''
  #onSet: (() => void) | undefined

  private constructor (port: number) {
    this.#child = fork(CHILD_FILE, ['127.0.0.1', String(port)], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => { this.#err += chunk })
    this.#child.on('message', (report: DnsReport) => {
      if (report.event === 'started') {
        this.#port = report.port
      } else if (report.event === 'set') {
        this.#onSet?.()
      } else {
        this.questions.push(report.question)
        this.tcpQuestions.push(...report.isTcp ? [report.question] : [])
      }
    })
  }

  static async start (): Promise<DnsProcess> {
    const [port] = await freePorts(1) as [number]
    const server = new DnsProcess(port)
    await eventually(() => server.#port != null || server.#child.exitCode != null, 'a DNS server', { timeout: START_TIMEOUT_MS })

    if (server.#port == null) {
      throw new Error(`The DNS server has ended: ${server.#err}`)
    }

    return server
  }

  /** What goes into `dnsServers`. */
  get address (): string { return `127.0.0.1:${this.#port}` }

  /** Sets all that it knows, and forgets what it was asked. */
  async set (zone: DnsZone): Promise<void> {
    // a name that has records of one type is there for the others too
    const known: [string, DnsAnswer][] = Object.keys(zone).map((question) => [`known ${question.split(' ')[1]}`, {}])
    this.questions.splice(0)
    this.tcpQuestions.splice(0)
    await new Promise<void>((resolve) => {
      this.#onSet = resolve
      this.#child.send({ zone: { ...zone, ...Object.fromEntries(known) } } satisfies DnsCommand)
    })
  }

  async stop (): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill()
    await exited
  }
}
