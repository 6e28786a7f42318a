import { randomUUID } from 'node:crypto'
import { MemoryChain } from '../chain/memory-chain.ts'
import { sampleChain } from '../chain/sample.ts'
import { decodeBlock } from '../../codec/items/items.ts'
import { describe } from '../../config/checks.ts'
import { refuseUnknown } from '../../config/unknown-option.ts'
import { ConfigError } from '../../errors.ts'
import type { Topology } from './topology.ts'
import type { NetworkConfig } from '../../config/options.ts'
import type { Block } from '../../types/block.ts'
import type { ChainSource } from '../../types/chain.ts'

/** Nodes of one test network. */
export const MAX_TEST_NODES = 1000

/** Nodes of which the compiler knows how many there are, where it knows that and there are no more than 20. */
export type NodesOf<Node, Count extends number, Found extends Node[] = []> = number extends Count
  ? readonly Node[]
  : Found['length'] extends Count ? readonly [...Found] : Found['length'] extends 20 ? readonly [...Found, ...Node[]]
    : NodesOf<Node, Count, [...Found, Node]>

/** Nodes where the options do not say how many. */
const DEFAULT_NODES = 3

/** Options of a test network. */
export interface TestNetworkInit<Chain extends ChainSource = MemoryChain, Count extends number = number> {
  /** How many nodes there are, from 1. @default 3 */
  nodes?: Count
  /** Which node dials which. @default 'line' */
  topology?: Topology
  /**
   * The blocks that every node has in a {@link MemoryChain} of its own, or the chain of each node. All begin with the same block 0.
   *
   * @default sampleChain(1)
   */
  chain?: readonly Block[] | ((index: number) => Chain)
  /** What identities and a random topology are made from: the same for the same seed. A new one by default. */
  seed?: string | number
  /** Options of the nodes, beside those that the network gives them. */
  options?: Partial<NetworkConfig> | ((index: number) => Partial<NetworkConfig>)
  /** How long a wait takes at most, in ms. @default 8000 */
  within?: number
}

const OPTIONS: Record<keyof TestNetworkInit, true> = { nodes: true, topology: true, chain: true, seed: true, options: true, within: true }

/** The options of a node that comes later. */
export const ADDED_OPTIONS: Record<keyof AddedNode, true> = { to: true, chain: true, options: true }

/** A node that comes later. */
export interface AddedNode<Chain extends ChainSource = MemoryChain> {
  /** The nodes that it dials. @default [] */
  to?: readonly number[]
  /** Its chain. By default one as that of the others. */
  chain?: Chain
  /** Its options, beside those that the network gives all nodes. */
  options?: Partial<NetworkConfig>
}

/** What a test network is made of. */
export interface TestNetworkSettings<Chain extends ChainSource> extends Pick<TestNetworkInit<Chain>, 'within'> {
  topology: Topology
  seed: string | number
  nodes: number
  chainOf: (index: number) => Chain
  genesisHash: Uint8Array
  optionsOf: (index: number) => Partial<NetworkConfig>
}

/** Resolves the options. Throws a `ConfigError` for one that cannot be used. */
export async function resolveSettings<Chain extends ChainSource> (init: TestNetworkInit<Chain>): Promise<TestNetworkSettings<Chain>> {
  refuseUnknown(init, Object.keys(OPTIONS))
  const { nodes = DEFAULT_NODES, topology = 'line', chain = sampleChain(1), seed = randomUUID(), options = {}, within } = init

  checkCounts({ nodes, within })
  checkChain(chain)

  // without a function, they are of the default type
  const create = typeof chain === 'function' ? chain : () => new MemoryChain(chain) as ChainSource as Chain
  const first = create(0)
  const optionsOf = typeof options === 'function' ? options : () => options
  const genesis = await first.get(0)

  if (genesis == null) {
    throw new ConfigError('Expected `chain` to have block 0')
  }

  return {
    topology, seed, nodes, optionsOf,
    chainOf: (index) => index === 0 ? first : create(index),
    genesisHash: (genesis instanceof Uint8Array ? decodeBlock(genesis) : genesis).hash,
    ...within == null ? {} : { within }
  }
}

function checkChain (chain: unknown): void {
  if (typeof chain !== 'function' && !Array.isArray(chain)) {
    throw new ConfigError(`Expected \`chain\` to be an array of blocks, or a function that gives the chain of each node, got ${describe(chain)}`)
  }

  if (Array.isArray(chain) && (chain as (Partial<Block> | undefined)[])[0]?.height !== 0) {
    throw new ConfigError(`Expected \`chain\` to begin with block 0, got ${chain.length === 0 ? 'no block' : 'another one'}`)
  }
}

function checkCounts ({ nodes, within }: { nodes: number, within: number | undefined }): void {
  if (!(Number.isInteger(nodes) && nodes >= 1 && nodes <= MAX_TEST_NODES)) {
    throw new ConfigError(`Expected \`nodes\` to be an integer from 1 to ${MAX_TEST_NODES}, got ${describe(nodes)}`)
  }

  if (within !== undefined && !(typeof within === 'number' && within > 0)) {
    throw new ConfigError(`Expected \`within\` to be a number of milliseconds above 0, got ${describe(within)}`)
  }
}
