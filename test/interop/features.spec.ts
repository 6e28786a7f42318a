import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleTransaction } from '../support/sample.ts'
import { Listener, startRecorded } from './node-events.ts'
import { digestOf } from './peer-process.ts'
import { describePeers, idOf, meet, withPeer } from './peers.ts'
import { encodeBlock } from '../../src/index.ts'
import type { PeerProcess } from './peer-process.ts'
import type { Feature, Network, Transaction } from '../../src/index.ts'
import type { MessageType } from '../../src/types/message.ts'

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

describe('interop: compact blocks, go', () => {
  const { startPeer } = withPeer('go')

  /** Transactions of about 500 bytes, each another one. */
  const transactionsOf = (name: number, count: number): Transaction[] => Array.from({ length: count }, (_, index) => {
    return sampleTransaction({ nonce: BigInt(1000 * name + index), data: new Uint8Array(300) })
  })

  /** How many messages of one kind a node has got. */
  const came = (node: Network, type: MessageType): number => node.status().bandwidth.in.byType[type]?.messages ?? 0

  /** Two nodes with the peer between them, and transactions that all three have. */
  async function line (transactions: readonly Transaction[]): Promise<{ from: Network, to: Network, peer: PeerProcess }> {
    const features: Feature[] = ['short-digests', 'compact-blocks']
    const [from, to, peer] = await Promise.all([startRecorded({ features }), startRecorded({ features }), startPeer()])
    await meet(from, peer)
    await meet(to, peer, 'peer')
    transactions.forEach((transaction) => { from.broadcast({ type: 'newTransaction', transaction }) })
    await eventually(() => to.status().memory.transactionPool.items! >= transactions.length, 'all transactions')

    return { from, to, peer }
  }

  it('go through the peer where all have the transactions, without a question', async () => {
    const transactions = transactionsOf(1, 100)
    const { from, to, peer } = await line(transactions)
    const block = sampleBlock({ height: 1, transactions })
    const listener = new Listener(to)
    from.broadcast({ type: 'newBlock', block })
    assert.deepEqual(encodeBlock((await listener.next('block')).block), encodeBlock(block))
    const compact = await peer.event('compact')
    assert.deepEqual([compact.peer, compact.digest, compact.missing], [idOf(from), digestOf(block), 0])
    assert.deepEqual([came(to, 'compactBlock'), came(to, 'newBlock'), came(from, 'requestTransactions')], [1, 0, 0])
  })

  it('go through the peer where it lacks more than is prefilled: it asks, and is asked', async () => {
    const known = transactionsOf(2, 100)
    const { from, to, peer } = await line(known)
    const block = sampleBlock({ height: 2, transactions: [...transactionsOf(3, 40), ...known] })
    const listener = new Listener(to)
    from.broadcast({ type: 'newBlock', block })
    assert.deepEqual(encodeBlock((await listener.next('block')).block), encodeBlock(block))
    assert.ok((await peer.event('compact')).missing as number > 0)
    assert.deepEqual([came(from, 'requestTransactions'), came(to, 'responseTransactions'), came(to, 'newBlock')], [1, 1, 0])
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
