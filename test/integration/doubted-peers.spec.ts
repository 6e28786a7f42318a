import assert from 'node:assert/strict'
import { connect, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryChain, RawPeer, sampleChain } from '../../src/testing/index.ts'

const CHAIN = sampleChain(6)
const CLAIMED = 5000

describe('integration/doubted peers', () => {
  let liar: RawPeer

  afterEach(async () => {
    await liar.stop()
    await stopNodes()
  })

  it('is not in step with a peer that claims blocks and sends none, names it, and is in step as soon as an honest peer confirms the tip', async () => {
    const node = await startNode({ chain: new MemoryChain(CHAIN.slice(0, 1)), requestTimeout: 300 })
    const honest = await startNode({ chain: new MemoryChain(CHAIN) })
    liar = await RawPeer.start({ node: { nodeId: 'liar', bestHeight: CLAIMED } })
    const session = await liar.connect(node)
    session.answerPings({ bestHeight: CLAIMED })

    const sync = await eventually(() => node.status().sync.doubted.length > 0 && node.status().sync, 'doubt')
    assert.deepEqual([sync.state, sync.behind, sync.grownAt], ['unknown', 0, null])
    assert.deepEqual(sync.doubted.map(({ nodeId, claimed, believed }) => [nodeId, claimed, believed]), [['liar', CLAIMED, 0]])
    assert.ok(sync.since != null && sync.since <= Date.now())
    await connect(node, honest)
    assert.equal((await node.whenSynced()).height, CHAIN.length - 1)
    const { state, since, grownAt } = node.status().sync
    assert.deepEqual([state, since, typeof grownAt], ['synced', null, 'number'])
  })
})
