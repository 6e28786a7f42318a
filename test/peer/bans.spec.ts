import assert from 'node:assert/strict'
import { BAN_DURATION_MS, Bans, MAX_BANS } from '../../src/peer/bans.ts'
import { FakeClock } from '../fake-clock.ts'

describe('Bans', () => {
  let clock: FakeClock
  let bans: Bans

  beforeEach(() => {
    clock = new FakeClock()
    bans = new Bans(clock)
  })

  it('knows nobody at first', () => {
    assert.equal(bans.has('a'), false)
    assert.equal(bans.remove('a'), false)
    assert.equal(bans.size, 0)
  })

  for (const duration of [0, -1, Number.NaN]) {
    it(`refuses a duration of ${duration}`, () => {
      assert.throws(() => { bans.add('a', duration) }, { name: 'ConfigError' })
      assert.equal(bans.has('a'), false)
    })
  }

  it('keeps a peer out for an hour, and not a moment longer', async () => {
    bans.add('a')
    await clock.advance(BAN_DURATION_MS - 1)
    assert.equal(bans.has('a'), true)
    assert.equal(bans.has('b'), false)
    await clock.advance(1)
    assert.equal(bans.has('a'), false)
    assert.equal(BAN_DURATION_MS, 3_600_000)
  })

  it('keeps a peer out for as long as it is told', async () => {
    bans.add('a', 10)
    await clock.advance(9)
    assert.equal(bans.has('a'), true)
    await clock.advance(1)
    assert.equal(bans.has('a'), false)
  })

  it('counts only bans that have not ended', async () => {
    bans.add('a', 10)
    bans.add('b', 20)
    assert.equal(bans.size, 2)
    await clock.advance(10)
    assert.equal(bans.size, 1)
    await clock.advance(10)
    assert.equal(bans.size, 0)
  })

  for (const [title, first, second] of [['later', 10, 100], ['earlier', 100, 10]] as const) {
    it(`keeps to the longer of two bans where it came ${title}`, async () => {
      bans.add('a', first)
      bans.add('a', second)
      await clock.advance(99)
      assert.equal(bans.has('a'), true)
      await clock.advance(1)
      assert.equal(bans.has('a'), false)
    })
  }

  it('lets a peer in again when it is told to', () => {
    bans.add('a')
    assert.equal(bans.remove('a'), true)
    assert.equal(bans.has('a'), false)
    assert.equal(bans.remove('a'), false)
  })

  it('has room for MAX_BANS', () => {
    for (let i = 0; i < MAX_BANS; i++) {
      bans.add(`peer-${i}`, 1000 + i)
    }

    assert.equal(bans.size, MAX_BANS)
    assert.equal(bans.has('peer-0'), true)
  })

  it('forgets the ban that ends first for the one that is too many', () => {
    for (let i = 0; i < MAX_BANS; i++) {
      // the one that ends first is neither the first nor the last
      bans.add(`peer-${i}`, i === 5000 ? 500 : 1000 + i)
    }

    bans.add('one more', 2000)

    assert.equal(bans.size, MAX_BANS)
    assert.equal(bans.has('peer-5000'), false)
    assert.deepEqual(['one more', 'peer-0', 'peer-4999', 'peer-9999'].map((id) => bans.has(id)), [true, true, true, true])
  })

  it('forgets no ban that lasts while there is one that has ended', async () => {
    for (let i = 0; i < MAX_BANS; i++) {
      bans.add(`peer-${i}`, i === 7 ? 10 : 1000)
    }

    await clock.advance(10)
    bans.add('one more', 20)

    assert.equal(bans.size, MAX_BANS)
    assert.equal(bans.has('one more'), true)
  })

  it('needs no room to make a ban longer', () => {
    for (let i = 0; i < MAX_BANS; i++) {
      bans.add(`peer-${i}`, 1000)
    }

    bans.add('peer-3', 2000)

    assert.equal(bans.size, MAX_BANS)
    assert.equal(bans.has('peer-0'), true)
  })
})
