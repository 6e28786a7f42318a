import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { shortKeyOf } from '../../../src/gossip/digest-key.ts'
import { MAX_POOL_BYTES, MAX_POOL_TRANSACTIONS, POOL_TTL_MS, TransactionPool } from '../../../src/gossip/transactions/pool.ts'
import { seededChance } from '../../../src/util/chance.ts'

function itemOf (fill: number, bytes = 100): Uint8Array {
  const item = new Uint8Array(bytes)
  new DataView(item.buffer).setUint32(0, fill)

  return item
}

describe('gossip/transactions/pool', () => {
  let clock: FakeClock
  let pool: TransactionPool

  beforeEach(() => {
    clock = new FakeClock()
    pool = new TransactionPool({ clock, chance: seededChance(7) })
  })

  afterEach(() => {
    pool.clear()
    assert.equal(clock.pending, 0)
  })

  function add (item: Uint8Array): string {
    const digest = digestKeyOf(item)
    pool.add(digest, item)

    return digest
  }

  it('says how long it has had a transaction', async () => {
    const digest = add(itemOf(1))
    assert.equal(pool.ageOf(digest), 0)
    await clock.advance(700)
    assert.deepEqual([pool.ageOf(digest), pool.ageOf(digestKeyOf(itemOf(2)))], [700, undefined])
  })

  it('gives a transaction by its digest and by its short digest, with all of its digest', () => {
    const digest = add(itemOf(1))
    assert.deepEqual(pool.get(digest)?.item, itemOf(1))
    assert.equal(pool.get(shortKeyOf(digest))?.digest, digest)
    assert.equal(pool.get(digestKeyOf(itemOf(2))), undefined)
  })

  it('keeps a copy: what it was given may change, or be transferred', () => {
    const item = itemOf(1)
    const digest = add(item)
    item.fill(7)
    structuredClone(item.buffer, { transfer: [item.buffer as ArrayBuffer] })

    assert.deepEqual(pool.get(digest)?.item, itemOf(1))
  })

  it('gives the newest first, and takes each once', () => {
    const digests = [1, 2, 3].map((fill) => add(itemOf(fill)))
    assert.equal(pool.add(digests[0]!, itemOf(1)), false)

    assert.deepEqual([...pool.newest()].map(({ digest }) => digest), digests.reverse())
    assert.equal(pool.size, 3)
  })

  it(`keeps ${MAX_POOL_TRANSACTIONS}, and drops the oldest for one more`, () => {
    const digests = Array.from({ length: MAX_POOL_TRANSACTIONS }, (_, fill) => add(itemOf(fill)))
    assert.ok(pool.get(digests[0]!) != null)
    add(itemOf(MAX_POOL_TRANSACTIONS))
    assert.deepEqual([pool.get(digests[0]!), pool.get(digests[1]!)?.digest], [undefined, digests[1]])
    assert.equal(pool.size, MAX_POOL_TRANSACTIONS)
  })

  it(`keeps ${MAX_POOL_BYTES} bytes, and drops the oldest for one byte more`, () => {
    const half = MAX_POOL_BYTES / 2
    const first = add(itemOf(1, half))
    const second = add(itemOf(2, half))
    assert.deepEqual(pool.usage, { items: 2, maxItems: MAX_POOL_TRANSACTIONS, bytes: MAX_POOL_BYTES, maxBytes: MAX_POOL_BYTES })
    add(itemOf(3, 4))
    assert.deepEqual([pool.get(first) == null, pool.get(second) == null], [true, false])
    assert.equal(pool.usage.bytes, half + 4)
  })

  it('takes none that is larger than all of it, and drops nothing for it', () => {
    const digest = add(itemOf(1))
    assert.equal(pool.add(digestKeyOf(itemOf(2, MAX_POOL_BYTES + 1)), itemOf(2, MAX_POOL_BYTES + 1)), false)
    assert.ok(pool.get(digest) != null)
  })

  it(`forgets each after ${POOL_TTL_MS} ms, and not before`, async () => {
    const first = add(itemOf(1))
    await clock.advance(1000)
    const second = add(itemOf(2))
    await clock.advance(POOL_TTL_MS - 1001)
    assert.equal(pool.size, 2)
    await clock.advance(1)
    assert.deepEqual([pool.get(first), pool.get(second)?.digest], [undefined, second])
    await clock.advance(1000)
    assert.deepEqual(pool.usage, { items: 0, maxItems: MAX_POOL_TRANSACTIONS, bytes: 0, maxBytes: MAX_POOL_BYTES })
  })
})
