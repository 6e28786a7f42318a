import assert from 'node:assert/strict'
import { addressOf, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import type { Network } from '../../src/index.ts'

describe('integration/slots', () => {
  afterEach(stopNodes)

  /** A node that has a session with the hub. */
  async function enter (hub: Network): Promise<Network> {
    const client = await startNode({ listen: [], maxOutbound: 1 })
    await client.connect(addressOf(hub))
    await eventually(() => hub.peers.get(client.libp2p.peerId.toString()) != null, 'the session at the other side')

    return client
  }

  it('are not needed for reserved peers, which are dialled without any', async () => {
    const b = await startNode({ maxOutbound: 0, maxInbound: 1 })
    const a = await startNode({ maxOutbound: 0, maxInbound: 0, reservedPeers: [addressOf(b)] })
    await eventually(() => a.peers.counts.reserved === 1 && b.peers.counts.inbound === 1, 'a session')

    assert.deepEqual(a.peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 1 })
    await a.stop()
  })

  it('are not needed for reserved peers that come while all are taken', async () => {
    const friend = await startNode({ maxOutbound: 1 })
    const hub = await startNode({ maxOutbound: 0, maxInbound: 1, reservedPeers: [addressOf(friend)] })
    await eventually(() => hub.peers.counts.reserved === 1, 'the reserved peer')
    await enter(hub)
    hub.peers.disconnect(friend.libp2p.peerId.toString())
    await friend.connect(addressOf(hub)).catch(() => {})
    await eventually(() => hub.peers.counts.reserved === 1, 'the reserved peer again')

    assert.deepEqual(hub.peers.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 1 })
  })

  it('are given to newcomers in place of those who came last, and never to more than there are', async () => {
    const hub = await startNode({ maxInbound: 8, maxOutbound: 0 })
    const reasons: unknown[] = []
    let most = 0
    hub.addEventListener('peer:ready', () => { most = Math.max(most, hub.peers.counts.inbound) })
    const clients: Network[] = []

    for (let i = 0; i < 12; i++) {
      const client = await enter(hub)
      client.addEventListener('peer:closed', ({ detail }) => { reasons.push(detail.reason) })
      clients.push(client)
    }

    await eventually(() => reasons.length === 4, 'four ends')
    assert.deepEqual(reasons, Array(4).fill('TOO_MANY_CONNECTIONS'))
    assert.equal(most, 8)
    assert.deepEqual(clients.slice(0, 4).map(({ peers }) => peers.counts.outbound), [1, 1, 1, 1])
    assert.equal(clients.at(-1)?.peers.counts.outbound, 1)
  })

  it('are not needed to connect to a peer with a session, by its peer id or its address', async () => {
    const hub = await startNode({ maxOutbound: 0 })
    const other = await startNode({ maxOutbound: 0 })
    const stranger = await startNode({ maxOutbound: 0 })
    const node = await startNode({ maxOutbound: 2 })
    const peers = [await node.connect(addressOf(hub)), await node.connect(addressOf(other))]

    for (const [i, network] of [hub, other].entries()) {
      assert.equal(await node.connect(addressOf(network)), peers[i])
      assert.equal(await node.connect(addressOf(network).replace(/\/p2p\/.*$/, '')), peers[i])
    }

    await assert.rejects(node.connect(addressOf(stranger)), { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS' })
    await assert.rejects(node.connect(addressOf(stranger).replace(/\/p2p\/.*$/, '')), { name: 'DisconnectedError' })
    assert.equal(node.peers.counts.outbound, 2)
  })
})
