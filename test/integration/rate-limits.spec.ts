import assert from 'node:assert/strict'
import { turns } from '../support/eventually.ts'
import { createTestNetwork, MemoryChain, sampleChain, sampleTransactions } from '../../src/testing/index.ts'
import type { Session } from '../../src/session/session.ts'
import type { NetworkConfig } from '../../src/index.ts'
import type { TestNetworkInit, TestNode } from '../../src/testing/index.ts'

const chain = sampleChain(1000)

/** A node with a chain, and one that fetches it, with these options. */
function fetching (options: Partial<NetworkConfig>): TestNetworkInit<MemoryChain, 2> {
  return {
    nodes: 2,
    chain: (index) => new MemoryChain(index === 0 ? chain : chain.slice(0, 1)),
    options: (index) => ({ ...options, autoSync: index === 0 })
  }
}

/** What comes late on a busy machine comes together, and waits for so long at most, in ms. */
const JOINED_MS = 50

/** For how long a node was to read nothing of another one, in ms. */
async function slowedMs (node: TestNode, from: TestNode): Promise<number> {
  return (await node.peer(from)).toJSON().rates.slowedMs
}

describe('integration/rate-limits', () => {
  it('lets a node fetch a chain as fast as the limits allow, and no server waits for it to read on', async () => {
    const rateLimits = { blocksAsked: { perSecond: 500, burst: 200 } }
    await using network = await createTestNetwork(fetching({ rateLimits }))
    const [server, client] = network.nodes
    const since = performance.now()
    await client.network.sync()
    const ms = performance.now() - since

    assert.deepEqual(client.chain.blocks, chain)
    assert.ok(ms > 1500, `${ms} ms`)
    assert.ok(await slowedMs(server, client) < JOINED_MS)
  })

  it('lets a node fetch a chain from a server that answers short for hardly more than what comes, and no server waits for it', async () => {
    const rateLimits = { blocksAsked: { perSecond: 1000, burst: 200 } }
    await using network = await createTestNetwork(fetching({ rateLimits, limits: { servedBlocks: 7 } }))
    const [server, client] = network.nodes
    let asked = 0
    const { budget } = await client.peer(server) as Session
    const take = budget.take.bind(budget)
    budget.take = (name, count) => {
      asked += name === 'blocksAsked' ? count ?? 1 : 0
      take(name, count)
    }
    await client.network.sync()

    assert.deepEqual(client.chain.blocks, chain)
    assert.ok(asked <= 1.3 * chain.length, `${asked} blocks were asked for`)
    assert.ok(await slowedMs(server, client) < JOINED_MS)
  })

  it('keeps what is broadcast within the limits of the peers, and says what was dropped', async () => {
    // with short digests, what was dropped may come out of the pool
    const options = { rateLimits: { transactions: { perSecond: 100, burst: 100 } }, features: [], chain: undefined }
    await using network = await createTestNetwork({ nodes: 2, options })
    const [sender, receiver] = network.nodes
    let [queued, received] = [0, 0]
    receiver.on('transaction', () => { received++ })

    for (const [i, transaction] of sampleTransactions(5000).entries()) {
      queued += sender.network.broadcast({ type: 'newTransaction', transaction }).queued

      if (i % 100 === 0) {
        await turns(1)
      }
    }

    await network.untilQuiet()
    assert.ok(queued >= 90 && queued < 2000, `${queued} of 5000`)
    assert.equal(received, queued)
    assert.equal(await slowedMs(receiver, sender), 0)
  })

  it('reads slowly from a peer that floods, and answers others meanwhile', async () => {
    await using network = await createTestNetwork({
      nodes: 1, chain, options: { rateLimits: { blocksAsked: { perSecond: 100, burst: 10 } } }
    })
    const [node] = network.nodes
    const [flooder, honest] = await Promise.all([network.rawPeer(), network.rawPeer()])
    const [bad, good] = [await flooder.connect(node.network), await honest.connect(node.network)]

    for (let i = 1; i <= 2000; i++) {
      bad.send({ type: 'requestBlock', height: i % 1000 }, BigInt(i))
    }

    const since = performance.now()
    good.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
    await good.next('pong')
    good.send({ type: 'requestBlock', height: 7 }, 1n)
    await good.next('responseBlock')
    assert.ok(performance.now() - since < 2000)

    for (let i = 1; i <= 50; i++) {
      await bad.next('responseBlock')
    }

    assert.ok(performance.now() - since >= 300, 'it was not read faster than it may be')
    const closed = node.once('peer:closed', ({ peer }) => peer.id === flooder.id)
    node.network.peers.disconnect(flooder.id)
    await closed
  })
})
