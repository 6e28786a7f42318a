import { ConfigError } from '../../errors.ts'
import { refuseUnknown } from '../../config/unknown-option.ts'
import type { SimulatedTopology } from './world/topology.ts'
import type { Tamper } from './transport/host.ts'
import type { ServiceInit } from '../../config/resolve.ts'
import type { Handlers } from '../../types/handlers.ts'
import type { ChainSource, ChainStore } from '../../types/chain.ts'
import type { KnownPeer } from '../../types/known-peers.ts'
import type { ComponentLogger } from '@libp2p/interface'

/** Links between nodes. */
export interface LinkOptions {
  /**
   * From one node to another, one way, in ms: a number, two between which each pair of nodes has its own, or a function of two indexes.
   *
   * @default [10, 150]
   */
  latency?: number | readonly [least: number, most: number] | ((from: number, to: number) => number)

  /**
   * What a node sends in a second, in bytes.
   *
   * @default 2_500_000
   */
  upload?: number

  /**
   * What a node receives in a second, in bytes.
   *
   * @default 12_500_000
   */
  download?: number

  /**
   * How often a connection breaks for no reason, in an hour.
   *
   * @default 0
   */
  lossesPerHour?: number
}

/** What work costs a node, in ms of its processor. Everything else of the node waits meanwhile. */
export interface CostOptions {
  /**
   * For each message that the node receives.
   *
   * @default 0.03
   */
  perMessage?: number

  /**
   * For each byte on the wire that the node sends or receives.
   *
   * @default 0.00001
   */
  perByte?: number

  /**
   * For each byte of a block that the chain verifies.
   *
   * @default 0.0001
   */
  perVerifiedByte?: number
}

/** What is different about one node. */
export interface NodeOptions {
  /** Whether others can dial it: `'closed'` is behind a NAT or firewall. `'open'` by default. */
  nat?: 'open' | 'closed'
  /** Which nodes it dials, by their index: all that it hears of by default. */
  mayDial?: (to: number) => boolean
  /** The network of 16 bits that it is in, 0 to 17919. Each node has its own by default. */
  netgroup?: number
  /** Its own limits of `upload` and `download`. */
  links?: Pick<LinkOptions, 'upload' | 'download'>
  /** What work costs it, in place of what it costs all. */
  cost?: CostOptions
  /** How many of its last blocks the chain of the simulation still has, beside genesis: the others are pruned. All by default. */
  keep?: number
  /**
   * Which of two equally long branches wins on the chain of the simulation: the one with the smaller hash at its end, or the one that the
   * chain had first. `'smaller-hash'` by default.
   */
  ties?: 'smaller-hash' | 'first-seen'
  /** Options of its service on top of those of all nodes. */
  config?: Partial<Omit<ServiceInit, 'genesisHash' | 'chain' | 'handlers'>>
  /** Handlers of its own, which may wait for the clock of the node, and for nothing outside of the simulation. */
  handlers?: Partial<Handlers>
  /** A chain of its own, or `false` for a node that only relays. */
  chain?: ChainSource | ChainStore | false
  /** Changes what it sends, message by message. */
  tamper?: Tamper
  /** Peers that it knows from an earlier run. */
  knownPeers?: readonly KnownPeer[]
  /** Whether it runs from the beginning. `true` by default; otherwise the script starts it. */
  isStarted?: boolean
  /** Where it logs. Nowhere by default. */
  logger?: ComponentLogger
}

/** What a simulation is of. */
export interface SimulationOptions {
  /** How many nodes there are. */
  nodes: number

  /**
   * What all chance comes from. The same seed gives the same simulation.
   *
   * @default 1
   */
  seed?: number | string

  /**
   * The links of all nodes.
   *
   * @default {}
   */
  links?: LinkOptions

  /**
   * Which nodes dial which.
   *
   * @default { degree: 8 }
   */
  topology?: SimulatedTopology

  /**
   * What work costs each node.
   *
   * @default {}
   */
  cost?: CostOptions

  /**
   * How many bytes each byte of a write above 4 KiB stands for. Blocks of `mine` are made smaller by it, and links count them in full.
   *
   * @remarks A thousand nodes keep a block of 1 MiB each: 1 GiB. With 16 it is 64 MiB.
   *
   * @default 1
   */
  scale?: number

  /**
   * Options of the service of every node.
   *
   * @default {}
   */
  config?: Partial<Omit<ServiceInit, 'genesisHash' | 'chain' | 'handlers'>>

  /**
   * What is different about a node, by its index.
   *
   * @default () => ({})
   */
  node?: (index: number) => NodeOptions

  /**
   * Ends the simulation with its reason.
   *
   * @default undefined
   */
  signal?: AbortSignal

  /**
   * Called now and then with the virtual time, in ms.
   *
   * @default undefined
   */
  onProgress?: (at: number) => void
}

/** The options, all set. */
export interface ResolvedOptions extends Required<Omit<SimulationOptions, 'signal' | 'onProgress' | 'links' | 'cost' | 'seed'>> {
  seed: string
  links: Required<LinkOptions>
  cost: Required<CostOptions>
  signal: AbortSignal | undefined
  onProgress: (at: number) => void
}

const LINKS: Required<LinkOptions> = { latency: [10, 150], upload: 2_500_000, download: 12_500_000, lossesPerHour: 0 }
const COST: Required<CostOptions> = { perMessage: 0.03, perByte: 0.000_01, perVerifiedByte: 0.000_1 }

/** Nodes in one simulation. */
export const MAX_NODES = 10_000

/** How many bytes one byte may stand for. */
export const MAX_SCALE = 1024

/** Fills in the defaults. Throws a `ConfigError` for an option that cannot be used. */
export function resolveOptions (options: SimulationOptions): ResolvedOptions {
  refuseUnknown(options, ['nodes', 'seed', 'links', 'topology', 'cost', 'scale', 'config', 'node', 'signal', 'onProgress'])
  refuseUnknown(options.links ?? {}, Object.keys(LINKS))
  refuseUnknown(options.cost ?? {}, Object.keys(COST))
  const links = { ...LINKS, ...options.links }
  const cost = { ...COST, ...options.cost }
  const scale = options.scale ?? 1
  const { nodes } = options
  check(Number.isInteger(nodes) && nodes > 0 && nodes <= MAX_NODES, `\`nodes\` to be an integer from 1 to ${MAX_NODES}`, nodes)
  check(scale >= 1 && scale <= MAX_SCALE, `\`scale\` to be a number from 1 to ${MAX_SCALE}`, scale)
  check(links.upload > 0, '`links.upload` to be above 0 bytes a second', links.upload)
  check(links.download > 0, '`links.download` to be above 0 bytes a second', links.download)
  check(links.lossesPerHour >= 0, '`links.lossesPerHour` to be a number from 0 on', links.lossesPerHour)
  checkCost(cost)

  return {
    nodes,
    seed: String(options.seed ?? 1),
    links,
    cost,
    scale,
    topology: options.topology ?? { degree: 8 },
    config: options.config ?? {},
    node: options.node ?? (() => ({})),
    signal: options.signal,
    onProgress: options.onProgress ?? (() => {})
  }
}

/** Checks what is different about a node, and fills in what is as it is for all. */
export function resolveNode (node: NodeOptions, cost: Required<CostOptions>): NodeOptions & { cost: Required<CostOptions> } {
  refuseUnknown(node, [
    'nat', 'mayDial', 'netgroup', 'links', 'cost', 'keep', 'ties', 'config', 'handlers', 'chain', 'tamper', 'knownPeers', 'isStarted', 'logger'
  ])
  refuseUnknown(node.cost ?? {}, Object.keys(COST))
  const own = { ...cost, ...node.cost }
  checkCost(own)
  const { keep = Infinity, ties = 'smaller-hash' } = node
  check(keep === Infinity || (Number.isInteger(keep) && keep > 0), '`keep` to be an integer from 1 on', keep)
  check(ties === 'smaller-hash' || ties === 'first-seen', '`ties` to be "smaller-hash" or "first-seen"', ties)

  return { ...node, cost: own }
}

function checkCost (cost: Required<CostOptions>): void {
  Object.entries(cost).forEach(([name, ms]) => { check(ms >= 0 && ms < Infinity, `\`cost.${name}\` to be ms from 0 on`, ms) })
}

function check (isGood: boolean, expected: string, value: unknown): void {
  if (!isGood) {
    throw new ConfigError(`Expected ${expected}, got ${String(value)}`)
  }
}
