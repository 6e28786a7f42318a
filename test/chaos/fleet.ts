import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from '../integration/nodes.ts'
import { olderTree } from '../support/older-tree.ts'
import { Member } from './member.ts'
import { Mesh } from './mesh.ts'
import { leftOver, unrest } from './rest.ts'
import type { Incident } from './plan.ts'
import type { MemberState } from './rest.ts'
import type { NodeStatus } from '../integration/node-status.ts'
import type { NetworkConfig } from '../../src/index.ts'

/** Outbound sessions of each node; less where there are few nodes. */
const MAX_OUTBOUND = 3

/** Blocks that one node has from the start: all others fetch them, each time they begin anew. */
export const CHAIN_LENGTH = 400

/** The application's own part of a block, in bytes. */
const PROOF_BYTES = 2048

/** How many processes are started at a time. */
const STARTS_AT_ONCE = 2

/** How often it is looked whether all is well, in ms. */
const LOOK_MS = 250

/** How long a process may live on when its node has stopped, in ms. */
const MAX_EXIT_MS = 1000

/** Where nobody is. Told to others, so that all dials go through the links. */
const NOWHERE = '/ip4/127.255.255.1/tcp/9'

/** Short enough that silence is noticed while it lasts, and long enough for a busy machine. */
const TIMEOUTS: Partial<NetworkConfig> = {
  pingInterval: 1000, pingTimeout: 2500, handshakeTimeout: 3000, frameTimeout: 3000, requestTimeout: 3000, sendTimeout: 3000,
  dialTimeout: 3000, reconnectDelay: 200, maxReconnectDelay: 2000,
  rateLimits: { pings: { perSecond: 10, burst: 50 } }
}

/** What a {@link Fleet} is made with. */
export interface FleetInit {
  nodes: number
  /** How many of them run older code. */
  older: number
  /** Where each node has a directory of its own. */
  directory: string
  onProblem: (problem: string) => void
}

/** How long to wait until all is at rest, and what each node may have open then, if it matters. */
export interface RestOptions { timeout: number, signal: AbortSignal, before?: readonly NodeStatus[] }

/** Nodes in processes of their own, and the links between them. */
export class Fleet {
  readonly members: readonly Member[]
  readonly maxOutbound: number
  readonly #mesh: Mesh
  readonly #onProblem: (problem: string) => void
  #made = 0

  private constructor ({ nodes, older, directory, onProblem }: FleetInit, mesh: Mesh, listen: readonly string[]) {
    const tree = older === 0 ? undefined : treeOfOlder()
    this.#mesh = mesh
    this.#onProblem = onProblem
    this.maxOutbound = Math.min(MAX_OUTBOUND, Math.floor((nodes - 1) / 2))

    this.members = listen.map((address, node) => new Member({
      name: `node-${node + 1}`,
      onProblem,
      init: {
        ...(node < nodes - older ? {} : { tree }),
        chain: { length: node === 0 ? CHAIN_LENGTH : 1, proofBytes: PROOF_BYTES },
        config: {
          ...TIMEOUTS,
          listen: [address],
          announce: [NOWHERE],
          seedPeers: mesh.addressesFor(node),
          maxOutbound: this.maxOutbound,
          maxInbound: nodes,
          dataDir: join(directory, `node-${node + 1}`)
        }
      }
    }))
  }

  /** Starts all of it. */
  static async start (init: FleetInit): Promise<Fleet> {
    const ports = await freePorts(init.nodes)
    // hosts of their own where the system has them: a port of a node that is down is then nobody's source port meanwhile
    const locations = ports.map((port, node) => ({ host: process.platform === 'linux' ? `127.77.0.${node + 1}` : '127.0.0.1', port }))
    const mesh = await Mesh.start(locations)
    const fleet = new Fleet(init, mesh, locations.map(({ host, port }) => `/ip4/${host}/tcp/${port}`))
    const waiting = [...fleet.members]
    const startNext = async (): Promise<void> => {
      for (let member = waiting.shift(); member != null; member = waiting.shift()) {
        await member.start()
      }
    }

    // all at once, none of them is done in time on a small machine
    await Promise.all(Array.from({ length: STARTS_AT_ONCE }, startNext))

    return fleet
  }

  /** Blocks that were made. */
  get made (): number { return this.#made }

  /** Has a node make a block, if it is up. */
  make (node: number): void {
    const member = this.members[node]!

    if (member.mode === 'up') {
      this.#made++
      member.make(`block ${this.#made}`)
    }
  }

  /** Lets something go wrong. Resolves with what takes it back; undefined where it is about a node that has not come back yet. */
  async begin ({ kind, nodes, delayMs }: Incident): Promise<(() => Promise<void> | void) | undefined> {
    const member = this.members[nodes[0]!]!

    if ((kind === 'kill' || kind === 'pause') && member.mode !== 'up') {
      return undefined
    }

    switch (kind) {
      case 'kill':
        await member.kill()
        return async () => member.start()
      case 'pause':
        member.pause()
        return () => { member.resume() }
      case 'delay':
        return this.#mesh.delay(delayMs, nodes)
      case 'partition':
        return this.#mesh.part(nodes)
      default:
        return this.#mesh.break(kind, nodes)
    }
  }

  /**
   * Waits until all of it is at rest, with nothing more open than `before`, and returns how it is then. Throws with what is missing
   * where that takes longer than `timeout` ms.
   */
  async rest ({ timeout, signal, before }: RestOptions): Promise<MemberState[]> {
    const deadline = performance.now() + timeout

    for (;;) {
      this.members.forEach((member) => { member.check() })
      const states = (await Promise.all(this.members.map(async (member) => member.state()))).filter((state) => state != null)
      const missing = this.members.length - states.length
      const problems = [
        ...(missing > 0 ? [`${missing} nodes are not up`] : unrest(states, this.maxOutbound)),
        ...(before == null ? [] : states.flatMap((state, node) => leftOver(state, before[node]!)))
      ]

      if (problems.length === 0) {
        return states
      }

      if (performance.now() > deadline) {
        throw new Error(`Not at rest after ${timeout / 1000} s: ${problems.join('; ')}`)
      }

      await delay(LOOK_MS, undefined, { signal })
    }
  }

  /** Stops every node, each of which has to end by itself and leave nothing. */
  async stop (): Promise<void> {
    await Promise.all(this.members.map(async (member) => {
      const exit = await member.stop()
      const sockets = exit?.resources.filter((kind) => kind.startsWith('TCP')).length

      if (exit?.code !== 0 || sockets !== 0 || exit.msToExit > MAX_EXIT_MS) {
        this.#onProblem(`${member.name}: stopped with code ${exit?.code} and ${sockets} sockets, and lived on for ${exit?.msToExit} ms`)
      }
    }))
  }

  /** Ends the links. */
  async close (): Promise<void> {
    await this.#mesh.close()
  }
}

function treeOfOlder (): string {
  const tree = olderTree()

  if (tree == null) {
    throw new Error('Older code is in the history of git, which is not here: get it with git fetch --unshallow, or leave out --older')
  }

  return tree
}
