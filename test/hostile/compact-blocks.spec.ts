import assert from 'node:assert/strict'
import { rawNodeInfo } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { frameOf } from '../support/stream-pair.ts'
import { Scene, usedBytes } from './scene.ts'
import { cutBlock } from '../../src/codec/items/block-parts.ts'
import { encodeTransaction, writeItem } from '../../src/codec/items/items.ts'
import { knownBodies, readEnvelope } from '../../src/codec/envelope.ts'
import { encodeMessage } from '../../src/codec/message.ts'
import { SHORT_ID_BYTES } from '../../src/codec/limits.ts'
import { featureBits } from '../../src/codec/features.ts'
import { shortIdHash } from '../../src/gossip/compact/siphash.ts'
import { writeShortId } from '../../src/gossip/compact/short-ids.ts'
import { MAX_TRANSACTION_ANSWERS } from '../../src/gossip/compact/compact-forms.ts'
import { WANT_ROUNDS_MS } from '../../src/gossip/fetch/want-requests.ts'
import { MAX_ASSEMBLIES, MAX_ASSEMBLIES_PER_PEER, MAX_SOURCES } from '../../src/gossip/compact/pending.ts'
import { MAX_POOL_TRANSACTIONS } from '../../src/gossip/transactions/pool.ts'
import { digestOf, encodeBlock } from '../../src/index.ts'
import type { Attacker } from './scene.ts'
import type { RawSession } from '../../src/testing/index.ts'
import type { Block, Transaction } from '../../src/index.ts'
import type { CompactBlockMessage } from '../../src/types/message.ts'

const COUNT = 100

/** What an attack may cost in memory, in bytes. */
const MAX_GROWTH: number = 64 * 1024 * 1024

/** The victim has no use for blocks of this height. */
const USELESS_HEIGHT = 1_000_000
const COMPACT = rawNodeInfo({ features: featureBits(['compact-blocks']) })

let named = 0

function transactions (count = COUNT, size = 300): Transaction[] {
  return Array.from({ length: count }, () => sampleTransaction({ id: sampleHash(`compact ${++named}`), data: new Uint8Array(size) }))
}

const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

/** A length as a varint of two bytes. */
function twoBytes (length: number): [number, number] {
  return [0x80 | length & 0x7f, length >> 7]
}

/** A block and its compact form, written by hand. */
interface Made { block: Block, digest: Uint8Array, message: CompactBlockMessage, items: Uint8Array[] }

/** A message with a field of so many bytes that no version has. */
function padded (message: CompactBlockMessage, bytes: number): Uint8Array {
  const { body } = readEnvelope(plain(encodeMessage(message)), knownBodies(['compact-blocks']))
  const length = [0, 7, 14, 21].map((shift, at) => (bytes >> shift & 0x7f) | (at < 3 ? 0x80 : 0))

  return Buffer.concat([body, Uint8Array.of(0xfa, 0x01, ...length), new Uint8Array(bytes)])
}

/** A block of which the victim has no transaction. */
function newBlock (): Made {
  return compactOf(sampleBlock({ hash: sampleHash(`compact block ${++named}`), transactions: transactions() }))
}

function compactOf (block: Block): Made {
  const item = plain(encodeBlock(block))
  const digest = plain(digestOf(item))
  const { before, transactions: items, after } = cutBlock(item)!
  const shortIds = shortIdsOf(digest, items)

  return { block, digest, items, message: { type: 'compactBlock', digest, before, after, nonce: 1n, shortIds, prefilled: [] } }
}

/** The short ids of transactions in the compact form of a block of this digest. */
function shortIdsOf (digest: Uint8Array, items: readonly Uint8Array[]): Uint8Array {
  const hash = shortIdHash(digest, 1n)
  const shortIds = new Uint8Array(SHORT_ID_BYTES * items.length)
  items.forEach((item, number) => {
    hash.digest(digestOf(item))
    writeShortId(shortIds, number, hash)
  })

  return shortIds
}

describe('hostile/compact-blocks', function () {
  this.timeout(60_000)

  let scene: Scene
  let heard: Block[]

  beforeEach(async () => {
    heard = []
    scene = await Scene.start({
      handlers: { newBlock: (block) => { heard.push(block); return block.height === USELESS_HEIGHT ? 'ignore' : 'accept' } }
    })
  })

  afterEach(async () => { await scene.stop() })

  const hasHeard = async ({ block }: { block: Block }): Promise<void> => {
    await eventually(() => heard.some(({ hash }) => Buffer.compare(hash, block.hash) === 0), 'the block')
  }

  const usage = (): number => scene.victim.status().memory.compactBlocks.items!

  async function join (): Promise<{ attacker: Attacker, session: RawSession }> {
    const attacker = await scene.attacker()
    const session = await attacker.connect(COMPACT)
    session.answerPings()

    return { attacker, session }
  }

  it('with a digest of something else is wanted whole once, without a ban, and keeps no honest peer waiting', async () => {
    const { attacker, session } = await join()
    const made = newBlock()
    const digest = sampleHash('something else')
    session.send({ ...made.message, digest })
    const { message, requestId } = await session.next('requestTransactions')
    assert.deepEqual(message.indexes, made.items.map((_, index) => index))
    session.send({ type: 'responseTransactions', transactions: made.items }, requestId)
    const want = await session.next('want')
    assert.deepEqual([want.message.digests.map(plain), want.message.compact], [[digest], undefined])
    session.send({ ...made.message, digest })
    await scene.expectHonestServed()
    assert.deepEqual([usage(), heard.some(({ hash }) => Buffer.compare(hash, made.block.hash) === 0)], [0, false])
    assert.equal(scene.victim.peers.isBanned(attacker.id), false)
  })

  it('whose short ids are all the same is put together with what is asked for', async () => {
    const { session } = await join()
    const made = newBlock()
    session.send({ ...made.message, shortIds: new Uint8Array(made.message.shortIds.byteLength) })
    const { message, requestId } = await session.next('requestTransactions')
    assert.equal(message.indexes.length, COUNT)
    session.send({ type: 'responseTransactions', transactions: made.items }, requestId)
    await hasHeard(made)
  })

  it('whose short ids are those of other transactions that the victim has is wanted whole once, and the real block comes all the same', async () => {
    const [{ session }, { session: good }] = await Promise.all([join(), join()])
    const made = newBlock()
    const others = transactions().map((transaction) => plain(encodeTransaction(transaction)))
    others.forEach((item) => { session.sendBody('newTransaction', writeItem(item)) })
    await eventually(() => scene.victim.status().memory.transactionPool.items! >= COUNT, 'the transactions of the attacker')
    session.send({ ...made.message, shortIds: shortIdsOf(made.digest, others) })

    const { message } = await session.next('want')
    assert.deepEqual([message.digests.map(plain), message.compact], [[made.digest], undefined])
    good.send(made.message)
    const { message: asked, requestId } = await good.next('requestTransactions')
    assert.equal(asked.indexes.length, COUNT)
    good.send({ type: 'responseTransactions', transactions: made.items }, requestId)
    await hasHeard(made)
    assert.equal(usage(), 0)
    await scene.expectHonestServed()
  })

  it('with as many short ids as fit into a frame ends the session: no block has so many transactions', async () => {
    const { attacker, session } = await join()
    session.send({ ...newBlock().message, shortIds: new Uint8Array(SHORT_ID_BYTES * 690_000) })
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    await scene.expectHonestServed()
  })

  it('with a million short ids is longer than any frame, and ends the session on its length', async () => {
    const { attacker, session } = await join()
    session.sendBytes(Uint8Array.from([0x80, 0x9b, 0xee, 0x02]))
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
  })

  it('with an index out of range ends the session', async () => {
    const { attacker, session } = await join()
    const transaction = plain(encodeTransaction(sampleTransaction()))
    // one short id and one transaction: the indexes are 0 and 1
    const body = Buffer.concat([
      Uint8Array.of(0x0a, 32), new Uint8Array(32), Uint8Array.of(0x2a, 6), new Uint8Array(6),
      Uint8Array.of(0x32, ...twoBytes(transaction.byteLength + 5), 0x08, 2, 0x12, ...twoBytes(transaction.byteLength)), transaction
    ])
    session.sendBody('compactBlock', body)
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
  })

  it('whose transactions are withheld comes whole from another peer, soon', async () => {
    const { session: hostile } = await join()
    const { session: good } = await join()
    const made = newBlock()
    hostile.send(made.message)
    await hostile.next('requestTransactions')
    good.send({ type: 'have', digests: [made.digest] })
    const { message } = await good.next('want', { within: 3000 })
    assert.equal(message.compact, true)
    good.send({ type: 'newBlock', block: made.block })
    await hasHeard(made)
    assert.equal(usage(), 0)
  })

  it('whose transactions are withheld by one peer after the other holds up no block that an honest peer has announced', async () => {
    const hostile = await Promise.all(Array.from({ length: 25 }, join))
    const { session: good } = await join()
    const made = newBlock()
    good.handle('want', () => { good.send({ type: 'newBlock', block: made.block }) })
    const since = performance.now()
    hostile[0]!.session.send(made.message)
    await hostile[0]!.session.next('requestTransactions')
    good.send({ type: 'have', digests: [made.digest] })

    // each as soon as the one before was given up
    for (const { session } of hostile.slice(1)) {
      await eventually(() => usage() === 0 || heard.length > 0, 'the end of a compact block')
      session.send(made.message)
    }

    await hasHeard(made)
    assert.ok(performance.now() - since < WANT_ROUNDS_MS, `${performance.now() - since} ms`)
    assert.deepEqual(hostile.map(({ attacker }) => scene.victim.peers.isBanned(attacker.id)), hostile.map(() => false))
    await scene.expectHonestServed()
  })

  it('whose transactions come one by one ends the session', async () => {
    const { attacker, session } = await join()
    const made = newBlock()
    session.send(made.message)
    const { requestId } = await session.next('requestTransactions')
    session.send({ type: 'responseTransactions', transactions: made.items.slice(0, 1) }, requestId)
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    assert.equal(usage(), 0)
  })

  it(`of one block from 8 peers is tried ${MAX_SOURCES} times, and put together with the first answer`, async () => {
    const peers = await Promise.all(Array.from({ length: 8 }, join))
    const made = newBlock()
    peers.forEach(({ session }) => { session.send(made.message) })
    await Promise.all(peers.map(async ({ session }) => {
      session.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
      await session.next('pong')
    }))
    const { message, requestId, session } = await Promise.any(peers.map(async ({ session }) => ({ ...await session.next('requestTransactions'), session })))
    assert.equal(scene.victim.status().memory.compactBlocks.items, 1)
    assert.ok(scene.victim.status().memory.compactBlocks.bytes! < (MAX_SOURCES + 1) * 2000)
    session.send({ type: 'responseTransactions', transactions: message.indexes.map((index) => made.items[index]!) }, requestId)
    await hasHeard(made)
    assert.equal(heard.filter(({ hash }) => Buffer.compare(hash, made.block.hash) === 0).length, 1)
  })

  it(`that never end fill ${MAX_ASSEMBLIES_PER_PEER} places of a peer and ${MAX_ASSEMBLIES} in all, and honest peers are served`, async () => {
    const peers = await Promise.all(Array.from({ length: 6 }, join))
    const rounds = Array.from({ length: 3 }, () => peers.map(() => Array.from({ length: 10 }, () => frameOf(newBlock().message))))

    await scene.expectHonestServedDuring((async () => {
      for (const frames of rounds) {
        peers.forEach(({ session }, index) => { session.sendBytes(Buffer.concat(frames[index]!)) })
        await Promise.all(peers.map(async ({ session }) => {
          session.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
          await session.next('pong')
        }))
        assert.ok(usage() <= MAX_ASSEMBLIES)
      }
    })())
    await eventually(() => usage() === 0, 'the end of all')
    assert.deepEqual(peers.map(({ attacker }) => scene.victim.peers.isBanned(attacker.id)), peers.map(() => false))
  })

  it(`of the victim is answered ${MAX_TRANSACTION_ANSWERS} times for a peer that asks for its transactions one by one`, async () => {
    const { session } = await join()
    const { block, digest } = newBlock()
    scene.victim.broadcast({ type: 'newBlock', block })
    const counts: number[] = []

    for (let index = 0; index < COUNT; index++) {
      session.send({ type: 'requestTransactions', digest, indexes: [index] }, BigInt(index + 1))
      counts.push((await session.next('responseTransactions')).message.transactions.length)
    }

    assert.deepEqual(counts, Array.from({ length: COUNT }, (_, index) => index < MAX_TRANSACTION_ANSWERS ? 1 : 0))
    await scene.expectHonestServed()
  })

  it('that are of no use, as many as there may be, keep no honest peer waiting while the pool is full', async () => {
    const pooled = Array.from({ length: MAX_POOL_TRANSACTIONS }, (_, index) => sampleTransaction({ id: sampleHash(`pooled ${index}`) }))

    for (const transaction of pooled) {
      await scene.victim.room()
      scene.victim.broadcast({ type: 'newTransaction', transaction })
    }

    await eventually(() => scene.honest.status().memory.transactionPool.items === MAX_POOL_TRANSACTIONS, 'the pool at the honest peer', {
      timeout: 30_000
    })
    const peers = await Promise.all(Array.from({ length: 25 }, join))
    // the oldest of the pool is found last
    const frames = peers.map(() => Array.from({ length: 20 }, () => frameOf(compactOf(sampleBlock({
      height: USELESS_HEIGHT, hash: sampleHash(`useless ${++named}`), transactions: pooled.slice(0, 1)
    })).message)))

    await scene.expectHonestServedDuring((async () => {
      peers.forEach(({ session }, index) => { session.sendBytes(Buffer.concat(frames[index]!)) })
      await Promise.all(peers.map(async ({ session }) => {
        session.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
        await session.next('pong')
      }))
    })())
    assert.deepEqual(peers.map(({ attacker }) => scene.victim.peers.isBanned(attacker.id)), peers.map(() => false))
  })

  it('of the victim costs little memory where many ask for its transactions and read nothing', async () => {
    const peers = await Promise.all(Array.from({ length: 25 }, join))
    const block = sampleBlock({ hash: sampleHash(`large ${++named}`), transactions: transactions(100, 40_000) })
    const { digest, items } = compactOf(block)
    scene.victim.broadcast({ type: 'newBlock', block })
    await eventually(() => heard.length > 0 || scene.honest.status().memory.storedItems.items === 1, 'the block at the honest peer')
    const before = usedBytes()
    peers.forEach(({ session }) => { session.hold() })
    peers.forEach(({ session }) => {
      for (let id = 1; id <= MAX_TRANSACTION_ANSWERS; id++) {
        session.send({ type: 'requestTransactions', digest, indexes: items.map((_, index) => index) }, BigInt(id))
        session.send({ type: 'requestTransactions', digest, indexes: [0] }, BigInt(100 + id))
      }
    })
    await scene.expectHonestServed()
    assert.ok(usedBytes() - before < MAX_GROWTH, `${usedBytes() - before} bytes`)
  })

  it('that are padded with fields that mean nothing leave little memory behind', async () => {
    const peers = await Promise.all(Array.from({ length: 4 }, join))
    const count = 28
    const before = usedBytes()

    for (let index = 0; index < count; index++) {
      const { items, message } = compactOf(sampleBlock({ hash: sampleHash(`padded ${++named}`), transactions: transactions(10, 2000) }))
      const { session } = peers[index % peers.length]!
      const prefilled = items.map((transaction, index) => ({ index, transaction }))
      session.sendBody('compactBlock', padded({ ...message, shortIds: new Uint8Array(0), prefilled }, 3_000_000))
      session.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
      await session.next('pong')
    }

    await eventually(() => heard.length >= count, 'all of these blocks')
    await scene.expectHonestServed()
    assert.ok(usedBytes() - before < MAX_GROWTH, `${usedBytes() - before} bytes`)
  })

  it('in a session without the feature is read past, whatever is in it', async () => {
    const attacker = await scene.attacker()
    const session = await attacker.connect()
    session.answerPings()
    session.send(newBlock().message)
    session.sendBody('compactBlock', Uint8Array.of(0xff))
    session.send({ type: 'requestTransactions', digest: sampleHash('any'), indexes: [0] }, 1n)
    session.send({ type: 'responseTransactions', transactions: [] }, 7n)
    session.send({ type: 'ping', nonce: 5n, bestHeight: 0 })
    assert.equal((await session.next(['pong', 'responseTransactions', 'requestTransactions', 'disconnect'])).message.type, 'pong')
    assert.equal(usage(), 0)
  })
})
