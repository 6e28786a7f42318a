import assert from 'node:assert/strict'
import { GENESIS_HASH, startNode, stopNodes } from './nodes.ts'
import { isPending } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { FIRST_PEER_TIMEOUT_MS } from '../../src/service/service.ts'
import { startNetworkWith } from '../../src/start-network.ts'
import { startNetwork } from '../../src/index.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { Network, SyncState } from '../../src/index.ts'

const CHAIN = sampleChain(8)

/** Notes the heights of `tip` events, and what `synced` and `behind` say. */
function watch (network: Network): { tips: number[], steps: [string, SyncState][] } {
  const seen = { tips: [] as number[], steps: [] as [string, SyncState][] }
  network.addEventListener('tip', ({ detail: { height } }) => { seen.tips.push(height) })
  network.addEventListener('synced', ({ detail }) => { seen.steps.push(['synced', detail]) })
  network.addEventListener('behind', ({ detail }) => { seen.steps.push(['behind', detail]) })

  return seen
}

describe('integration/in-step', () => {
  afterEach(stopNodes)

  it('tells of the tip whatever moves it, and of being behind and in step', async () => {
    await using network = await createTestNetwork({
      nodes: 2, topology: [], chain: (index) => new MemoryChain(CHAIN.slice(0, index === 0 ? 6 : 1))
    })
    const [a, b] = network.nodes
    const seen = watch(b.network)
    const synced = b.network.whenSynced()
    await network.connect(1, 0)
    assert.deepEqual(await synced, { height: 5, hash: CHAIN[5]!.hash })
    assert.equal(seen.tips.at(-1), 5)
    assert.deepEqual(seen.steps, [['behind', { height: 0, best: 5, behind: 5 }], ['synced', { height: 5, best: 5, behind: 0 }]])

    // a block of a peer, and one of its own
    for (const node of [b, a]) {
      const moved = node.once('tip')
      const { height, hash } = a.mine()
      assert.deepEqual(await moved, { height, hash })
    }
  })

  it('tells of a change of branch at the same height', async () => {
    const branch = growChain(CHAIN.slice(0, 3), 3, 'other')
    const chains = [branch, CHAIN.slice(0, 5)]
    await using network = await createTestNetwork({ nodes: 2, topology: [], chain: (index) => new MemoryChain(chains[index]) })
    const tip = network.nodes[1].once('tip')
    await network.connect(1, 0)
    assert.deepEqual(await tip, { height: branch.at(-1)!.height, hash: branch.at(-1)!.hash })
  })

  it('waits for as many peers as are wanted, a signal, or the end', async () => {
    await using network = await createTestNetwork({ nodes: 3, topology: [] })
    const [{ network: a }, b] = network.nodes
    const two = a.waitForPeers(2)
    const many = a.waitForPeers(41)
    const ended = assert.rejects(many, { name: 'NotRunningError' })
    const cancel = new AbortController()
    const given = a.waitForPeers(3, { signal: cancel.signal })
    cancel.abort(new Error('enough'))
    await assert.rejects(given, { message: 'enough' })
    await network.connect(1, 0)
    assert.deepEqual((await a.waitForPeers()).map(({ id }) => id), [b.id])
    assert(await isPending(two))
    await network.connect(0, 2)
    assert.equal((await two).length, 2)

    for (const count of [0, 1.5, 44, NaN]) {
      await assert.rejects(a.waitForPeers(count), { name: 'ConfigError', message: /from 1 to 43, .*got / })
    }

    await a.stop()
    await ended
    await assert.rejects(a.waitForPeers(), { name: 'NotRunningError' })
  })

  it('cannot be in step without a chain', async () => {
    const node = await startNode()
    await assert.rejects(node.whenSynced(), { name: 'SyncError', code: 'NO_STORE' })
  })

  it('synchronises right after the start: with the first peer that comes', async () => {
    await using network = await createTestNetwork({ nodes: 1, chain: CHAIN })
    const [{ address }] = network.nodes
    const b = await network.add({ chain: new MemoryChain(CHAIN.slice(0, 1)), options: { autoSync: false, seedPeers: [address] } })
    assert.deepEqual(await b.network.sync(), { from: 0, height: 7, reorganised: false })
  })

  it(`waits ${FIRST_PEER_TIMEOUT_MS} ms for it, or until the signal says so`, async () => {
    const clock = new FakeClock()
    const alone = await startNetworkWith({
      listen: [], genesisHash: GENESIS_HASH, chain: new MemoryChain(CHAIN.slice(0, 1))
    }, undefined, { clock })

    try {
      const cancel = new AbortController()
      const cancelled = alone.sync({ signal: cancel.signal })
      cancel.abort(new Error('enough'))
      await assert.rejects(cancelled, { message: 'enough' })
      await assert.rejects(alone.sync({ peer: alone.libp2p.peerId.toString() }), { name: 'RequestError', code: 'NO_PEERS' })
      const waiting = alone.sync()
      waiting.catch(() => {})
      await clock.advance(FIRST_PEER_TIMEOUT_MS - 1)
      assert(await isPending(waiting))
      await clock.advance(1)
      await assert.rejects(waiting, { name: 'RequestError', code: 'NO_PEERS' })
    } finally {
      await alone.stop()
    }
  })

  it('does not verify the rest of a batch when it is stopped', async () => {
    const slow = new MemoryChain(CHAIN.slice(0, 1))
    const verified: number[] = []
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    slow.verify = async ({ height }) => {
      verified.push(height)

      if (height === 3) {
        reached.resolve()
        await released.promise
      }
    }
    await using network = await createTestNetwork({ nodes: 2, chain: (index) => index === 0 ? new MemoryChain(CHAIN) : slow })
    await reached.promise
    const closed = network.nodes[1].once('peer:closed')
    const stopping = network.nodes[1].network.stop()
    await closed
    released.resolve()
    await stopping
    assert.deepEqual([verified, slow.tip().height], [[1, 2, 3], 0])
  })

  describe('a signal for the node', () => {
    it('ends it like stop()', async () => {
      const cancel = new AbortController()
      const node = await startNode({ signal: cancel.signal })
      const waiting = node.waitForPeers()
      cancel.abort()
      await assert.rejects(waiting, { name: 'NotRunningError' })
      await node.stop()
      assert.equal(node.libp2p.status, 'stopped')
    })

    it('ends the start, before it begins and while it goes on, and leaves nothing behind', async () => {
      const reason = new Error('not now')
      const config = { listen: ['/ip4/127.0.0.1/tcp/0'], genesisHash: GENESIS_HASH }
      await assert.rejects(startNetwork({ ...config, signal: AbortSignal.abort(reason) }), reason)
      const cancel = new AbortController()
      let closed = 0
      const chain = new MemoryChain(CHAIN.slice(0, 1))
      chain.tip = () => {
        cancel.abort(reason)
        closed++
        return { height: 0, hash: CHAIN[0]!.hash }
      }
      await assert.rejects(startNetwork({ ...config, chain, signal: cancel.signal }), reason)
      assert(closed > 0)
    })
  })
})
