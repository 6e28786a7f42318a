import { VERSION, decodeBlock, digestOf, encodeBlock, startNetwork, vibecoin } from 'vibecoin-network'
import type {
  Block, ChainStore, Handlers, Network, NetworkConfig, PeerManager, ReceivedBlock, Tip, VibeCoin, VibeCoinEvents
} from 'vibecoin-network'

// The program of an application that has installed the package. Compiled against what the package holds, and run.

const NONE = new Uint8Array(32)
const genesis: Block = { height: 0, hash: NONE, prevHash: NONE, timestamp: 0, stateRoot: NONE, transactions: [], proof: new Uint8Array(0) }

class Chain implements ChainStore {
  readonly blocks = [decodeBlock(encodeBlock(genesis))]

  tip (): Tip {
    return this.blocks.at(-1)!
  }

  get (height: number): Block | undefined {
    return this.blocks[height]
  }

  append (received: readonly ReceivedBlock[]): void {
    this.blocks.push(...received.map(({ block }) => block))
  }
}

const handlers: Partial<Handlers> = {
  newTransaction: (transaction, peer) => peer.state === 'ready' && transaction.gasPrice > 0n ? 'accept' : 'ignore'
}

const config: NetworkConfig = {
  network: 'consumer',
  genesisHash: genesis.hash,
  listen: ['/ip4/127.0.0.1/tcp/0'],
  chain: new Chain(),
  handlers
}

const network: Network = await startNetwork(config)
const peers: PeerManager = network.peers

network.addEventListener('peer:closed', ({ detail }: VibeCoinEvents['peer:closed']) => { console.log(detail.reason) })

// what a node of one's own takes as a service
export const service: (components: Parameters<ReturnType<typeof vibecoin>>[0]) => VibeCoin = vibecoin({ genesisHash: genesis.hash })

// and what the compiler has to refuse: it would take everything where it found no types
export async function startWithoutGenesis (): Promise<Network> {
  // @ts-expect-error: the genesis hash is missing
  return startNetwork({ maxInbound: 1 })
}

console.log(VERSION, peers.counts.inbound, digestOf(encodeBlock(genesis)).length, network.libp2p.getMultiaddrs().length)
await network.stop()
