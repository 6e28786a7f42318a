import assert from 'node:assert/strict'
import { MAX_WITHHELD, MAX_WITHHELD_COUNT, Withheld, WITHHELD_TTL_MS } from '../../../src/gossip/fetch/withheld.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const alice = { id: 'alice', host: '192.0.2.1' }

describe('gossip/fetch/withheld', () => {
  let clock: FakeClock
  let withheld: Withheld

  beforeEach(() => {
    clock = new FakeClock()
    withheld = new Withheld(clock)
  })

  it('counts for a peer and for its host', () => {
    withheld.note(alice)
    withheld.note({ id: 'bob', host: alice.host })

    assert.deepEqual(['alice', 'bob', alice.host, 'carol'].map((subject) => withheld.of(subject)), [1, 1, 2, 0])
    assert.equal(withheld.isSuspect({ id: 'carol', host: alice.host }), true)
    assert.equal(withheld.isSuspect({ id: 'alice', host: '192.0.2.2' }), true)
    assert.equal(withheld.isSuspect({ id: 'carol', host: '192.0.2.2' }), false)
  })

  it('counts once for a peer whose host is not known', () => {
    withheld.note({ id: 'alice', host: 'alice' })
    assert.equal(withheld.of('alice'), 1)
    withheld.takeBack({ id: 'alice', host: 'alice' })
    assert.deepEqual([withheld.of('alice'), withheld.size], [0, 0])
  })

  it('takes back one at a time, and never more than there are', () => {
    withheld.note(alice)
    withheld.note(alice)
    withheld.takeBack(alice)
    assert.deepEqual([withheld.of('alice'), withheld.of(alice.host)], [1, 1])
    withheld.takeBack(alice)
    withheld.takeBack(alice)
    withheld.note(alice)
    assert.deepEqual([withheld.of('alice'), withheld.of(alice.host)], [1, 1])
  })

  it(`forgets after ${WITHHELD_TTL_MS} ms, from the last time on`, async () => {
    withheld.note(alice)
    await clock.advance(WITHHELD_TTL_MS - 1)
    withheld.note(alice)
    await clock.advance(WITHHELD_TTL_MS - 1)
    assert.equal(withheld.of('alice'), 2)
    await clock.advance(1)
    assert.equal(withheld.of('alice'), 0)
    withheld.note(alice)
    assert.equal(withheld.of('alice'), 1)
  })

  it(`counts up to ${MAX_WITHHELD_COUNT}`, () => {
    for (let i = 1; i <= MAX_WITHHELD_COUNT; i++) {
      withheld.note(alice)
      assert.equal(withheld.of('alice'), i)
    }

    withheld.note(alice)
    assert.equal(withheld.of('alice'), MAX_WITHHELD_COUNT)
  })

  it(`remembers ${MAX_WITHHELD} peers and hosts; of one more the one goes that was noted the longest ago`, () => {
    const note = (which: number): void => { withheld.note({ id: `peer ${which}`, host: `peer ${which}` }) }

    for (let i = 0; i < MAX_WITHHELD; i++) {
      note(i)
    }

    note(0)
    assert.deepEqual([withheld.size, withheld.of('peer 0'), withheld.of('peer 1')], [MAX_WITHHELD, 2, 1])
    note(MAX_WITHHELD)
    assert.deepEqual([withheld.size, withheld.of('peer 0'), withheld.of('peer 1'), withheld.of('peer 2')], [MAX_WITHHELD, 2, 0, 1])
  })
})
