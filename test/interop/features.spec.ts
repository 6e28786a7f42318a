import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { startRawPeer } from '../integration/nodes.ts'
import { Listener, startRecorded } from './node-events.ts'
import { digestOf } from './peer-process.ts'
import { describePeers, idOf, meet, withPeer } from './peers.ts'
import { shortIdsOf } from '../../src/check/short-ids.ts'
import { featureBits } from '../../src/codec/features.ts'
import { cutBlock } from '../../src/codec/items/block-parts.ts'
import { encodeBlock, encodeTransaction } from '../../src/index.ts'
import type { PeerProcess } from './peer-process.ts'
import type { Block, Feature, Network, Transaction } from '../../src/index.ts'
import type { RawPeer, RawSession } from '../../src/testing/index.ts'
import type { CompactBlockMessage, MessageType } from '../../src/types/message.ts'

/** Digits in hex of a short digest, and of a whole one. */
const [SHORT, WHOLE] = [32, 64]

/** Blocks of one peer that a peer puts together at a time. */
const MAX_ASSEMBLING = 4

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

describePeers('compact blocks', ({ startPeer }) => {
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

  describe('of which the peer has no transaction', () => {
    let raw: RawPeer

    beforeEach(async () => { raw = await startRawPeer() })

    /** A session with the peer, and the compact form of blocks that it cannot put together. */
    async function open (count: number): Promise<Opened> {
      const peer = await startPeer()
      const session = await raw.connect(peer.address, { features: featureBits(['compact-blocks']) })
      const blocks = Array.from({ length: count }, (_, height) => sampleBlock({ height, transactions: transactionsOf(10 + height, 40) }))

      return { peer, session, blocks, compact: blocks.map(compactOf) }
    }

    it('are asked for whole where others come in their place', async () => {
      const { peer, session, blocks: [block, other], compact: [compact] } = await open(2)
      session.send(compact!)
      const { message: { indexes }, requestId } = await session.next('requestTransactions')
      assert.deepEqual(indexes, Array.from({ length: 40 }, (_, index) => index))
      session.send({ type: 'responseTransactions', transactions: other!.transactions.map(encodeTransaction) }, requestId)
      const { message: want } = await session.next('want')
      assert.deepEqual([want.digests, want.compact ?? false], [[compact!.digest], false])
      session.send({ type: 'newBlock', block: block! })
      assert.equal((await peer.event('item')).digest, digestOf(block!))
    })

    it(`are put together ${MAX_ASSEMBLING} at a time, and one more is asked for whole at once`, async () => {
      const { peer, session, blocks, compact } = await open(MAX_ASSEMBLING + 1)
      compact.forEach((message) => { session.send(message) })
      const came = await Promise.all(compact.map(async () => session.next(['requestTransactions', 'want'])))
      const asked = came.flatMap(({ message, requestId }) => message.type === 'requestTransactions' ? [{ message, requestId }] : [])
      const [want, ...others] = came.flatMap(({ message }) => message.type === 'want' ? [message] : [])
      assert.deepEqual([asked.length, want?.digests, others], [MAX_ASSEMBLING, [compact.at(-1)!.digest], []])

      for (const { message: { digest }, requestId } of asked) {
        const block = blocks[compact.findIndex((one) => Buffer.compare(one.digest, digest) === 0)]!
        session.send({ type: 'responseTransactions', transactions: block.transactions.map(encodeTransaction) }, requestId)
      }

      await Promise.all(blocks.slice(0, -1).map(async (block) => peer.event('item', ({ digest }) => digest === digestOf(block))))
    })
  })
})

/** A session with a peer, and blocks in their compact form. */
interface Opened { peer: PeerProcess, session: RawSession, blocks: Block[], compact: CompactBlockMessage[] }

/** A block without any of its transactions. */
function compactOf (block: Block): CompactBlockMessage {
  const { before, transactions, after } = cutBlock(encodeBlock(block))!
  const digest = Buffer.from(digestOf(block), 'hex')

  return {
    type: 'compactBlock', digest: Uint8Array.from(digest), before, after, nonce: 1n, prefilled: [],
    shortIds: shortIdsOf(digest, 1n, transactions.map((transaction) => sampleHash(transaction)))
  }
}

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
