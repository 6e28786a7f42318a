import assert from 'node:assert/strict'
import { addressOf, connect, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import type { Network } from '../../src/index.ts'

/** The peers that a node has run identify on, in the order in which that happened. */
function identifiedBy ({ libp2p }: Network): string[] {
  const identified: string[] = []
  libp2p.addEventListener('peer:identify', ({ detail }) => { identified.push(detail.peerId.toString()) })

  return identified
}

describe('integration/identify', () => {
  afterEach(stopNodes)

  it('runs on both sides of a connection that has lasted, and no session waits for it', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const [byA, byB] = [identifiedBy(a), identifiedBy(b)]
    await connect(a, b)
    assert.deepEqual([byA, byB], [[], []])

    await eventually(() => byA.length > 0 && byB.length > 0, 'identify to run on both sides')
    assert.deepEqual([byA, byB], [[b.libp2p.peerId.toString()], [a.libp2p.peerId.toString()]])
    const { protocols } = await a.libp2p.peerStore.get(b.libp2p.peerId)
    assert.ok(protocols.includes('/ipfs/id/1.0.0'), protocols.join())
  })

  it('does not run on a connection that has ended before', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const [byA, byB] = [identifiedBy(a), identifiedBy(b)]
    await connect(a, b)
    a.peers.disconnect(b.libp2p.peerId.toString())
    await eventually(() => [a, b].every(({ libp2p }) => libp2p.getConnections().length === 0), 'the connection to end')

    // the one after it is identified: the other one would have been before
    await a.connect(addressOf(b))
    await eventually(() => byA.length > 0 && byB.length > 0, 'identify to run on both sides')
    assert.deepEqual([byA, byB], [[b.libp2p.peerId.toString()], [a.libp2p.peerId.toString()]])
  })
})
