import assert from 'node:assert/strict'
import { LocalTip, TIP_TIMEOUT_MS } from '../../../src/service/chain/local-tip.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleHash } from '../../support/sample.ts'
import type { ChainSource } from '../../../src/types/chain.ts'
import type { Tip } from '../../../src/types/block.ts'
import type { Logger } from '@libp2p/interface'

const genesisHash = sampleHash('genesis')

function tipAt (height: number): Tip {
  return { height, hash: sampleHash(height) }
}

describe('service/chain/local-tip', () => {
  let errors: unknown[][]
  let reported: unknown[]
  let clock: FakeClock

  beforeEach(() => {
    errors = []
    reported = []
    clock = new FakeClock()
  })

  function create (tip?: ChainSource['tip']): LocalTip {
    const onError = (error: unknown): void => { reported.push(error) }
    const log = { error: (...args: unknown[]) => { errors.push(args) } } as unknown as Logger

    return new LocalTip({ chain: tip == null ? undefined : { tip, get: () => undefined }, genesisHash, clock, log, onError })
  }

  it(`is what it was where the chain has not answered within ${TIP_TIMEOUT_MS} ms`, async () => {
    const tip = create(async () => new Promise(() => {}))
    const read = tip.read()
    await clock.advance(TIP_TIMEOUT_MS - 1)
    assert.ok(await isPending(read))
    await clock.advance(1)

    assert.deepEqual(await read, { height: 0, hash: genesisHash })
    assert.equal(clock.pending, 0)
  })

  it('is the genesis block without a chain', async () => {
    const tip = create()

    assert.deepEqual(await tip.read(), { height: 0, hash: genesisHash })
    assert.equal(tip.height, 0)
  })

  it('is what the chain says, at once or later', async () => {
    assert.deepEqual(await create(() => tipAt(5)).read(), tipAt(5))
    assert.deepEqual(await create(async () => tipAt(5)).read(), tipAt(5))
  })

  it('asks the chain each time it is read', async () => {
    let height = 0
    const tip = create(() => tipAt(++height))

    assert.deepEqual(await tip.read(), tipAt(1))
    assert.deepEqual(await tip.read(), tipAt(2))
  })

  it('asks the chain once for all who read it while the chain takes its time', async () => {
    const answers: ((tip: Tip) => void)[] = []
    const tip = create(async () => new Promise((resolve) => { answers.push(resolve) }))
    const reads = [tip.read(), tip.read()]
    assert.equal(tip.height, 0)
    assert.equal(answers.length, 1)
    answers[0]?.(tipAt(3))
    assert.deepEqual(await Promise.all(reads), [tipAt(3), tipAt(3)])
    void tip.read()
    assert.equal(answers.length, 2)
  })

  it('asks the chain again after it has thrown', async () => {
    let asked = 0
    const tip = create(() => {
      asked++
      throw new Error('not yet')
    })
    await tip.read()
    await tip.read()

    assert.equal(asked, 2)
  })

  it('stays what it was where the chain throws, logs it and tells of it', async () => {
    let next: () => Tip | Promise<Tip> = () => tipAt(5)
    const tip = create(() => next())
    await tip.read()

    next = () => { throw new Error('sync') }
    assert.deepEqual(await tip.read(), tipAt(5))
    next = async () => { throw new Error('async') }
    assert.deepEqual(await tip.read(), tipAt(5))
    assert.deepEqual(errors.map(([, message]) => message), ['sync', 'async'])
    assert.deepEqual(reported.map((error) => (error as Error).message), ['sync', 'async'])
  })

  it('is the genesis block where the chain throws from the beginning', async () => {
    assert.deepEqual(await create(() => { throw new Error('empty') }).read(), { height: 0, hash: genesisHash })
  })

  const unusable: [name: string, tip: unknown][] = [
    ['a negative height', { height: -1, hash: genesisHash }],
    ['half a height', { height: 1.5, hash: genesisHash }],
    ['a height that is not safe', { height: 2 ** 53, hash: genesisHash }],
    ['a bigint for a height', { height: 1n, hash: genesisHash }],
    ['no hash', { height: 1 }],
    ['a hash of 31 bytes', { height: 1, hash: new Uint8Array(31) }],
    ['a hash in hex', { height: 1, hash: '00'.repeat(32) }],
    ['a mere height', 7],
    ['nothing', undefined],
    ['null, as a database does', null]
  ]

  for (const [name, given] of unusable) {
    it(`stays what it was where the chain says ${name}, which fits no message, and tells of it`, async () => {
      const tip = create(() => given as Tip)

      assert.deepEqual(await tip.read(), { height: 0, hash: genesisHash })
      assert.equal(tip.height, 0)
      assert.deepEqual([errors.length, reported.length], [1, 1])
    })
  }

  describe('when it is opened', () => {
    it('is what the chain says', async () => {
      const tip = create(async () => tipAt(5))
      await tip.open()
      assert.deepEqual([tip.known, clock.pending], [tipAt(5), 0])
    })

    it('throws what the chain fails with, and leaves the telling to the caller', async () => {
      const cause = new Error('disk on fire')
      const expected = { name: 'StorageError', cause, message: /^The chain could not tell its tip and lowest height while the node started: disk on fire/ }
      await assert.rejects(create(() => { throw cause }).open(), expected)
      await assert.rejects(create(async () => { throw cause }).open(), expected)
      await assert.rejects(create(() => ({ height: -1, hash: genesisHash })).open(), { name: 'StorageError', message: /Expected `tip` of the chain to give/ })
      assert.deepEqual([errors, reported, clock.pending], [[], [], 0])
    })

    for (const [given, got] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [{ height: '5', hash: new Uint8Array(31) }, 'the height "5" and the hash a Uint8Array of 31 bytes']
    ] as const) {
      it(`says what the chain gave and what is wanted: ${got}`, async () => {
        await assert.rejects(create(async () => given as never).open(), {
          name: 'StorageError',
          message: 'The chain could not tell its tip and lowest height while the node started: Expected `tip` of the chain to give a height from 0 to 2^53 - 1 ' +
            `and a hash of 32 bytes, got ${got}. Repair the chain, and start again`
        })
      })
    }

    it(`goes on where the chain has not answered within ${TIP_TIMEOUT_MS} ms, and tells of an error that comes then`, async () => {
      const answer = Promise.withResolvers<Tip>()
      const tip = create(async () => answer.promise)
      const opened = tip.open()
      await clock.advance(TIP_TIMEOUT_MS - 1)
      assert.ok(await isPending(opened))
      await clock.advance(1)
      await opened
      const cause = new Error('timed out')
      answer.reject(cause)
      await turns(1)
      assert.deepEqual(reported, [cause])
    })

    it('takes the answer that comes after its time', async () => {
      const answer = Promise.withResolvers<Tip>()
      const tip = create(async () => answer.promise)
      const opened = tip.open()
      await clock.advance(TIP_TIMEOUT_MS)
      await opened
      answer.resolve(tipAt(9))
      await turns(1)
      assert.deepEqual([tip.known, reported], [tipAt(9), []])
    })
  })

  it('has a height at once, the last known one, while the chain takes its time', async () => {
    const answers: ((tip: Tip) => void)[] = []
    const tip = create(() => new Promise((resolve) => { answers.push(resolve) }))

    assert.equal(tip.height, 0)
    answers[0]?.(tipAt(7))
    await turns(1)
    assert.equal(tip.height, 7)
  })

  it('has a height where the chain never answers', () => {
    const tip = create(() => new Promise(() => {}))

    assert.deepEqual([tip.height, tip.height], [0, 0])
  })

  it('has a height where the chain throws', async () => {
    const tip = create(async () => { throw new Error('broken') })

    assert.equal(tip.height, 0)
    await turns(1)
    assert.equal(errors.length, 1)
  })

  describe('tells of each move of the tip', () => {
    it('that a write notes, with a copy of the hash, and none of one that is the same', () => {
      const tip = create(() => tipAt(1))
      const told: Tip[] = []
      tip.subscribe((moved) => { told.push(moved) })
      const hash = Uint8Array.from(sampleHash(1))
      tip.note({ height: 1, hash })
      tip.note({ height: 2, hash })
      tip.note({ height: 2, hash })
      hash.fill(0)

      assert.deepEqual(told, [{ height: 1, hash: sampleHash(1) }, { height: 2, hash: sampleHash(1) }])
      assert.deepEqual(tip.latest, { height: 2, hash: sampleHash(1) })
    })

    it('that the chain tells when it is asked', async () => {
      let height = 5
      const tip = create(() => tipAt(height))
      const told: number[] = []
      tip.subscribe(({ height }) => { told.push(height) })
      tip.subscribe(({ height }) => { told.push(-height) })
      await tip.read()
      assert.deepEqual(told.splice(0), [5, -5])
      height = 6
      await tip.read()
      await tip.read()
      assert.deepEqual(told, [6, -6])
    })

    it('and takes no answer of the chain from before a write for its tip', async () => {
      const answer = Promise.withResolvers<Tip>()
      const tip = create(async () => answer.promise)
      const read = tip.read()
      await turns(1)
      tip.note(tipAt(8))
      answer.resolve(tipAt(7))

      assert.deepEqual(await read, tipAt(8))
    })
  })
})
