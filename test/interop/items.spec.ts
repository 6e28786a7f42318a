import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { eventually } from '../support/eventually.ts'
import { GENESIS_HASH } from '../integration/nodes.ts'
import { sampleTransaction } from '../support/sample.ts'
import { LongChain } from './long-chain.ts'
import { Listener, startRecorded } from './node-events.ts'
import { digestOf, peerChain } from './peer-process.ts'
import { encodeBlock } from '../../src/index.ts'
import { describePeers, idOf, meet, readyOf } from './peers.ts'

const MIB = 1024 * 1024

interface Vector { name: string, effect: string, frame: string }

const [tolerated, invalid] = ['tolerated', 'invalid'].map((name) => {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as Vector[]
}) as [Vector[], Vector[]]

describePeers('items', ({ startPeer }) => {
  it('go from node to node through the peer as the bytes that they are', async () => {
    const [from, to, peer] = await Promise.all([startRecorded(), startRecorded(), startPeer()])
    await meet(from, peer)
    await meet(to, peer, 'peer')

    for (const data of [0, 100, 20_000, 1.5 * MIB]) {
      const transaction = sampleTransaction({ data: new Uint8Array(data), nonce: BigInt(data) })
      const listener = new Listener(to)
      from.broadcast({ type: 'newTransaction', transaction })
      assert.deepEqual((await listener.next('transaction')).transaction, transaction)
    }
  })

  for (const opener of ['node', 'peer'] as const) {
    it(`of 1.5 MiB travel both ways, where the ${opener} has dialled`, async () => {
      const chain = new LongChain(0)
      const [node, peer] = await Promise.all([startRecorded({ chain }), startPeer()])
      await meet(node, peer, opener)
      const listener = new Listener(node)
      const { digest } = await peer.ask({ do: 'broadcast', kind: 'block', size: 1.5 * MIB })
      assert.equal(digestOf((await listener.next('block')).block), digest)
      await eventually(() => chain.tip().height === 1, 'the block to be appended')
      const block = peerChain(GENESIS_HASH, 2, 1.5 * MIB)[2]!
      chain.append([{ block, bytes: encodeBlock(block) }])
      node.broadcast({ type: 'newBlock', block })
      const item = await peer.event('item', ({ digest }) => digest === digestOf(block))
      assert.deepEqual([item.kind, item.height], ['block', 2])
    })
  }

  it('with unknown fields keep them on their way through nodes and peers', async () => {
    const [n1, n2, p1, p2, p3] = await Promise.all([startRecorded(), startRecorded(), startPeer(), startPeer(), startPeer()])
    await meet(n1, p1)
    await meet(n1, p2)
    await meet(n2, p2)
    await meet(n2, p3)

    for (const name of ['unknown fields in a newTransaction', 'unknown fields in a newBlock']) {
      const { frame } = tolerated.find((vector) => vector.name === name)!
      const isNew = p2.fromNowOn()
      await p1.ask({ do: 'send', peer: idOf(n1), frame })
      const { digest, bytes } = await p2.event('item', isNew)
      await p3.event('item', (event) => event.digest === digest && event.bytes === bytes)
    }
  })

  it('that are malformed are refused and not relayed, and the session goes on', async () => {
    const refused = invalid.filter(({ effect }) => effect === 'item refused').slice(0, 10)
    const [node, from, to] = await Promise.all([startRecorded(), startPeer(), startPeer()])
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
    const [node, other, peer] = await Promise.all([startRecorded(), startRecorded(), startPeer()])
    await meet(node, peer)
    await meet(other, peer)
    const listeners = [node, other].map((node) => new Listener(node))
    await peer.ask({ do: 'broadcast', kind: 'block', size: 100_000, announce: true })
    await Promise.all(listeners.map(async (listener) => listener.next('block')))
    assert.equal(peer.events.filter(({ event }) => event === 'want').length, 2)
  })
})
