import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { nextEvent, startNode, stopNodes } from './nodes.ts'
import { RACE_DIAL_TIMEOUT_MS } from '../../src/connect/dial/race.ts'
import { eventually } from '../support/eventually.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { DialEnd } from '../../src/types/dial-end.ts'
import type { KnownPeer, KnownPeers } from '../../src/types/known-peers.ts'
import type { Socket as UdpSocket } from 'node:dgram'
import type { AddressInfo, Server, Socket } from 'node:net'

const NO_PEERS: KnownPeers = {
  load: async () => [], anchors: async () => [], setAnchors: async () => {}, save: async () => {}, noteFailure: async () => {},
  remove: async () => {}, close: async () => {}
}

describe('integration/races', function () {
  this.timeout(30_000)
  let silentUdp: UdpSocket
  let asked: number
  /** Accepts connections, and says nothing. */
  let silentTcp: Server
  const sockets = new Set<Socket>()

  beforeEach(async () => {
    asked = 0
    silentUdp = createSocket('udp4').on('message', () => { asked++ }).bind(0, '127.0.0.1')
    silentTcp = createServer((socket) => { sockets.add(socket.on('error', () => {}).resume()) }).listen(0, '127.0.0.1')
    await Promise.all([once(silentUdp, 'listening'), once(silentTcp, 'listening')])
  })

  afterEach(async () => {
    await stopNodes()
    silentUdp.close()
    silentTcp.close()
    sockets.forEach((socket) => { socket.destroy() })
    sockets.clear()
  })

  const tcpOf = (node: Network): string => node.libp2p.getMultiaddrs().map(String).find((address) => address.includes('/tcp/'))!
  const portOf = (socket: { address: () => unknown }): number => (socket.address() as AddressInfo).port

  /** Starts a node that knows a peer at these addresses, and says what became of its dial. */
  async function dial (config: Partial<NetworkConfig>, other: Network, addresses: string[]): Promise<DialEnd> {
    const known: KnownPeer[] = [{ id: other.libp2p.peerId.toString(), addresses, lastSuccess: Date.now() }]
    const node = await startNode(config, undefined, { knownPeers: { ...NO_PEERS, load: async () => known } })

    return nextEvent(node, 'dial:end', ({ outcome }) => outcome === 'ready')
  }

  it('of QUIC that no packet comes back from, and TCP, make a session over TCP long before QUIC has failed', async () => {
    const other = await startNode()
    const listen = ['/ip4/127.0.0.1/udp/0/quic-v1']
    const { begun, connected } = await dial({ listen }, other, [`/ip4/127.0.0.1/udp/${portOf(silentUdp)}/quic-v1`, tcpOf(other)])
    assert.ok(asked > 0, 'QUIC was tried')
    assert.ok(connected! - begun < RACE_DIAL_TIMEOUT_MS, `${connected! - begun} ms`)
  })

  it('of which one accepts connections and says nothing, make a session at the other', async () => {
    const other = await startNode()
    const silent = `/ip4/127.0.0.1/tcp/${portOf(silentTcp)}`
    const { begun, connected } = await dial({ listen: [] }, other, [silent, tcpOf(other)])
    assert.equal(sockets.size, 1)
    assert.ok(connected! - begun < RACE_DIAL_TIMEOUT_MS, `${connected! - begun} ms`)
    await eventually(() => [...sockets].every(({ destroyed }) => destroyed), 'the end of the loser')
  })
})
