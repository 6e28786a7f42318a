import assert from 'node:assert/strict'
import { digestOf, encodeTransaction } from '../../src/index.ts'
import { createTestNetwork, sampleHash, sampleTransaction } from '../../src/testing/index.ts'
import type { StorageFault, Transaction } from '../../src/index.ts'
import type { Edge, TestNode } from '../../src/testing/index.ts'

/** From the ready session to a transaction that was there before, in ms. */
const FIRST_MS = 2000

/** The same for a whole pool. */
const POOL_MS = 10_000

const POOL = 10_000

let made = 0

function newTransaction (): Transaction {
  return sampleTransaction({ id: sampleHash(`pool ${++made}`), data: new Uint8Array(200) })
}

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

describe('integration/transactions', function () {
  this.timeout(120_000)

  /** What a node comes to accept from now on. */
  function metBy (node: TestNode): Set<string> {
    const met = new Set<string>()
    node.on('transaction', ({ transaction: { id } }) => { met.add(hex(id)) })

    return met
  }

  for (const [who, dials] of [['the newcomer dials', true], ['the newcomer is dialled', false]] as const) {
    it(`a transaction that was sent before a node came arrives within ${FIRST_MS} ms, where ${who}`, async () => {
      await using network = await createTestNetwork({ nodes: 2, options: { chain: undefined } })
      const [old, witness] = network.nodes
      const transaction = newTransaction()
      old.send(transaction)
      await network.untilHeard(transaction)
      const newcomer = await network.add()
      await network.connect(...dials ? [newcomer.index, witness.index] as const : [witness.index, newcomer.index] as const)
      const since = performance.now()
      await network.untilHeard(transaction)

      assert.ok(performance.now() - since < FIRST_MS)
      assert.equal(witness.network.status().memory.transactionPool.items, 1)
    })
  }

  it(`a pool of ${POOL} comes to a newcomer within ${POOL_MS} ms, below the rates`, async () => {
    await using network = await createTestNetwork({ nodes: 2, topology: [], options: { chain: undefined } })
    const [old, newcomer] = network.nodes
    Array.from({ length: POOL }, newTransaction).forEach((transaction) => { old.send(transaction) })
    const met = metBy(newcomer)
    await network.connect(1, 0)
    const since = performance.now()
    await network.until('all of the pool', () => met.size === POOL, { within: 60_000 })
    const ms = performance.now() - since

    assert.ok(ms < POOL_MS, `${ms} ms`)
    const [peer] = newcomer.network.status().peers
    assert.equal(peer!.rates.slowedMs, 0)
    assert.equal(peer!.messages.in.newTransaction!.messages, POOL, 'each came once')
  })

  it('the pool of the application is announced, and what it should not have given is a fault and not sent', async () => {
    const [good, other, unreadable] = [newTransaction(), newTransaction(), newTransaction()]
    const digest = (transaction: Transaction): Uint8Array => digestOf(encodeTransaction(transaction))
    const given = new Map<string, Transaction | Uint8Array>([
      [hex(digest(good)), good], [hex(digest(other)), newTransaction()], [hex(digest(unreadable)), Uint8Array.of(1, 2, 3)]
    ])
    const pool = { get: async (wanted: Uint8Array) => given.get(hex(wanted)), digests: async () => [other, unreadable, good].map(digest) }
    await using network = await createTestNetwork({ nodes: 1, options: { chain: undefined, pool } })
    const [old] = network.nodes
    const faults: StorageFault[] = []
    old.on('storage:fault', (fault) => { faults.push(fault) })
    const newcomer = await network.add({ options: { pool: undefined } })
    const met = metBy(newcomer)
    await network.connect(1, 0)
    await network.until('the good one', () => met.has(hex(good.id)))
    await network.until('the fault', () => faults.length > 0)

    assert.deepEqual([...met], [hex(good.id)])
    assert.deepEqual([faults[0]!.store, faults[0]!.error.name], ['pool', 'PoolError'])
    assert.equal([...old.network.peers].length, 1)
  })

  it('a pool whose methods throw is a fault, and ends nothing', async () => {
    const fail = (): never => { throw new Error('no disk') }
    await using network = await createTestNetwork({ nodes: 1, options: { chain: undefined, pool: { get: fail, digests: fail } } })
    const [old] = network.nodes
    const fault = old.once('storage:fault')
    await network.add({ to: [0], options: { pool: undefined } })
    assert.equal(((await fault).error.cause as Error).message, 'no disk')
    const transaction = newTransaction()
    old.send(transaction)
    await network.untilHeard(transaction)
  })

  /** A circle in which each node has dialled the next ones. */
  function circle (nodes: number, strides: number[]): Edge[] {
    return Array.from({ length: nodes }, (_, node) => strides.map((stride): Edge => [node, (node + stride) % nodes])).flat()
  }

  for (const [name, isOld] of [
    ['all with short digests', () => false], ['every other one an older node', (index: number) => index % 2 === 1], ['one of them an older node', (index: number) => index === 3]
  ] as const) {
    it(`12 nodes with 6 peers each, ${name}: each is asked about each transaction once`, async () => {
      const asked = Array.from({ length: 12 }, () => new Map<bigint, number>())
      await using network = await createTestNetwork({
        nodes: 12,
        topology: circle(12, [1, 3, 5]),
        within: 60_000,
        options: (index) => ({
          chain: undefined,
          ...(isOld(index) && { features: [] }),
          handlers: { newTransaction: ({ nonce }) => { asked[index]!.set(nonce, (asked[index]!.get(nonce) ?? 0) + 1) } }
        })
      })
      const nodes = network.nodes.map(({ network }) => network)

      for (let nonce = 0; nonce < 240; nonce++) {
        nodes[nonce % 12]!.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(nonce), data: new Uint8Array(300) }) })
      }

      await network.until('all transactions everywhere', () => asked.every((met) => met.size === 220))

      assert.deepEqual(asked.flatMap((met) => [...met.values()]).filter((times) => times !== 1), [])
      const old = nodes.filter((_, index) => isOld(index)).flatMap((node) => node.status().peers)
      assert.ok(old.every(({ features, messages }) => features.length === 0 && messages.in.have == null && messages.in.want == null))
    })
  }

  it('20 nodes with 8 peers each: a transaction comes to each no more than 1.3 times, on average', async () => {
    const met = Array.from({ length: 20 }, () => new Set<bigint>())
    await using network = await createTestNetwork({
      nodes: 20,
      topology: circle(20, [1, 3, 6, 8]),
      within: 60_000,
      options: (index) => ({ chain: undefined, handlers: { newTransaction: ({ nonce }) => { met[index]!.add(nonce) } } })
    })
    const nodes = network.nodes.map(({ network }) => network)

    for (let nonce = 0; nonce < 100; nonce++) {
      nodes[nonce % 20]!.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(nonce), data: new Uint8Array(300) }) })
      await network.until('the transaction everywhere', () => met.every((met, index) => met.has(BigInt(nonce)) || index === nonce % 20))
    }

    const counts = nodes.flatMap((node) => node.status().peers).map(({ messages }) => messages.in.newTransaction?.messages ?? 0)
    const came = counts.reduce((sum, count) => sum + count, 0)
    const copies = came / (100 * 19)
    assert.ok(copies >= 1 && copies <= 1.3, `${copies} copies`)
  })
})
