import assert from 'node:assert/strict'
import { stopNodes } from '../integration/nodes.ts'
import { eventually, turns } from '../support/eventually.ts'
import { sampleHash, sampleTransaction } from '../support/sample.ts'
import { Scene } from './scene.ts'
import { digestOf, encodeTransaction } from '../../src/index.ts'
import { MAX_DIGESTS, SHORT_DIGEST_BYTES } from '../../src/codec/limits.ts'
import { MAX_ANSWER_MS } from '../../src/gossip/fetch/answer-time.ts'
import { MAX_WANTED_TRANSACTIONS, MAX_WANTED_TRANSACTIONS_PER_PEER } from '../../src/gossip/fetch/fetchers.ts'
import { MAX_POOL_TRANSACTIONS } from '../../src/gossip/transactions/pool.ts'
import type { Transaction } from '../../src/index.ts'
import type { RawSession } from '../../src/testing/index.ts'

/** The feature `short-digests`, in a handshake. */
const SHORT = { features: 1n }

let named = 0

function newTransaction (): Transaction {
  return sampleTransaction({ id: sampleHash(`announced ${++named}`) })
}

function digest (transaction: Transaction): Uint8Array {
  return Uint8Array.from(digestOf(encodeTransaction(transaction)))
}

const short = (transaction: Transaction): Uint8Array => digest(transaction).subarray(0, SHORT_DIGEST_BYTES)

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Short digests of nothing. */
function junk (name: string, count = MAX_DIGESTS): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, (_, index) => sampleHash(`${name} ${index}`).subarray(0, SHORT_DIGEST_BYTES)))
}

describe('hostile/transactions', function () {
  this.timeout(120_000)

  let scene: Scene
  let relayed: Set<string>

  beforeEach(async () => {
    scene = await Scene.start()
    relayed = new Set()
    scene.honest.router.handle('newTransaction', ({ id }) => { relayed.add(hex(id)) })
  })

  afterEach(async () => {
    await scene.stop()
    await stopNodes()
  })

  const connect = async (): Promise<RawSession> => (await scene.attacker()).connect(SHORT)
  const wanted = (): number => scene.victim.status().queues.wantedTransactions.items!

  /** A peer that is as it should be announces a transaction, and sends it when it is asked. Returns how long it was not asked. */
  async function announce (session: RawSession, transaction: Transaction): Promise<number> {
    const since = performance.now()
    session.send({ type: 'have', digests: [], shortDigests: short(transaction) })
    const { body } = await session.next('want')
    const ms = performance.now() - since
    assert.ok(Buffer.from(body).includes(Buffer.from(short(transaction))))
    session.send({ type: 'newTransaction', transaction })
    await eventually(() => relayed.has(hex(transaction.id)), 'the transaction at the honest peer')

    return ms
  }

  it('waits for a bounded number of transactions that are announced and never come, and asks an honest peer soon', async () => {
    const sessions = await Promise.all(Array.from({ length: 30 }, connect))
    const announced = Array.from({ length: 4 }, (_, round) => sessions.map((_, who) => junk(`never ${who} ${round}`)))
    const peak = { wanted: 0 }
    await scene.expectHonestServedDuring((async () => {
      for (const digests of announced) {
        for (const [who, session] of sessions.entries()) {
          session.send({ type: 'have', digests: [], shortDigests: digests[who]! })
          await turns(1)
        }

        peak.wanted = Math.max(peak.wanted, wanted())
      }
    })())
    assert.ok(peak.wanted > MAX_WANTED_TRANSACTIONS_PER_PEER && peak.wanted <= MAX_WANTED_TRANSACTIONS, `${peak.wanted} wanted`)
    assert.ok(await announce(await connect(), newTransaction()) < MAX_ANSWER_MS)
    assert.ok(sessions.every((session) => session.closure == null))
  })

  it('gets a transaction whose short digest another peer has announced for something else', async () => {
    const [liar, old, honest] = [await connect(), await (await scene.attacker()).connect(), await connect()]
    const transaction = newTransaction()
    const other = newTransaction()
    liar.send({ type: 'have', digests: [], shortDigests: short(transaction) })
    // the same beginning, and another end
    old.send({ type: 'have', digests: [Uint8Array.from([...short(transaction), ...new Uint8Array(16).fill(7)])] })
    await liar.next('want')
    liar.send({ type: 'newTransaction', transaction: other })
    await eventually(() => relayed.has(hex(other.id)), 'what the liar has sent: it is a transaction like any other')
    await announce(honest, transaction)
  })

  it('takes little of a pool of junk that peers announce when they come', async () => {
    const sessions = await Promise.all(Array.from({ length: 5 }, connect))
    const pools = sessions.map((_, who) => junk(`pool ${who}`, MAX_POOL_TRANSACTIONS))
    await scene.expectHonestServedDuring((async () => {
      const step = MAX_DIGESTS * SHORT_DIGEST_BYTES

      for (let at = 0; at < pools[0]!.byteLength; at += step) {
        sessions.forEach((session, who) => { session.send({ type: 'have', digests: [], shortDigests: pools[who]!.subarray(at, at + step) }) })
        await turns(1)
      }
    })())
    assert.ok(wanted() <= MAX_WANTED_TRANSACTIONS, `${wanted()} wanted`)
    assert.equal(scene.victim.status().memory.transactionPool.items, 0)
    await announce(await connect(), newTransaction())
    await eventually(() => wanted() === 0, 'nothing wanted any more', { timeout: 20_000 })
  })

  it('sends each transaction once to a peer that asks again and again', async () => {
    const session = await connect()
    const transaction = newTransaction()
    scene.victim.broadcast({ type: 'newTransaction', transaction })
    await session.next('newTransaction')

    for (let round = 0; round < 30; round++) {
      session.send({ type: 'want', digests: [], shortDigests: Buffer.concat(Array<Uint8Array>(MAX_DIGESTS).fill(short(transaction))) })
    }

    await scene.expectHonestServed()
    assert.deepEqual(session.unread.filter((text) => text.startsWith('newTransaction')), [])
  })

  it('neither asks by short digests nor answers them in a session without the feature', async () => {
    const session = await (await scene.attacker()).connect({ features: 0n })
    const [announced, wanted] = [newTransaction(), newTransaction()]
    const honest = await connect()
    honest.send({ type: 'newTransaction', transaction: wanted })
    await session.next('newTransaction')
    session.send({ type: 'have', digests: [], shortDigests: short(announced) })
    session.send({ type: 'want', digests: [], shortDigests: short(wanted) })
    await announce(honest, newTransaction())
    session.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
    await session.next('pong')
    assert.deepEqual(session.unread.filter((text) => text.startsWith('want')), [])
    await scene.expectHonestServed()
  })

  it('gets what is announced also where 3 of 8 peers withhold it', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, connect))
    const [withholding, honest] = [sessions.slice(0, 3), sessions.slice(3)]
    const late: number[] = []

    for (let round = 0; round < 12; round++) {
      const transaction = newTransaction()
      const since = performance.now()
      withholding.forEach((session) => { session.send({ type: 'have', digests: [], shortDigests: short(transaction) }) })
      await announce(honest[round % honest.length]!, transaction)
      late.push(performance.now() - since)
    }

    // those who withhold are asked last as soon as they have done it once
    assert.ok(late.slice(6).every((ms) => ms < MAX_ANSWER_MS), `${late.map(Math.round).join()} ms`)
  })
})
