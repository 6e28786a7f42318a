import assert from 'node:assert/strict'
import { turns } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleChain, sampleHash, sampleTransaction } from '../support/sample.ts'
import { connect, nextEvent, sessionOf, startNode, startRawPeer, stopNodes, untilQuiet } from './nodes.ts'

const chain = sampleChain(1000)
const genesisHash = chain[0]!.hash

describe('integration/rate-limits', () => {
  afterEach(async () => {
    await stopNodes()
  })

  it('lets a node fetch a chain as fast as the limits allow, and no server waits for it to read on', async () => {
    const rateLimits = { blocksAsked: { perSecond: 500, burst: 200 } }
    const server = await startNode({ chain: new MemoryChain(chain), genesisHash, rateLimits })
    const copy = new MemoryChain(chain.slice(0, 1))
    const client = await startNode({ chain: copy, genesisHash, rateLimits, autoSync: false })
    await connect(client, server)
    const since = performance.now()
    await client.sync()
    const ms = performance.now() - since

    assert.deepEqual(copy.blocks, chain)
    assert.ok(ms > 1500, `${ms} ms`)
    assert.equal(sessionOf(server, client).rates.slowedMs, 0)
  })

  it('lets a node fetch a chain from a server that answers short for hardly more than what comes, and no server waits for it', async () => {
    const rateLimits = { blocksAsked: { perSecond: 1000, burst: 200 } }
    const server = await startNode({ chain: new MemoryChain(chain), genesisHash, rateLimits, limits: { servedBlocks: 7 } })
    const copy = new MemoryChain(chain.slice(0, 1))
    const client = await startNode({ chain: copy, genesisHash, rateLimits, autoSync: false })
    let asked = 0
    await connect(client, server)
    const { budget } = sessionOf(client, server)
    const take = budget.take.bind(budget)
    budget.take = (name, count) => {
      asked += name === 'blocksAsked' ? count ?? 1 : 0
      take(name, count)
    }
    await client.sync()

    assert.deepEqual(copy.blocks, chain)
    assert.ok(asked <= 1.3 * chain.length, `${asked} blocks were asked for`)
    assert.equal(sessionOf(server, client).rates.slowedMs, 0)
  })

  it('keeps what is broadcast within the limits of the peers, and says what was dropped', async () => {
    // with short digests, what was dropped may come out of the pool
    const config = { rateLimits: { transactions: { perSecond: 100, burst: 100 } }, features: [] }
    const [sender, receiver] = await Promise.all([startNode(config), startNode(config)])
    let received = 0
    receiver.router.handle('newTransaction', () => {
      received++

      return 'accept'
    })
    await connect(sender, receiver)
    let queued = 0

    for (let i = 0; i < 5000; i++) {
      queued += sender.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ id: sampleHash(i) }) }).queued

      if (i % 100 === 0) {
        await turns(1)
      }
    }

    await untilQuiet([sender, receiver])
    assert.ok(queued >= 90 && queued < 2000, `${queued} of 5000`)
    assert.equal(received, queued)
    assert.equal(sessionOf(receiver, sender).rates.slowedMs, 0)
  })

  it('reads slowly from a peer that floods, and answers others meanwhile', async () => {
    const node = await startNode({ rateLimits: { blocksAsked: { perSecond: 100, burst: 10 } }, chain: new MemoryChain(chain), genesisHash })
    const [flooder, honest] = await Promise.all([startRawPeer(), startRawPeer()])
    const [bad, good] = [await flooder.connect(node, { genesisHash }), await honest.connect(node, { genesisHash })]

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
    const closed = nextEvent(node, 'peer:closed', ({ peer }) => peer.id === flooder.id)
    node.peers.disconnect(flooder.id)
    await closed
  })
})
