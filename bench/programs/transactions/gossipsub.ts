import { transactions } from './sample.ts'
import { startNode } from '../gossip/start-node.ts'
import type { GossipKind } from '../gossip/node.ts'
import type { Transfer } from '../transfer.ts'

/** Gossipsub between two nodes: what is published on one side arrives at a decoding handler on the other. */
export function gossipsub (kind: GossipKind): Transfer {
  return {
    receive: async () => {
      let count = 0
      const node = await startNode(kind, { onItem: () => { count++ } })

      return { address: node.address, count: () => count, stop: node.stop }
    },

    send: async (address, signal) => {
      const node = await startNode(kind, { onItem: () => {} })
      await node.connect(address)

      while (node.peers() === 0) {
        await new Promise((resolve) => { setTimeout(resolve, 10) })
      }

      let sent = 0

      for (const transaction of transactions()) {
        if (signal.aborted) {
          break
        }

        await node.publish({ type: 'newTransaction', transaction })

        // lets the signal through, and the event loop have its turn
        if (++sent % 100 === 0) {
          await new Promise((resolve) => { setImmediate(resolve) })
        }
      }

      await node.stop()
    }
  }
}
