import assert from 'node:assert/strict'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { TestNode } from '../../src/testing/index.ts'

/** The peers that a node has run identify on, in the order in which that happened. */
function identifiedBy ({ network: { libp2p } }: TestNode): string[] {
  const identified: string[] = []
  libp2p.addEventListener('peer:identify', ({ detail }) => { identified.push(detail.peerId.toString()) })

  return identified
}

describe('integration/identify', () => {
  it('runs on both sides of a connection that has lasted, and no session waits for it', async () => {
    await using network = await createTestNetwork({ nodes: 2, topology: [] })
    const [a, b] = network.nodes
    const [byA, byB] = [identifiedBy(a), identifiedBy(b)]
    await network.connect(0, 1)
    assert.deepEqual([byA, byB], [[], []])

    await network.until('identify to run on both sides', () => byA.length > 0 && byB.length > 0)
    assert.deepEqual([byA, byB], [[b.id], [a.id]])
    const { libp2p } = a.network
    const { protocols } = await libp2p.peerStore.get(b.network.libp2p.peerId)
    assert.ok(protocols.includes('/ipfs/id/1.0.0'), protocols.join())
  })

  it('does not run on a connection that has ended before', async () => {
    await using network = await createTestNetwork({ nodes: 2, topology: [] })
    const [a, b] = network.nodes
    const [byA, byB] = [identifiedBy(a), identifiedBy(b)]
    await network.connect(0, 1)
    a.network.peers.disconnect(b.id)
    await network.until('the connection to end', () => [a, b].every(({ network: { libp2p } }) => libp2p.getConnections().length === 0))

    // the one after it is identified: the other one would have been before
    await network.connect(0, 1)
    await network.until('identify to run on both sides', () => byA.length > 0 && byB.length > 0)
    assert.deepEqual([byA, byB], [[b.id], [a.id]])
  })
})
