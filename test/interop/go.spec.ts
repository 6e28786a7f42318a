import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { peerIdFromString } from '@libp2p/peer-id'
import { eventually } from '../support/eventually.ts'
import { addressOf, nextEvent, startNode } from '../integration/nodes.ts'
import { sampleTransaction } from '../support/sample.ts'
import { endOf, GO_PEER, idOf, meet, readyOf, startPeer, withGoPeer } from './go-peer.ts'
import { differences } from './vectors.ts'
import type { PeerOptions } from './peer-process.ts'

const MIB = 1024 * 1024

interface Vector { name: string, effect: string, frame: string }

const [tolerated, invalid] = ['tolerated', 'invalid'].map((name) => {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as Vector[]
}) as [Vector[], Vector[]]

describe('interop/go', () => {
  withGoPeer()

  it('decodes every fixture as it says', async () => {
    assert.deepEqual(await differences(GO_PEER), [])
  })

  describe('a session', () => {
    for (const who of ['node', 'peer'] as const) {
      it(`that the ${who} has opened is ready on both sides, and ends with the reason of who ends it`, async () => {
        const [node, peer] = await Promise.all([startNode(), startPeer()])
        await meet(node, peer, who)
        await peer.event('pong')
        const closed = nextEvent(node, 'peer:closed')
        await peer.ask({ do: 'disconnect', peer: node.libp2p.peerId.toString(), reason: 'SHUTDOWN', detail: 'enough' })
        const { reason, detail } = await closed
        assert.deepEqual([reason, detail], ['SHUTDOWN', 'enough'])
      })
    }
  })

  describe('a handshake is refused', () => {
    const cases: { why: string, options: PeerOptions, reason: string }[] = [
      { why: 'another network', options: { network: 'other' }, reason: 'WRONG_NETWORK' },
      { why: 'another genesis block', options: { genesis: new Uint8Array(32).fill(2) }, reason: 'WRONG_NETWORK' },
      { why: 'another version', options: { args: ['--version', '2'] }, reason: 'INCOMPATIBLE_VERSION' }
    ]

    for (const { why, options, reason } of cases) {
      it(`for ${why}, and both say so`, async () => {
        const [node, peer] = await Promise.all([startNode(), startPeer(options)])
        const refused = nextEvent(node, 'peer:refused')
        await peer.ask({ do: 'dial', address: addressOf(node) })
        assert.equal((await peer.event('refused')).reason, reason)
        assert.equal((await refused).reason, reason)
      })
    }

    it('for want of room, by either side', async () => {
      const [node, full] = await Promise.all([startNode({ maxInbound: 0 }), startPeer({ args: ['--room', '0'] })])
      await full.ask({ do: 'dial', address: addressOf(node) })
      const other = await startNode()
      const refused = nextEvent(other, 'peer:refused')
      await assert.rejects(other.connect(full.address))
      assert.deepEqual([(await refused).reason, (await refused).byRemote], ['TOO_MANY_CONNECTIONS', true])
      const peer = await startPeer()
      await peer.ask({ do: 'dial', address: addressOf(node) })
      assert.deepEqual(endOf(await peer.event('refused')), ['them', 'TOO_MANY_CONNECTIONS'])
    })

    it('for a ban, by either side', async () => {
      const [node, peer] = await Promise.all([startNode(), startPeer()])
      await meet(node, peer)
      // a pong inside of a pong is none: a length in two bytes
      await peer.ask({ do: 'send', peer: idOf(node), frame: '86004a0408011005' })
      assert.deepEqual(endOf(await peer.event('closed')), ['them', 'PROTOCOL_VIOLATION'])
      // the host is banned too: its connection is closed before anything can be said
      await assert.rejects(peer.ask({ do: 'dial', address: addressOf(node) }))
    })
  })

  describe('items', () => {
    it('go from node to node through the peer as the bytes that they are', async () => {
      const [from, to, peer] = await Promise.all([startNode(), startNode(), startPeer()])
      await meet(from, peer)
      await meet(to, peer, 'peer')

      for (const data of [0, 100, 20_000, 1.5 * MIB]) {
        const transaction = sampleTransaction({ data: new Uint8Array(data), nonce: BigInt(data) })
        const came = nextEvent(to, 'transaction')
        from.broadcast({ type: 'newTransaction', transaction })
        assert.deepEqual((await came).transaction, transaction)
      }
    })

    it('with unknown fields keep them on their way through nodes and peers', async () => {
      const [n1, n2, p1, p2, p3] = await Promise.all([startNode(), startNode(), startPeer(), startPeer(), startPeer()])
      await meet(n1, p1)
      await meet(n1, p2)
      await meet(n2, p2)
      await meet(n2, p3)

      for (const name of ['unknown fields in a newTransaction', 'unknown fields in a newBlock']) {
        const { frame } = tolerated.find((vector) => vector.name === name)!
        await p1.ask({ do: 'send', peer: idOf(n1), frame })
        const { digest, bytes } = await p2.event('item')
        await p3.event('item', (event) => event.digest === digest && event.bytes === bytes)
        p2.events.length = 0
      }
    })

    it('that are malformed are refused and not relayed, and the session goes on', async () => {
      const refused = invalid.filter(({ effect }) => effect === 'item refused').slice(0, 10)
      const [node, from, to] = await Promise.all([startNode(), startPeer(), startPeer()])
      await meet(node, from)
      await meet(node, to)

      for (const { frame } of refused) {
        await from.ask({ do: 'send', peer: idOf(node), frame })
      }

      const { digest } = await from.ask({ do: 'broadcast', kind: 'transaction', size: 10 })
      assert.equal((await to.event('item')).digest, digest)
      assert.deepEqual([refused.length, readyOf(from)], [10, 1])
    })

    it('that are announced are asked for, on both sides', async () => {
      const [node, other, peer] = await Promise.all([startNode(), startNode(), startPeer()])
      await meet(node, peer)
      await meet(other, peer)
      const came = [nextEvent(node, 'block'), nextEvent(other, 'block')]
      await peer.ask({ do: 'broadcast', kind: 'block', size: 100_000, announce: true })
      await Promise.all(came)
      assert.equal(peer.events.filter(({ event }) => event === 'want').length, 2)
    })
  })

  describe('both dial at the same time', () => {
    it('and keep the same one of the two sessions, in both orders of the ids', async () => {
      const orders = new Set<boolean>()
      let collisions = 0

      for (let i = 0; i < 40; i++) {
        const [node, peer] = await Promise.all([startNode(), startPeer()])
        await Promise.allSettled([node.connect(peer.address), peer.ask({ do: 'dial', address: addressOf(node) })])
        await eventually(() => [...node.peers].length === 1 && readyOf(peer) === 1, `one session on both sides: ${JSON.stringify(peer.events)}`)
        const came = nextEvent(node, 'transaction')
        await peer.ask({ do: 'broadcast', kind: 'transaction', size: 10 })
        await came
        node.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
        await peer.event('item')
        collisions += peer.events.some(({ reason }) => reason === 'DUPLICATE_CONNECTION') ? 1 : 0
        orders.add(Buffer.compare(node.libp2p.peerId.toMultihash().bytes, peerIdFromString(peer.id).toMultihash().bytes) < 0)
        await peer.kill()
        await node.stop()
      }

      console.log(`    two sessions in ${collisions} of 40`)
      assert.equal(orders.size, 2)
    })
  })
})
