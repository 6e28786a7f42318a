import { SimulatedChain } from './node/chain.ts'
import { blockKey, Ledger } from './node/ledger.ts'
import { SimulatedNode } from './node/node.ts'
import { Simulation } from './simulation.ts'
import { EPOCH_MS } from './time/process.ts'
import { VirtualTime } from './time/virtual-time.ts'
import { Host } from './transport/host.ts'
import { RecordReader } from './transport/records.ts'
import { ipOf, peerIdOf, PORT } from './world/addresses.ts'
import { Cuts } from './world/cuts.ts'
import { discovery } from './world/discovery.ts'
import { Items } from './world/items.ts'
import { latencyBetween } from './world/links.ts'
import { dialsOf } from './world/topology.ts'
import { Trace } from './world/trace.ts'
import { seededChance } from '../../util/chance.ts'
import { memoryBans } from '../../store/bans/open-bans.ts'
import { memoryKnownPeers } from '../../store/known-peers/open-known-peers.ts'
import { resolveNode } from './options.ts'
import type { NodeOptions, ResolvedOptions } from './options.ts'
import type { Outside } from './world/outside.ts'
import type { World } from './transport/world.ts'
import type { ServiceInit } from '../../config/resolve.ts'
import type { Handlers } from '../../types/handlers.ts'

/** Digests that a node remembers, unless `config` says otherwise: the table of an actual node takes 2 MiB of each. */
const SEEN_DIGESTS = 2048

/** Slots of a node unless `config` says otherwise. */
const INBOUND = 32
const OUTBOUND = 8

/** What is different about a node, with what work costs it. */
type GivenNode = ReturnType<typeof resolveNode>

/** A simulation, and its time. */
export interface Built {
  simulation: Simulation
  time: VirtualTime
  knownPeersDone: Promise<unknown>
}

/** Builds the nodes of a simulation. None of them runs yet. */
export function build (options: ResolvedOptions, outside: Outside): Built {
  const builder = new Builder(options, outside)
  const dials = dialsOf(options.topology, options.nodes, seededChance(`${options.seed} topology`))
  const given = Array.from({ length: options.nodes }, (_, index) => resolveNode(options.node(index), options.cost))
  given.forEach((node, index) => { builder.addHost(index, node) })
  const incoming = dials.flat().reduce((counts, to) => counts.set(to, (counts.get(to) ?? 0) + 1), new Map<number, number>())
  const nodes = given.map((node, index) => builder.createNode(index, node, { dials: dials[index]!, incoming: incoming.get(index) ?? 0 }))

  return { simulation: builder.create(nodes), time: builder.world.time, knownPeersDone: builder.whenStored() }
}

class Builder {
  readonly world: World
  readonly #options: ResolvedOptions
  readonly #outside: Outside
  readonly #hosts: Host[] = []
  readonly #cuts = new Cuts()
  readonly #items = new Items()
  readonly #ledger: Ledger
  readonly #stored: Promise<unknown>[] = []

  constructor (options: ResolvedOptions, outside: Outside) {
    const { seed, links, scale } = options
    this.#options = options
    this.#outside = outside
    this.#ledger = new Ledger(seededChance(`${seed} ledger`), EPOCH_MS)
    const latency = latencyBetween(links.latency, seed)
    this.world = {
      time: new VirtualTime(),
      chance: seededChance(`${seed} world`),
      trace: new Trace(),
      records: new RecordReader(),
      hosts: new Map(),
      latency: (from, to) => latency(from.index, to.index),
      lossesPerHour: links.lossesPerHour,
      scale,
      isCut: (one, other) => this.#cuts.isCut(one, other)
    }
  }

  addHost (index: number, { nat = 'open', mayDial, netgroup = index, links, tamper, cost }: GivenNode): void {
    const { seed, links: { upload, download } } = this.#options
    const host = new Host({
      time: this.world.time,
      index,
      peerId: peerIdOf(seed, index),
      ip: ipOf(netgroup, index),
      port: PORT,
      isReachable: nat === 'open',
      mayDial,
      upload: links?.upload ?? upload,
      download: links?.download ?? download,
      cost,
      tamper
    })
    this.#hosts.push(host)
    this.world.hosts.set(`${host.ip}:${host.port}`, host)
  }

  createNode (index: number, node: GivenNode, { dials, incoming }: { dials: readonly number[], incoming: number }): SimulatedNode {
    const { seed, config, topology } = this.#options
    const host = this.#hosts[index]!
    const chain = node.chain == null ? this.#createChain(host, node) : undefined
    const isDiscovering = typeof topology === 'object' && 'seeds' in topology
    const knownPeers = memoryKnownPeers()
    node.knownPeers?.forEach((peer) => { this.#stored.push(knownPeers.save(peer)) })
    const own: ServiceInit = {
      network: 'simulated',
      genesisHash: this.#ledger.genesis.block.hash,
      seedPeers: dials.map((to) => this.#hosts[to]!.address.toString()),
      maxInbound: Math.max(INBOUND, incoming),
      maxOutbound: isDiscovering ? OUTBOUND : dials.length,
      ...(isDiscovering ? {} : { maxBlockOnly: 0 }),
      maxPendingHandshakes: Math.max(16, incoming),
      limits: { seenDigests: SEEN_DIGESTS },
      ...config,
      ...node.config,
      handlers: this.#handlers(index, node, chain == null),
      ...(chain == null ? node.chain === false || node.chain == null ? {} : { chain: node.chain } : { chain })
    }

    return new SimulatedNode({
      world: this.world,
      host,
      seed,
      config: own,
      chain,
      knownPeers,
      bans: memoryBans(),
      peerSources: isDiscovering ? [discovery(this.world, host)] : [],
      logger: node.logger
    })
  }

  create (nodes: readonly SimulatedNode[]): Simulation {
    return new Simulation({
      world: this.world, seed: this.#options.seed, nodes, ledger: this.#ledger, items: this.#items, cuts: this.#cuts
    })
  }

  async whenStored (): Promise<void> {
    await Promise.all(this.#stored)
  }

  #createChain (host: Host, { cost, keep, ties }: GivenNode): SimulatedChain {
    const { scale } = this.#options

    return new SimulatedChain({
      ledger: this.#ledger,
      costPerByte: cost.perVerifiedByte * scale,
      keep: keep ?? Infinity,
      keepsOwnBranch: ties === 'first-seen',
      process: () => host.process,
      onBlock: (block) => { this.#items.note(blockKey(block), host.index, this.world.time.now) }
    })
  }

  /** The handlers of the application, which are watched, after those that take note of what has come. */
  #handlers (index: number, { handlers }: NodeOptions, notesBlocks: boolean): Partial<Handlers> {
    const { time } = this.world
    const given = this.#outside.watch(handlers ?? {})

    return {
      ...given,
      newBlock: (block, peer) => {
        if (notesBlocks) {
          this.#items.note(blockKey(block), index, time.now)
        }

        return given.newBlock?.(block, peer)
      },
      newTransaction: (transaction, peer) => {
        this.#items.note(blockKey({ hash: transaction.id }), index, time.now)

        return given.newTransaction?.(transaction, peer)
      }
    }
  }
}
