import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { probe } from '../../../src/connect/exchange/probe.ts'
import { refuseHandshake } from '../../../src/session/handshake.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { addressOf, startNode, stopNodes, untilPeers } from '../../integration/nodes.ts'
import { eventually } from '../../support/eventually.ts'
import { sampleNodeInfo } from '../../support/sample.ts'
import { GENESIS_HASH } from '../../integration/nodes.ts'
import type { Network } from '../../../src/index.ts'

const LOCAL = sampleNodeInfo({ network: 'vibecoin-test', genesisHash: GENESIS_HASH })

describe('connect/exchange/probe', () => {
  let node: Network
  let target: Network

  beforeEach(async () => {
    ;[node, target] = await Promise.all([startNode({ maxOutbound: 0 }), startNode({ maxInbound: 1 })])
  })

  afterEach(stopNodes)

  async function dial (address = addressOf(target), { hasSession = false, network = LOCAL.network, ms = 5000 } = {}): Promise<string> {
    const { connectionManager } = (node.libp2p as unknown as { components: { connectionManager: Parameters<typeof probe>[0]['connectionManager'] } }).components

    return probe({
      connectionManager,
      clock: systemClock,
      hasSession: () => hasSession,
      judge: (info) => refuseHandshake({ ...LOCAL, network }, info)
    }, { peerId: multiaddr(address).getComponents().at(-1)!.value!, addresses: [address] }, AbortSignal.timeout(ms))
  }

  it('returns the address of a node of this network, and leaves neither a session nor a connection', async () => {
    assert.equal(await dial(), addressOf(target))
    await eventually(() => [node, target].every(({ libp2p }) => libp2p.getConnections().length === 0), 'no connection')
    assert.deepEqual([target.peers.counts.inbound, target.peers.counts.pending, target.peers.bans], [0, 0, []])
  })

  it('evicts no session of a full node', async () => {
    const peer = await startNode({ seedPeers: [addressOf(target)] })
    await untilPeers(target, [peer])
    await assert.rejects(dial(), { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS' })
    assert.equal(target.peers.get(peer.libp2p.peerId.toString())?.state, 'ready')
  })

  it('refuses a node of another network', async () => {
    await assert.rejects(dial(addressOf(target), { network: 'another' }), { name: 'DisconnectedError', reason: 'WRONG_NETWORK' })
  })

  it('fails where another peer answers', async () => {
    const address = `${addressOf(target).replace(/\/p2p\/.*/, '')}/p2p/12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd`

    await assert.rejects(dial(address))
  })

  it('opens a connection of its own beside that of a session, and closes that alone', async () => {
    const peer = await startNode({ seedPeers: [addressOf(node)] })
    await untilPeers(node, [peer])
    await dial(addressOf(peer), { hasSession: true })
    await eventually(() => node.libp2p.getConnections().length === 1, 'one connection')

    assert.equal(node.peers.counts.inbound, 1)
    assert.deepEqual(peer.status().dials.targets.map(({ failures }) => failures), [0])
  })
})
