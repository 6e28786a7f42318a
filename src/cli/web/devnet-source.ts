import { join } from 'node:path'
import { spawnHostilePeer } from './hostile-peer.ts'
import { toWebReport } from './web-report.ts'
import { AdminClient } from '../../admin/client.ts'
import { addressOf } from '../devnet/plan.ts'
import { TransactionTravels } from '../../web/transaction-travels.ts'
import { viewOf } from '../../web/node-view.ts'
import type { DevnetNetwork } from '../devnet/network.ts'
import type { DevnetNode } from '../devnet/node.ts'
import type { Report } from '../output/report.ts'
import type { NetworkStatus } from '../../index.ts'
import type { WebAction, WebCommand, WebFrame, WebHello, WebNode, WebReport, WebSource } from '../../web/protocol.ts'

/** How long a node may take to tell its status. The page then shows it without. */
const STATUS_TIMEOUT_MS = 900

/** Why nodes ban each other while the page parts the network. */
const PARTED = 'the page has parted the network'

const ACTIONS: WebAction[] = ['kill', 'start', 'pause', 'resume', 'flood', 'attack', 'partition', 'heal', 'pay']

/** Options of {@link DevnetSource}. */
export interface DevnetSourceInit {
  network: DevnetNetwork
  networkName: string
  /** Of the whole devnet. */
  dataDir: string
}

/** Shows the nodes of a devnet to the page, and does to them what it asks for. */
export class DevnetSource implements WebSource {
  readonly #init: DevnetSourceInit
  readonly transactions: TransactionTravels = new TransactionTravels()
  readonly #listeners = new Set<(report: WebReport) => void>()
  readonly #clients = new Map<DevnetNode, AdminClient>()
  #genesisHash = ''
  /** The peer ids of each side, while the network is parted. */
  #sides: { a: Set<string>, b: Set<string> } | undefined

  constructor (init: DevnetSourceInit) {
    this.#init = init
  }

  hello (): WebHello {
    const { network, networkName } = this.#init
    const gate = network.nodes.find(({ plan, phase }) => plan.webSocketPort != null && phase === 'running')
    const webSocket = gate?.plan.webSocketPort == null || this.#genesisHash === '' ? null : `${addressOf(gate.plan.webSocketPort)}/ws`
    const home = network.nodes.find(({ plan, phase }) => plan.isHome && phase === 'running')

    return {
      kind: 'devnet',
      network: networkName,
      genesisHash: this.#genesisHash,
      webSocket,
      home: gate == null || home == null || webSocket == null
        ? null
        : { name: home.plan.name, address: `${webSocket}/p2p/${gate.id}/p2p-circuit/p2p/${home.id}` },
      actions: ACTIONS
    }
  }

  async frame (): Promise<WebFrame> {
    return { at: Date.now(), nodes: await Promise.all(this.#init.network.nodes.map(async (node) => this.#view(node))) }
  }

  subscribe (listener: (report: WebReport) => void): () => void {
    this.#listeners.add(listener)

    return () => { this.#listeners.delete(listener) }
  }

  /** Takes note of what a node or the devnet reports. */
  onReport (report: Report): void {
    this.#follow(report)
    const shown = toWebReport(report, Date.now())

    if (shown != null) {
      this.#listeners.forEach((listener) => { listener(shown) })
    }
  }

  async act ({ action, node: name }: WebCommand): Promise<void> {
    if (action === 'partition') {
      await this.#part()
    } else if (action === 'heal') {
      await this.#heal()
    } else if (action === 'pay') {
      this.#pay(name)
    } else {
      const node = this.#init.network.nodes.find(({ plan }) => plan.name === name)

      if (node == null) {
        throw new Error(`There is no node ${name ?? ''}`)
      }

      await this.#actOn(node, action)
    }
  }

  /** Ends the connections to the nodes. */
  close (): void {
    this.#clients.forEach((client) => { client.close() })
    this.#clients.clear()
  }

  async #actOn (node: DevnetNode, action: Exclude<WebAction, 'partition' | 'heal' | 'pay'>): Promise<void> {
    switch (action) {
      case 'kill': node.kill(); break
      case 'start': node.start(); break
      case 'pause': node.pause(); break
      case 'resume': node.resume(); break
      default: await spawnHostilePeer(action, addressOf(node.plan.port))
    }
  }

  /** Has a node tell of the ways of transactions, and others of those that it tells of. */
  #follow (report: Report): void {
    const node = this.#init.network.nodes.find(({ plan }) => plan.name === report.node)

    if (report.event === 'started') {
      node?.tell({ command: 'watch' })
      this.transactions.waiting.forEach((id) => { node?.tell({ command: 'follow', id }) })
    } else if (report.event === 'paid') {
      this.transactions.expectPayment(report.id)
    } else if (report.event === 'followed') {
      if (this.transactions.arrived(report.id, report)) {
        this.#running().filter((other) => other !== node).forEach((other) => { other.tell({ command: 'follow', id: report.id }) })
      }
    } else if (report.event === 'settled') {
      this.transactions.settled(report.id, report.height)
    }
  }

  /** Has a node pay something, or any one that runs. */
  #pay (name: string | undefined): void {
    const nodes = this.#running().filter(({ plan }) => name == null || plan.name === name)
    const node = nodes[Math.floor(Math.random() * nodes.length)]

    if (node == null) {
      throw new Error(name == null ? 'No node runs that could pay' : `${name} does not run, and cannot pay`)
    }

    node.tell({ command: 'pay' })
  }

  async #view (node: DevnetNode): Promise<WebNode> {
    const { plan: { name, makesBlocks }, phase, id } = node
    const status = phase === 'running' ? await this.#status(node) : undefined
    this.#genesisHash ||= status?.node.genesisHash ?? ''
    const side = this.#sides == null || id === '' ? null : this.#sides.a.has(id) ? 'a' : this.#sides.b.has(id) ? 'b' : null

    return { name, id, phase, makesBlocks, side, ...viewOf(status) }
  }

  async #status (node: DevnetNode): Promise<NetworkStatus | undefined> {
    const late = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => { late.resolve(undefined) }, STATUS_TIMEOUT_MS)

    try {
      return await Promise.race([this.#call<NetworkStatus>(node, 'status'), late.promise])
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  async #call<Result> (node: DevnetNode, method: string, params?: Record<string, unknown>): Promise<Result> {
    try {
      const client = this.#clients.get(node) ?? await AdminClient.connect(join(this.#init.dataDir, node.plan.name))
      this.#clients.set(node, client)

      return await client.call<Result>(method, params)
    } catch (err) {
      // the node has ended, and may be back at the next call
      this.#clients.get(node)?.close()
      this.#clients.delete(node)
      throw err
    }
  }

  /** Has each half of the nodes ban the other. */
  async #part (): Promise<void> {
    const nodes = this.#running()

    if (nodes.length < 2) {
      throw new Error('It takes two running nodes to part a network')
    }

    await this.#heal()
    const middle = Math.ceil(nodes.length / 2)
    const [a, b] = [nodes.slice(0, middle), nodes.slice(middle)]
    this.#sides = { a: new Set(a.map(({ id }) => id)), b: new Set(b.map(({ id }) => id)) }
    const ban = async (node: DevnetNode, others: readonly DevnetNode[]): Promise<void> => {
      await Promise.all(others.map(async ({ id }) => this.#call(node, 'ban', { subject: id, reason: PARTED })))
    }
    await Promise.all([...a.map(async (node) => ban(node, b)), ...b.map(async (node) => ban(node, a))])
  }

  /** Ends the bans, and has each node dial one of the other half. */
  async #heal (): Promise<void> {
    const sides = this.#sides
    this.#sides = undefined

    if (sides == null) {
      return
    }

    const nodes = this.#running()
    const others = (node: DevnetNode): readonly DevnetNode[] => {
      return nodes.filter(({ id }) => (sides.a.has(node.id) ? sides.b : sides.a).has(id))
    }
    await Promise.all(nodes.map(async (node) => {
      await Promise.all(others(node).map(async ({ id }) => this.#call(node, 'unban', { subject: id })))
    }))
    // they would dial each other by themselves, some time after what they take for a ban
    await Promise.allSettled(nodes.map(async (node, index) => {
      const all = others(node)
      const other = all[index % Math.max(1, all.length)]

      if (other != null && sides.a.has(node.id)) {
        await this.#call(node, 'connect', { address: `${addressOf(other.plan.port)}/p2p/${other.id}` })
      }
    }))
  }

  #running (): DevnetNode[] {
    return this.#init.network.nodes.filter(({ phase, id }) => phase === 'running' && id !== '')
  }
}
