import { createComponents } from '../transport/components.ts'
import { simulatedRecords } from '../transport/records.ts'
import { Process } from '../time/process.ts'
import { resolveServiceConfig } from '../../../config/resolve.ts'
import { NotRunningError } from '../../../errors.ts'
import { createService } from '../../../service/index.ts'
import { seededChance } from '../../../util/chance.ts'
import type { SimulatedChain } from './chain.ts'
import type { Host } from '../transport/host.ts'
import type { World } from '../transport/world.ts'
import type { ServiceInit } from '../../../config/resolve.ts'
import type { VibeCoin } from '../../../service/api.ts'
import type { VibeCoinService } from '../../../service/service.ts'
import type { BanStore } from '../../../types/ban.ts'
import type { KnownPeers } from '../../../types/known-peers.ts'
import type { PeerSource } from '../../../types/peer-source.ts'
import type { Clock } from '../../../util/clock.ts'
import type { ComponentLogger } from '@libp2p/interface'

/** Options of {@link SimulatedNode}. */
export interface SimulatedNodeInit {
  world: World
  host: Host
  seed: string
  config: ServiceInit
  /** The chain of the simulation's own making, where the node has it. */
  chain: SimulatedChain | undefined
  knownPeers: KnownPeers
  bans: BanStore
  peerSources: readonly PeerSource[]
  logger: ComponentLogger | undefined
}

/** A node of a simulation: the real service, over the simulated network. Its chain, known peers and bans outlive its runs. */
export class SimulatedNode {
  /** Its number, from 0. */
  readonly index: number
  /** Its peer id. */
  readonly id: string
  /** Its multiaddr. */
  readonly address: string
  readonly #init: SimulatedNodeInit
  #service: VibeCoinService | undefined
  #process: Process | undefined
  #runs = 0
  /** The services of the runs that were killed. */
  readonly #killed: VibeCoinService[] = []
  /** Messages of the runs that are over, by type. */
  readonly #messages = new Map<string, number>()

  constructor (init: SimulatedNodeInit) {
    this.#init = init
    this.index = init.host.index
    this.id = init.host.id
    this.address = init.host.address.toString()
  }

  /** Whether it runs. */
  get isRunning (): boolean {
    return this.#service != null
  }

  /** The node, as an application has it. Throws a NotRunningError where it does not run. */
  get network (): VibeCoin {
    return this.#running.service
  }

  /** Its clock. Throws a NotRunningError where it does not run. */
  get clock (): Clock {
    return this.#running.process.clock
  }

  /** The chain that the simulation has made for it. Throws where it has another one, or none. */
  get chain (): SimulatedChain {
    if (this.#init.chain == null) {
      throw new TypeError(`Node ${this.index} has no chain of the simulation`)
    }

    return this.#init.chain
  }

  /** Whether it has a chain of the simulation. */
  get hasChain (): boolean {
    return this.#init.chain != null
  }

  /** Bytes that it has received so far, as they are on the wire. */
  get received (): number {
    return this.#init.host.received
  }

  /** Bytes that it has sent so far, as they are on the wire. */
  get sent (): number {
    return this.#init.host.sent
  }

  /** Messages that have come in all its runs, by type. */
  get messages (): Record<string, number> {
    const sum = new Map(this.#messages)
    countMessages(this.#service, sum)

    return Object.fromEntries(sum)
  }

  /** Keeps its processor busy for `ms`. */
  async work (ms: number): Promise<void> {
    await this.#running.process.work(ms)
  }

  /** Starts it, if it does not run. */
  async start (): Promise<void> {
    if (this.#service != null) {
      return
    }

    const { world, host, seed, config, logger, knownPeers, bans, peerSources } = this.#init
    const process = new Process(world.time)
    const components = createComponents({ world, host, logger })
    const chance = seededChance(`${seed} node ${this.index} run ${this.#runs++}`)
    // the interfaces of the machine are none of a simulated host's
    const outside = { peerRecords: simulatedRecords(host.peerId, world.records), localAddresses: () => [] }
    const extras = { knownPeers, bans, peerSources, ...outside, clock: process.clock, chance }
    const service = createService(resolveServiceConfig(config), extras)(components)
    this.#process = process
    this.#service = service
    host.process = process
    host.isUp = true
    await service.start()
    await service.afterStart()
  }

  /** Stops it in peace: its peers hear of it. */
  async stop (): Promise<void> {
    const service = this.#service

    if (service == null) {
      return
    }

    countMessages(service, this.#messages)
    this.#service = undefined
    await service.beforeStop()
    service.stop()
    this.#init.host.connections.forEach((connection) => { void connection.close() })
    await service.afterStop()
    this.#end()
  }

  /** Ends it at once, as a crash does: its timers are gone. `isSilent` takes the machine with it, so that peers hear of nothing. */
  kill ({ isSilent = false }: { isSilent?: boolean } = {}): void {
    countMessages(this.#service, this.#messages)
    this.#killed.push(...this.#service == null ? [] : [this.#service])
    this.#service = undefined
    this.#init.host.isUp = !isSilent
    this.#init.host.connections.forEach((connection) => { connection.vanish(!isSilent) })
    this.#end()
  }

  /**
   * Has the simulation let go of the memory of this node, which runs no more. Node.js keeps a signal that is made of others, until one of
   * these is aborted: and a node that was killed aborts none.
   */
  release (): void {
    this.kill()
    this.#killed.splice(0).forEach((service) => { service.beforeStop().catch(() => {}) })
  }

  #end (): void {
    this.#init.host.connections.forEach((connection) => { connection.vanish(true) })
    this.#process?.kill()
    this.#process = undefined
    this.#init.host.process = undefined
    this.#init.host.handlers.clear()
  }

  get #running (): { service: VibeCoinService, process: Process } {
    if (this.#service == null || this.#process == null) {
      throw new NotRunningError(`Node ${this.index} does not run`)
    }

    return { service: this.#service, process: this.#process }
  }
}

/** Adds what has come to a run of a node. */
function countMessages (service: VibeCoinService | undefined, sum: Map<string, number>): void {
  for (const [type, { messages }] of Object.entries(service?.traffic.in.status().byType ?? {})) {
    sum.set(type, (sum.get(type) ?? 0) + messages)
  }
}
