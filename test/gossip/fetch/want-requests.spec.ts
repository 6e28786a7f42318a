import assert from 'node:assert/strict'
import { createWantedItem } from '../../../src/gossip/fetch/announcer.ts'
import { MAX_ANSWER_MS } from '../../../src/gossip/fetch/answer-time.ts'
import { MAX_OPEN_WANTS, MIN_WANT_WAIT_MS, WantRequests, WANT_ROUNDS_MS, WANT_TIMEOUT_MS } from '../../../src/gossip/fetch/want-requests.ts'
import { WantedItems } from '../../../src/gossip/fetch/wanted-items.ts'
import { Withheld } from '../../../src/gossip/fetch/withheld.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { AnnouncerKey, WantedItem, Announcer } from '../../../src/gossip/fetch/announcer.ts'

function session (id: string): AnnouncerKey {
  return { id, direction: 'inbound', location: UNKNOWN_LOCATION }
}

describe('gossip/fetch/want-requests', () => {
  let clock: FakeClock
  let withheld: Withheld
  let table: WantedItems
  let requests: WantRequests
  let alice: Announcer

  beforeEach(() => {
    clock = new FakeClock()
    withheld = new Withheld(clock)
    table = new WantedItems(withheld)
    requests = new WantRequests({ clock, withheld, table, receivedFrom: () => 0 })
    alice = table.announcerOf(session('alice'))
  })

  function ask (key: string): WantedItem {
    const want = table.add(key, alice, 0)!
    requests.asked(want, alice)

    return want
  }

  it(`remembers ${MAX_OPEN_WANTS} requests to a peer without an answer, and of one more not the first`, () => {
    for (let i = 0; i < MAX_OPEN_WANTS; i++) {
      table.end(ask(String(i)))
    }

    assert.deepEqual([alice.requests.size, alice.requests.has('0')], [MAX_OPEN_WANTS, true])
    ask('one more')
    assert.deepEqual([alice.requests.size, alice.requests.has('0'), alice.requests.has('1')], [MAX_OPEN_WANTS, false, true])
  })

  for (const ms of [WANT_TIMEOUT_MS, WANT_TIMEOUT_MS + 1]) {
    it(`holds ${ms > WANT_TIMEOUT_MS ? '' : 'nothing '}against a peer that others were asked because of, and that answers after ${ms} ms`, async () => {
      const want = ask('a')
      requests.noteLate(want)
      requests.noteLate(want)
      assert.equal(withheld.of('alice'), 1)
      await clock.advance(ms)
      requests.answered('a', alice)
      assert.equal(withheld.of('alice'), ms > WANT_TIMEOUT_MS ? 1 : 0)
    })
  }

  it(`holds against a peer what others have sent and it has not after ${WANT_TIMEOUT_MS} ms, once, and not before`, async () => {
    table.end(ask('a'))
    ask('is waited for')
    await clock.advance(WANT_TIMEOUT_MS - 1)
    requests.expire(alice)
    assert.equal(withheld.of('alice'), 0)
    await clock.advance(1)
    requests.expire(alice)
    requests.expire(alice)
    assert.deepEqual([withheld.of('alice'), [...alice.requests.keys()]], [1, ['is waited for']])
  })

  it('takes no note of an answer that was not asked for', () => {
    requests.answered('a', alice)
    assert.equal(requests.waitFor(createWantedItem('a', 0)), MAX_ANSWER_MS)
  })

  it('gives peers that are asked as much time as answers take, or as is left for the rounds that are left', async () => {
    const want = ask('a')
    want.rounds = 2
    assert.equal(requests.waitFor(want), MAX_ANSWER_MS, 'no peer is left')

    for (let i = 0; i < 9; i++) {
      table.join(want, table.announcerOf(session(`peer ${i}`)))
    }

    assert.equal(requests.waitFor(want), WANT_ROUNDS_MS / 5)
    want.rounds = 1
    assert.equal(requests.waitFor(want), MAX_ANSWER_MS, 'the first has its time')
    want.rounds = 2
    await clock.advance(WANT_ROUNDS_MS)
    assert.equal(requests.waitFor(want), MIN_WANT_WAIT_MS)
  })
})
