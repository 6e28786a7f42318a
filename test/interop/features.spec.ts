import assert from 'node:assert/strict'
import { sampleTransaction } from '../support/sample.ts'
import { Listener, startRecorded } from './node-events.ts'
import { describePeers, meet, withPeer } from './peers.ts'
import type { PeerProcess } from './peer-process.ts'

/** Digits in hex of a short digest, and of a whole one. */
const [SHORT, WHOLE] = [32, 64]

/** How long the names of items are that have come in messages of one kind. */
function lengthsOf (peer: PeerProcess, event: 'have' | 'want'): number[] {
  const digests = peer.events.filter((said) => said.event === event).flatMap((said) => said.digests as string[])

  return [...new Set(digests.map(({ length }) => length))]
}

describePeers('short digests', ({ startPeer }) => {
  for (const opener of ['node', 'peer'] as const) {
    it(`name transactions that were there before the ${opener} opened the session, both ways`, async () => {
      const [node, peer] = await Promise.all([startRecorded({ features: ['short-digests'] }), startPeer()])
      const transaction = sampleTransaction({ nonce: 7n })
      node.broadcast({ type: 'newTransaction', transaction })
      const { digest } = await peer.ask({ do: 'broadcast', kind: 'transaction', size: 100 })
      const listener = new Listener(node)
      await meet(node, peer, opener)
      const [{ transaction: came }, item] = await Promise.all([listener.next('transaction'), peer.event('item')])
      assert.deepEqual([came.data.byteLength, item.kind, item.digest === digest], [100, 'transaction', false])
      assert.deepEqual(lengthsOf(peer, 'want'), [SHORT])
      assert.ok(lengthsOf(peer, 'have').every((length) => length === SHORT))
    })
  }

  it('name large transactions that the peer announces', async () => {
    const [node, peer] = await Promise.all([startRecorded({ features: ['short-digests'] }), startPeer()])
    await meet(node, peer)
    const listener = new Listener(node)
    await peer.ask({ do: 'broadcast', kind: 'transaction', size: 100_000, announce: true })
    await listener.next('transaction')
    assert.deepEqual(lengthsOf(peer, 'want'), [SHORT])
  })

  it('are not sent to a peer without the feature, nor by it', async () => {
    const [node, peer] = await Promise.all([startRecorded({ features: ['short-digests'] }), startPeer({ args: ['--features', ''] })])
    await meet(node, peer)
    const listener = new Listener(node)
    await peer.ask({ do: 'broadcast', kind: 'transaction', size: 100_000, announce: true })
    await listener.next('transaction')
    node.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: 8n }) })
    await peer.event('item')
    assert.deepEqual([lengthsOf(peer, 'have'), lengthsOf(peer, 'want')], [[], [WHOLE]])
  })
})

describe('interop: peers from peers', () => {
  const [rust, go] = [withPeer('rust'), withPeer('go')]

  it('have a signed record of the other language, which both can read', async () => {
    const [one, other] = await Promise.all([rust.startPeer(), go.startPeer()])
    await one.ask({ do: 'dial', address: other.address })
    await Promise.all([one.event('ready'), other.event('ready')])

    for (const [asks, tells] of [[one, other], [other, one]] as const) {
      const { peers } = await asks.ask({ do: 'peers', peer: tells.id, count: 8 })
      assert.deepEqual(peers, [{ peer: tells.id, addresses: [tells.address.replace(/\/p2p\/.*/, '')], age: 0 }])
    }
  })

  it('are told to no peer without the feature, and the session goes on', async () => {
    for (const [without, asked] of [[rust, go], [go, rust]] as const) {
      const [one, other] = await Promise.all([without.startPeer({ args: ['--features', ''] }), asked.startPeer()])
      await one.ask({ do: 'dial', address: other.address })
      await one.event('ready')
      // RequestPeers of one, with the id 1: an answer would be one that was not asked for
      await one.ask({ do: 'send', peer: other.id, frame: '0708018a01020801' })
      assert.equal((await one.ask({ do: 'block', peer: other.id, height: 99 })).found, false)
      assert.deepEqual(one.events.filter(({ event }) => event === 'closed'), [])
    }
  })
})
