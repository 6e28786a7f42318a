import { hash } from 'node:crypto'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { numberOf } from './item.ts'
import { createStack } from '../stack.ts'
import { decodeBlock, decodeTransaction, encodeBlock, encodeTransaction } from '../../../src/index.ts'
import type { GossipInit, GossipNode } from './node.ts'
import type { Message as GossipMessage, GossipSub } from '@libp2p/gossipsub'
import type { Libp2p } from '@libp2p/interface'

const TOPICS = ['newBlock', 'newTransaction'] as const

/**
 * Gossipsub with its own settings, but for what makes it faster here: a message is encoded once for all peers, and identifiers of
 * messages without a signature are made without waiting. They are digests, as ours are.
 */
export async function startGossipsub ({ onItem }: GossipInit, isSigned: boolean): Promise<GossipNode> {
  const node = await createStack<{ identify: unknown, pubsub: GossipSub }>({
    isListening: true,
    services: {
      identify: identify(),
      pubsub: gossipsub({
        allowPublishToZeroTopicPeers: true,
        batchPublish: true,
        // all nodes of a benchmark share an address, for which it would not listen to them
        scoreParams: { IPColocationFactorWeight: 0 },
        ...(isSigned
          ? {}
          : { globalSignaturePolicy: 'StrictNoSign', msgIdFn: ({ data }: GossipMessage) => hash('sha256', data, 'buffer') })
      })
    }
  })

  const { pubsub } = node.services
  TOPICS.forEach((topic) => { pubsub.subscribe(topic) })

  pubsub.addEventListener('gossipsub:message', ({ detail: { msg } }) => {
    if (msg.topic === 'newBlock') {
      onItem('newBlock', decodeBlock(msg.data).height)
    } else {
      onItem('newTransaction', numberOf(decodeTransaction(msg.data)))
    }
  })

  return {
    address: node.getMultiaddrs()[0]!.toString(),
    peers: () => Math.min(...TOPICS.map((topic) => pubsub.getSubscribers(topic).length)),
    connect: async (address) => { await node.dial(multiaddr(address)) },
    publish: async (message) => {
      const bytes = message.type === 'newBlock' ? encodeBlock(message.block) : encodeTransaction(message.transaction)
      await pubsub.publish(message.type, bytes)
      await drained(node)
    },
    stop: async () => { await node.stop() }
  }
}

/** It puts no bound on what waits in its streams: without this it would run out of memory. */
async function drained (node: Libp2p): Promise<void> {
  for (const { streams } of node.getConnections()) {
    for (const stream of streams) {
      if (stream.writableNeedsDrain && stream.writeStatus === 'writable') {
        await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
      }
    }
  }
}
