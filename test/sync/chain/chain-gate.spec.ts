import assert from 'node:assert/strict'
import { CALL_OVERDUE_MS, MAX_LISTED_CALLS } from '../../../src/sync/chain/chain-calls.ts'
import { ChainGate, isChainLeft, LAST_READ_TIMEOUT_MS, LAST_WRITE_TIMEOUT_MS } from '../../../src/sync/chain/chain-gate.ts'
import { SyncError } from '../../../src/errors.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryChain, received } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import type { ChainSource, ChainStore, StoredBlock } from '../../../src/types/chain.ts'

const NO_BYTES = new Uint8Array(0)
const blocks = sampleChain(10)
const LEFT = { name: 'NotRunningError' }

describe('sync/chain/chain-gate', () => {
  let clock: FakeClock
  let store: MemoryChain
  let gate: ChainGate
  let chain: ChainStore

  beforeEach(() => {
    clock = new FakeClock()
    store = new MemoryChain(blocks.slice(0, 5))
    use(store)
  })

  afterEach(() => { assert.equal(clock.pending, 0) })

  function use (source: ChainSource): void {
    gate = new ChainGate(source, clock)
    chain = gate.chain as ChainStore
  }

  const hasMethod = (name: keyof ChainStore): boolean => typeof chain[name] === 'function'

  async function read (range: AsyncIterable<StoredBlock> | Iterable<StoredBlock>): Promise<StoredBlock[]> {
    const all: StoredBlock[] = []

    for await (const block of range) {
      all.push(block)
    }

    return all
  }

  it('passes everything on, and has only what the chain has', async () => {
    assert.deepEqual(chain.tip(), store.tip())
    assert.deepEqual(chain.get(3), store.get(3))
    assert.ok(!hasMethod('range'))
    assert.equal(chain.sharesMemory, true)
    await chain.append([received(blocks[5]!)])
    assert.equal(store.head.height, 5)
    assert.throws(() => { void chain.verify!({ ...blocks[6]!, timestamp: 1 }, blocks[5]!, NO_BYTES) }, { name: 'InvalidBlockError' })
    const empty = { common: blocks[4]!, height: 5, blocks: (async function * () {})() }
    assert.equal(await chain.reorganise!(empty), false)

    use({ sharesMemory: false, tip: () => blocks[9]!, get: () => undefined, range: (from, to) => blocks.slice(from, to + 1) })
    assert.deepEqual([hasMethod('append'), hasMethod('verify'), hasMethod('reorganise'), chain.sharesMemory], [false, false, false, false])
    assert.deepEqual(await read(chain.range!(2, 4)), blocks.slice(2, 5))
    assert.equal(new ChainGate(undefined, clock).chain, undefined)
  })

  it('calls the methods that the chain has at the time', () => {
    store.get = () => undefined
    assert.equal(chain.get(1), undefined)
    Object.assign(store, { verify: undefined })
    assert.ok(!hasMethod('verify'))
  })

  it('calls nothing once it was left, until it is opened', async () => {
    gate.leave()
    const calls: (() => unknown)[] = [
      () => chain.tip(), () => chain.get(1),
      () => chain.verify!(blocks[5]!, blocks[4]!, NO_BYTES), () => chain.append([received(blocks[5]!)]),
      () => chain.reorganise!({ common: blocks[3]!, height: 5, blocks: (async function * () {})() })
    ]

    for (const call of calls) {
      assert.throws(call, LEFT)
    }

    assert.deepEqual(await gate.whenLeft(), [])
    gate.open()
    assert.deepEqual(chain.tip(), store.tip())
  })

  it('says of what fails whether that is why', () => {
    gate.leave()

    try {
      void chain.tip()
    } catch (err) {
      assert.ok(isChainLeft(err) && isChainLeft(new SyncError('STORE', 'failed', { cause: err })))
    }

    assert.ok(!isChainLeft(new Error('disk full')) && !isChainLeft('no error'))
  })

  for (const [method, timeout, begin] of [
    ['get', LAST_READ_TIMEOUT_MS, () => chain.get(1)],
    ['tip', LAST_READ_TIMEOUT_MS, () => chain.tip()],
    ['verify', LAST_WRITE_TIMEOUT_MS, () => chain.verify!(blocks[5]!, blocks[4]!, NO_BYTES)],
    ['append', LAST_WRITE_TIMEOUT_MS, () => chain.append([received(blocks[5]!)])]
  ] as const) {
    it(`waits for a ${method} under way, ${timeout} ms at most, and says what it has waited for`, async () => {
      const held = Promise.withResolvers<never>()
      Object.assign(store, { [method]: async () => held.promise })
      const result = begin()
      gate.leave()
      const left = gate.whenLeft()
      await clock.advance(timeout - 1)
      assert.ok(await isPending(left))
      await clock.advance(1)
      // what only reads is not waited for once more
      assert.deepEqual(await left, [method])
      held.reject(new Error('over'))
      await assert.rejects(async () => result, { message: 'over' })
      assert.deepEqual(gate.underWay, [])
    })
  }

  it('waits no longer than it takes', async () => {
    const held = Promise.withResolvers<void>()
    store.append = async () => held.promise
    const written = chain.append([received(blocks[5]!)])
    gate.leave()
    const left = gate.whenLeft()
    await clock.advance(LAST_READ_TIMEOUT_MS + 1)
    assert.ok(await isPending(left))
    held.resolve()
    await written
    assert.deepEqual(await left, [])
  })

  it('ends what is read of a range, and waits for that', async () => {
    let given = 0
    let isReturned = false
    const held = Promise.withResolvers<IteratorResult<StoredBlock>>()
    use({
      tip: () => blocks[9]!,
      get: () => undefined,
      range: () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => ++given === 3 ? held.promise : { done: false, value: blocks[given]! },
          return: async () => {
            isReturned = true
            return { done: true, value: undefined }
          }
        })
      })
    })
    const iterator = (chain.range!(0, 9) as AsyncIterable<StoredBlock>)[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()
    const third = iterator.next()
    await turns(1)
    assert.deepEqual(gate.underWay, ['range'])
    gate.leave()
    assert.ok(isReturned)
    const left = gate.whenLeft()
    await turns(1)
    assert.ok(await isPending(left))
    held.resolve({ done: false, value: blocks[3]! })
    await third
    assert.deepEqual(await left, [])
    await assert.rejects(iterator.next(), LEFT)
    isReturned = false
    await iterator.return!()
    assert.equal(isReturned, false)
  })

  it('ends what is read of a range where its reader does', async () => {
    let returned = 0
    use({
      tip: () => blocks[9]!,
      get: () => undefined,
      * range () {
        try {
          yield * blocks
        } finally {
          returned++
        }
      }
    })

    for await (const block of chain.range!(0, 9)) {
      assert.equal(block, blocks[0])
      break
    }

    assert.equal(returned, 1)
    gate.leave()
    assert.equal(returned, 1)
  })

  it('gives at once what the chain gives at once, and nothing once it was left', () => {
    let returned = 0
    const calls: string[] = []
    const source = {
      tip: () => blocks[9]!,
      get: () => undefined,
      range: (): Iterable<StoredBlock> => blocks
    }
    gate = new ChainGate(source, clock, { onCalled: (method) => { calls.push(method) } })
    chain = gate.chain as ChainStore
    const givesAtOnce = (): Iterator<StoredBlock> => (chain.range!(0, 9) as Iterable<StoredBlock>)[Symbol.iterator]()
    const array = givesAtOnce()
    assert.deepEqual(array.next(), { done: false, value: blocks[0] })
    // to take what is there is no call of the chain
    assert.deepEqual(calls, ['range'])

    source.range = function * () {
      try {
        yield * blocks
      } finally {
        returned++
      }
    }
    const read = givesAtOnce()
    assert.deepEqual([...{ [Symbol.iterator]: () => read }], blocks)
    assert.equal(calls.length, 1 + 2 + 11)
    const ended = givesAtOnce()
    ended.next()
    assert.deepEqual(ended.return!(), { done: true, value: undefined })
    const left = givesAtOnce()
    left.next()
    assert.equal(returned, 2)
    gate.leave()
    assert.equal(returned, 3)
    assert.throws(() => left.next(), LEFT)
    assert.throws(() => array.next(), LEFT)
    assert.throws(givesAtOnce, LEFT)
    assert.deepEqual(left.return!(), { done: true, value: undefined })
    assert.equal(returned, 3)
  })

  it(`tells once of each call that has been under way for ${CALL_OVERDUE_MS} ms, and lists it until it returns`, async () => {
    const told: string[] = []
    const tip = Promise.withResolvers<never>()
    const lowest = Promise.withResolvers<number>()
    const hanging: ChainSource = { tip: async () => tip.promise, get: async () => undefined, lowestHeight: async () => lowest.promise }
    gate = new ChainGate(hanging, clock, { onOverdue: (method) => { told.push(method) } })
    const { chain } = gate
    await chain!.get(1)
    const heard = chain!.lowestHeight!()
    await clock.advance(CALL_OVERDUE_MS - 1)
    const failed = assert.rejects(async () => chain!.tip(), /gone/)
    assert.deepEqual([told, gate.overdue], [[], []])
    await clock.advance(1)
    assert.deepEqual([told, gate.overdue], [['lowestHeight'], [{ method: 'lowestHeight', ms: CALL_OVERDUE_MS }]])
    await clock.advance(CALL_OVERDUE_MS - 2)
    assert.deepEqual(told, ['lowestHeight'])
    await clock.advance(1)
    assert.deepEqual([told, gate.overdue.map(({ ms }) => ms)], [['lowestHeight', 'tip'], [2 * CALL_OVERDUE_MS - 1, CALL_OVERDUE_MS]])
    lowest.resolve(0)
    tip.reject(new Error('gone'))
    await Promise.all([heard, failed])
    await turns(1)
    assert.deepEqual(gate.overdue, [])
  })

  it(`lists ${MAX_LISTED_CALLS} overdue calls, the longest first, and tells of none once the network has left the chain`, async () => {
    const told: string[] = []
    const hanging: ChainSource = { tip: async () => new Promise(() => {}), get: async () => undefined }
    gate = new ChainGate(hanging, clock, { onOverdue: (method) => { told.push(method) } })

    for (let i = 0; i <= MAX_LISTED_CALLS; i++) {
      void gate.chain!.tip()
      await clock.advance(1)
    }

    await clock.advance(CALL_OVERDUE_MS - 2)
    assert.equal(told.length, MAX_LISTED_CALLS)
    await clock.advance(5)
    assert.deepEqual([gate.overdue.length, gate.overdue[0]?.ms], [MAX_LISTED_CALLS, CALL_OVERDUE_MS + MAX_LISTED_CALLS + 4])
    void gate.chain!.tip()
    gate.leave()
    await clock.advance(2 * CALL_OVERDUE_MS)
    assert.equal(told.length, MAX_LISTED_CALLS + 1)
  })

  it('tells how long each call took, until its promise settles, also of one that fails', async () => {
    const told: [string, number][] = []
    const slow = Promise.withResolvers<undefined>()
    const slowChain: ChainStore = {
      tip: () => store.tip(), get: async () => slow.promise, append: async () => Promise.reject(new Error('disk on fire'))
    }
    gate = new ChainGate(slowChain, clock, { onCalled: (method, ms) => { told.push([method, ms]) } })
    chain = gate.chain as ChainStore
    void chain.tip()
    const got = chain.get(0)
    const failed = assert.rejects(async () => chain.append([]))
    await failed
    await clock.advance(20)
    slow.resolve(undefined)
    await got
    await turns(1)
    assert.deepEqual(told, [['tip', 0], ['append', 0], ['get', 20]])
  })
})
