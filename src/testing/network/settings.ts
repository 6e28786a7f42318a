import { randomUUID } from 'node:crypto'
import { MemoryChain } from '../chain/memory-chain.ts'
import { sampleChain } from '../chain/sample.ts'
import { decodeBlock } from '../../codec/items/items.ts'
import { ConfigError } from '../../errors.ts'
import type { Topology } from './topology.ts'
import type { NetworkConfig } from '../../config/options.ts'
import type { Block } from '../../types/block.ts'
import type { ChainSource } from '../../types/chain.ts'

/** Nodes of one test network. */
export const MAX_TEST_NODES = 1000

/** Options of a test network. */
export interface TestNetworkInit<Chain extends ChainSource = MemoryChain> {
  /** How many nodes there are, from 1. @default 3 */
  nodes?: number
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

/** What a test network is made of. */
export interface TestNetworkSettings<Chain extends ChainSource> extends Pick<TestNetworkInit<Chain>, 'within'> {
  topology: Topology
  seed: string | number
  chains: readonly Chain[]
  genesisHash: Uint8Array
  optionsOf: (index: number) => Partial<NetworkConfig>
}

/** Resolves the options. Throws a `ConfigError` for one that cannot be used. */
export async function resolveSettings<Chain extends ChainSource> (init: TestNetworkInit<Chain>): Promise<TestNetworkSettings<Chain>> {
  const { nodes = 3, topology = 'line', chain = sampleChain(1), seed = randomUUID(), options = {}, within } = init

  if (!(Number.isInteger(nodes) && nodes >= 1 && nodes <= MAX_TEST_NODES)) {
    throw new ConfigError(`Expected \`nodes\` to be an integer from 1 to ${MAX_TEST_NODES}, got ${nodes}`)
  }

  // without a function, they are of the default type
  const create = typeof chain === 'function' ? chain : () => new MemoryChain(chain) as ChainSource as Chain
  const chains = Array.from({ length: nodes }, (_, index) => create(index))
  const optionsOf = typeof options === 'function' ? options : () => options
  const genesis = await chains[0]!.get(0)

  if (genesis == null) {
    throw new ConfigError('Expected `chain` to have block 0')
  }

  return {
    topology, seed, chains, optionsOf,
    genesisHash: (genesis instanceof Uint8Array ? decodeBlock(genesis) : genesis).hash,
    ...within == null ? {} : { within }
  }
}
