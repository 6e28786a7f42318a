import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleHash, sampleTransaction } from '../../support/sample.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { encodeTransaction } from '../../../src/codec/items/items.ts'
import { digestToKey, keyToDigest, shortKeyOf } from '../../../src/gossip/digest-key.ts'
import { ApplicationPool, MAX_POOL_READS, POOL_DIGESTS_MS, POOL_TIMEOUT_MS } from '../../../src/gossip/transactions/application-pool.ts'
import type { PoolError } from '../../../src/errors.ts'
import type { PoolSource, StoredTransaction } from '../../../src/types/pool.ts'

const TRANSACTION = sampleTransaction()
const BYTES = encodeTransaction(TRANSACTION)
const KEY = digestKeyOf(BYTES)

describe('gossip/transactions/application-pool', () => {
  let clock: FakeClock
  let errors: PoolError[]

  beforeEach(() => {
    clock = new FakeClock()
    errors = []
  })

  function poolOf (source: Partial<PoolSource>): ApplicationPool {
    const whole: PoolSource = { get: () => TRANSACTION, digests: () => [keyToDigest(KEY)], ...source }

    return new ApplicationPool({ source: whole, clock, maxFrameBytes: 65_536, onError: (err) => { errors.push(err) } })
  }

  const messages = (): string[] => errors.map(({ cause }) => (cause as Error).message)

  for (const [name, stored] of [['an object', TRANSACTION], ['bytes', BYTES], ['a promise', Promise.resolve(TRANSACTION)]] as const) {
    it(`reads a transaction that is ${name}, by its digest or its short one`, async () => {
      const pool = poolOf({ get: () => stored })
      assert.deepEqual(await pool.keys(10), [shortKeyOf(KEY)])
      assert.deepEqual(await pool.read(shortKeyOf(KEY)), { digest: KEY, item: BYTES })
      assert.equal((await pool.read(KEY))?.digest, KEY)
      assert.deepEqual(errors, [])
    })
  }

  for (const [name, digests] of [
    ['an iterable', () => new Set([keyToDigest(KEY)])],
    ['a promise', async () => [keyToDigest(KEY)]],
    ['an async iterable', async function * () { yield keyToDigest(KEY) }]
  ] as const) {
    it(`takes digests of ${name}`, async () => {
      assert.deepEqual(await poolOf({ digests: digests as PoolSource['digests'] }).keys(10), [shortKeyOf(KEY)])
    })
  }

  it('takes as many digests as it is to, and no more', async () => {
    let given = 0
    const pool = poolOf({ digests: function * () { while (true) { yield sampleHash(given++) } } })
    assert.equal((await pool.keys(10)).length, 10)
    assert.equal(given, 11)
  })

  it('reads nothing that the application has not named', () => {
    assert.equal(poolOf({}).read(KEY), undefined)
  })

  it('asks once for what several peers are told, and again a second later; what was named before can still be read', async () => {
    let asked = 0
    const pool = poolOf({ digests: () => asked++ === 0 ? [keyToDigest(KEY)] : [] })
    await Promise.all([pool.keys(10), pool.keys(10)])
    await clock.advance(POOL_DIGESTS_MS - 1)
    await pool.keys(10)
    assert.equal(asked, 1)
    await clock.advance(1)
    assert.deepEqual(await pool.keys(10), [])
    assert.equal(asked, 2)
    assert.ok(pool.read(KEY) != null)
  })

  it(`reads ${MAX_POOL_READS} at a time, and not one more`, async () => {
    const { promise, resolve } = Promise.withResolvers<StoredTransaction | undefined>()
    const digests = Array.from({ length: MAX_POOL_READS + 1 }, (_, index) => sampleHash(index))
    const pool = poolOf({ get: async () => promise, digests: () => digests })
    const keys = await pool.keys(MAX_POOL_READS + 1)
    const reads = keys.flatMap((key) => pool.read(key) ?? [])
    assert.equal(reads.length, MAX_POOL_READS)
    resolve(undefined)
    assert.deepEqual(await Promise.all(reads), reads.map(() => undefined))
    assert.ok(pool.read(keys.at(-1)!) != null)
  })

  it('asks the application once for a transaction that several peers want at the same time', async () => {
    let asked = 0
    const pool = poolOf({ get: async () => { asked++; return TRANSACTION } })
    await pool.keys(10)
    const reads = await Promise.all([KEY, shortKeyOf(KEY), KEY].flatMap((key) => pool.read(key) ?? []))
    assert.deepEqual([asked, reads.map((read) => read?.digest)], [1, [KEY, KEY, KEY]])
    await pool.read(KEY)
    assert.equal(asked, 2)
  })

  it(`leaves reads that take ${POOL_TIMEOUT_MS} ms, says so, and reads one at a time until one comes in time`, async () => {
    const isHung = { value: true }
    const digests = [KEY, ...Array.from({ length: MAX_POOL_READS }, (_, index) => digestToKey(sampleHash(index)))].map(keyToDigest)
    const pool = poolOf({ get: async () => isHung.value ? new Promise(() => {}) : TRANSACTION, digests: () => digests })
    const keys = await pool.keys(MAX_POOL_READS + 1)
    const reads = keys.slice(0, MAX_POOL_READS).flatMap((key) => pool.read(key) ?? [])
    await clock.advance(POOL_TIMEOUT_MS - 1)
    assert.deepEqual([errors.length, pool.read(keys.at(-1)!)], [0, undefined])
    await clock.advance(1)
    assert.deepEqual(await Promise.all(reads), reads.map(() => undefined))
    assert.deepEqual([errors.length, (errors[0]!.cause as Error).name], [MAX_POOL_READS, 'TimeoutError'])

    isHung.value = false
    const next = pool.read(KEY)
    assert.deepEqual([next != null, pool.read(keys.at(-1)!)], [true, undefined], 'one at a time')
    assert.equal((await next)?.digest, KEY)
    assert.deepEqual(keys.slice(-2).map((key) => pool.read(key) != null), [true, true])
  })

  it(`leaves digests that take ${POOL_TIMEOUT_MS} ms, says so, and asks again; what was named before can be read meanwhile`, async () => {
    let asked = 0
    const pool = poolOf({ digests: async () => asked++ === 1 ? new Promise(() => {}) : [keyToDigest(KEY)] })
    await pool.keys(10)
    await clock.advance(POOL_DIGESTS_MS)
    const hung = pool.keys(10)
    await clock.advance(POOL_TIMEOUT_MS - 1)
    void pool.keys(10)
    assert.deepEqual([asked, errors.length], [2, 0])
    await clock.advance(1)
    assert.deepEqual([await hung, errors.length, (await pool.read(KEY))?.digest], [[], 1, KEY])
    assert.deepEqual([await pool.keys(10), asked], [[shortKeyOf(KEY)], 3])
  })

  it('ends where the application gives the same digest without end', async () => {
    const pool = poolOf({ digests: function * () { while (true) { yield keyToDigest(KEY) } } })
    assert.deepEqual(await pool.keys(10), [shortKeyOf(KEY)])
  })

  const BAD: [name: string, source: Partial<PoolSource>, message: RegExp][] = [
    ['another transaction', { get: () => sampleTransaction({ nonce: 77n }) }, /another digest/],
    ['bytes that are none', { get: () => Uint8Array.of(1, 2, 3) }, /Could not decode/],
    ['one that does not fit', { get: () => sampleTransaction({ data: new Uint8Array(70_000) }) }, /at most/],
    ['no transaction at all', { get: () => 'text' as never }, /Could not encode/],
    ['an error', { get: () => { throw new Error('no disk') } }, /no disk/],
    ['a rejection', { get: async () => { throw new Error('no disk') } }, /no disk/]
  ]

  for (const [name, source, message] of BAD) {
    it(`gives nothing where the application gives ${name}, and says so`, async () => {
      const pool = poolOf(source)
      await pool.keys(10)
      assert.equal(await pool.read(KEY), undefined)
      assert.deepEqual(errors.map(({ name }) => name), ['PoolError'])
      assert.match(messages()[0]!, message)
    })
  }

  for (const [name, digests] of [
    ['throws', () => { throw new Error('no disk') }], ['rejects', async () => { throw new Error('no disk') }],
    ['gives no iterable', () => 7 as never], ['gives what is no digest', () => [new Uint8Array(31)]]
  ] as [string, PoolSource['digests']][]) {
    it(`has no digests where the application ${name}, and says so`, async () => {
      assert.deepEqual(await poolOf({ digests }).keys(10), [])
      assert.deepEqual(errors.map(({ name }) => name), ['PoolError'])
    })
  }
})
