import assert from 'node:assert/strict'
import { addressOf, freePorts, nextEvent, startNode, stopNodes, untilPeers } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock } from '../support/sample.ts'
import type { Network } from '../../src/index.ts'

describe('integration/seeds', () => {
  afterEach(stopNodes)

  async function startBoth (order: 'together' | 'first' | 'second'): Promise<[Network, Network]> {
    const [a, b] = await freePorts(2) as [number, number]
    const seed = (port: number): string => `/ip4/127.0.0.1/tcp/${port}`
    const startA = async (): Promise<Network> => startNode({ listen: [seed(a)], seedPeers: [seed(b)], nodeId: 'a' })
    const startB = async (): Promise<Network> => startNode({ listen: [seed(b)], seedPeers: [seed(a)], nodeId: 'b' })

    if (order === 'together') {
      return Promise.all([startA(), startB()])
    }

    if (order === 'first') {
      return [await startA(), await startB()]
    }

    const second = await startB()

    return [await startA(), second]
  }

  for (const order of ['together', 'first', 'second'] as const) {
    it(`end with exactly one session and one connection, started ${order}`, async () => {
      const [a, b] = await startBoth(order)

      await eventually(() => {
        return [a, b].every((node) => {
          const { inbound, outbound, pending } = node.peers.counts

          return inbound + outbound === 1 && pending === 0 && node.libp2p.getConnections().length === 1
        })
      }, 'one session and one connection on both sides')

      const [fromA] = a.peers
      const [fromB] = b.peers
      assert.equal(fromA?.id, b.libp2p.peerId.toString())
      assert.equal(fromB?.id, a.libp2p.peerId.toString())
      assert.notEqual(fromA?.direction, fromB?.direction, 'both sides keep the same stream')
    })
  }

  it('hand a block of one to the handler of the other, with the name of the sender', async () => {
    const [a, b] = await startBoth('together')
    await eventually(() => [...a.peers].length === 1 && [...b.peers].length === 1, 'a session')

    const received = new Promise<{ height: number, from: string }>((resolve) => {
      b.router.handle('newBlock', (block, peer) => { resolve({ height: block.height, from: peer.nodeId }) })
    })

    const announced = nextEvent(b, 'block')
    assert.deepEqual(a.broadcast({ type: 'newBlock', block: sampleBlock({ height: 7 }) }), { queued: 1, skipped: 0 })
    assert.deepEqual(await received, { height: 7, from: 'a' })
    assert.equal((await announced).block.height, 7)
  })

  it('do not dial themselves', async () => {
    const [port] = await freePorts(1) as [number]
    const own = `/ip4/127.0.0.1/tcp/${port}`
    const other = await startNode()
    const node = await startNode({ listen: [own], seedPeers: [own, addressOf(other)] })
    const failures: string[] = []
    node.addEventListener('dial:failed', ({ detail }) => { failures.push(detail.target) })
    await untilPeers(node, [other])

    assert.deepEqual([...node.peers].map(({ id }) => id), [other.libp2p.peerId.toString()])
    assert.deepEqual(failures, [])
  })

  it('are not to be connected to where they lead to the node itself', async () => {
    const node = await startNode()
    const address = addressOf(node)

    for (const own of [address, address.replace(/\/p2p\/.*/, '')]) {
      await assert.rejects(node.connect(own), { name: 'ConfigError', message: `${own} leads to this node itself. Give the address of another node` })
    }

    assert.deepEqual(node.peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('is found by its clients when it starts after them', async () => {
    const [port] = await freePorts(1) as [number]
    const seed = `/ip4/127.0.0.1/tcp/${port}`
    const clients = await Promise.all([startNode({ seedPeers: [seed] }), startNode({ seedPeers: [seed] })])
    await Promise.all(clients.map(async (client) => nextEvent(client, 'dial:failed')))

    const node = await startNode({ listen: [seed] })
    await untilPeers(node, clients)
  })
})
