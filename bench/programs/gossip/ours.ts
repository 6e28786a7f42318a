import { numberOf } from './item.ts'
import { NO_LIMITS } from '../limits.ts'
import { startNetwork } from '../../../src/index.ts'
import type { GossipInit, GossipNode } from './node.ts'
import type { NetworkConfig } from '../../../src/index.ts'

/** More than any node of a benchmark has. */
const MAX_PEERS = 64

/**
 * This package as its users have it, or with other options. It hears of no other peers: a network of a bench has the shape that it was
 * given, and nodes that hear of others dial them.
 */
export async function startOurs ({ onItem }: GossipInit, config: Partial<NetworkConfig> = {}): Promise<GossipNode> {
  const network = await startNetwork({
    ...NO_LIMITS,
    features: ['short-digests', 'compact-blocks'],
    ...config,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    network: 'vibecoin-bench',
    genesisHash: new Uint8Array(32),
    maxInbound: MAX_PEERS,
    maxOutbound: MAX_PEERS,
    maxPendingHandshakes: MAX_PEERS,
    handlers: {
      newBlock: (block) => {
        onItem('newBlock', block.height)

        return 'accept'
      },
      newTransaction: (transaction) => {
        onItem('newTransaction', numberOf(transaction))

        return 'accept'
      }
    }
  })

  return {
    address: network.libp2p.getMultiaddrs()[0]!.toString(),
    peers: () => [...network.peers].length,
    connect: async (address) => { await network.connect(address) },
    publish: (message) => {
      network.broadcast(message)

      return undefined
    },
    messages: (type) => network.status().bandwidth.in.byType[type]?.messages ?? 0,
    stop: async () => { await network.stop() }
  }
}
