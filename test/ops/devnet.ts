import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Mesh } from '../chaos/mesh.ts'
import { freePorts } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import type { ChainFault } from '../../src/testing/index.ts'
import type { NetworkConfig } from '../../src/index.ts'
import type { ChildProcess } from 'node:child_process'

/** How a child is started. */
export interface ChildInit {
  name: string
  httpPort: number
  chainLength: number
  config: Partial<NetworkConfig>
}

/** What a child is told. */
export type ChildCommand =
  | { mine: number } | { pay: number } | { break: ChainFault } | { throws: boolean } | { stall: number } | { repair: true }

/** Blocks that the first node has from the start. */
const CHAIN_LENGTH = 600

/** Inbound sessions of a node. */
export const MAX_INBOUND = 6

/** Where no node is. Told to others, so that all dials go through the links. */
const NOWHERE = '/ip4/127.255.255.1/tcp/9'

const START_TIMEOUT_MS = 60_000
const CHILD_FILE = fileURLToPath(new URL('child-node.ts', import.meta.url))

/** Nodes in processes of their own, with links between them that can be cut, and pages over HTTP. */
export class Devnet {
  readonly names: readonly string[]
  /** Where each has its pages. */
  readonly httpPorts: readonly number[]
  readonly mesh: Mesh
  readonly #locations: readonly { host: string, port: number }[]
  readonly #children: (ChildProcess | undefined)[] = []

  private constructor (names: readonly string[], httpPorts: readonly number[], made: { mesh: Mesh, locations: Devnet['addresses'] }) {
    this.names = names
    this.httpPorts = httpPorts
    this.mesh = made.mesh
    this.#locations = made.locations
  }

  static async create (names: readonly string[]): Promise<Devnet> {
    const ports = await freePorts(2 * names.length)
    const locations = names.map((_, i) => ({ host: `127.88.0.${i + 1}`, port: ports[i]! }))

    return new Devnet(names, ports.slice(names.length), { mesh: await Mesh.start(locations), locations })
  }

  /** Where each listens. */
  get addresses (): readonly { host: string, port: number }[] { return this.#locations }

  /** Starts a node. */
  async start (node: number): Promise<void> {
    const { host, port } = this.#locations[node]!
    const init: ChildInit = {
      name: this.names[node]!,
      httpPort: this.httpPorts[node]!,
      chainLength: node === 0 ? CHAIN_LENGTH : 1,
      config: {
        listen: [`/ip4/${host}/tcp/${port}`],
        announce: [NOWHERE],
        seedPeers: this.mesh.addressesFor(node),
        maxInbound: MAX_INBOUND,
        pingInterval: 1000,
        pingTimeout: 2500,
        dialTimeout: 2000,
        rateLimits: { pings: { perSecond: 10, burst: 50 } }
      }
    }
    const child = fork(CHILD_FILE, [JSON.stringify(init)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#children[node] = child
    let isStarted = false
    child.once('message', () => { isStarted = true })
    await eventually(() => isStarted || child.exitCode != null, `the start of ${init.name}`, { timeout: START_TIMEOUT_MS })

    if (!isStarted) {
      throw new Error(`${init.name} has ended with ${child.exitCode}`)
    }
  }

  tell (node: number, command: ChildCommand): void {
    this.#children[node]!.send(command)
  }

  async kill (node: number): Promise<void> {
    const child = this.#children[node]
    this.#children[node] = undefined

    if (child?.exitCode === null) {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }
  }

  async end (): Promise<void> {
    await Promise.all(this.names.map(async (_, node) => this.kill(node)))
    await this.mesh.close()
  }
}
