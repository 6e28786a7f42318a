import assert from 'node:assert/strict'
import { newWant } from '../../../src/gossip/fetch/announcer.ts'
import { MAX_ANSWER_MS } from '../../../src/gossip/fetch/answer-time.ts'
import { MAX_OPEN_QUESTIONS, MIN_WANT_WAIT_MS, Questions, WANT_ROUNDS_MS, WANT_TIMEOUT_MS } from '../../../src/gossip/fetch/questions.ts'
import { WantTable } from '../../../src/gossip/fetch/want-table.ts'
import { Withheld } from '../../../src/gossip/fetch/withheld.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { AnnouncerKey, Want, Announcer } from '../../../src/gossip/fetch/announcer.ts'

function session (id: string): AnnouncerKey {
  return { id, direction: 'inbound', location: UNKNOWN_LOCATION }
}

describe('gossip/fetch/questions', () => {
  let clock: FakeClock
  let withheld: Withheld
  let table: WantTable
  let questions: Questions
  let alice: Announcer

  beforeEach(() => {
    clock = new FakeClock()
    withheld = new Withheld(clock)
    table = new WantTable(withheld)
    questions = new Questions({ clock, withheld, table, receivedFrom: () => 0 })
    alice = table.announcerOf(session('alice'))
  })

  function ask (key: string): Want {
    const want = table.add(key, alice, 0)!
    questions.asked(want, alice)

    return want
  }

  it(`remembers ${MAX_OPEN_QUESTIONS} questions to a peer without an answer, and of one more not the first`, () => {
    for (let i = 0; i < MAX_OPEN_QUESTIONS; i++) {
      table.end(ask(String(i)))
    }

    assert.deepEqual([alice.asks.size, alice.asks.has('0')], [MAX_OPEN_QUESTIONS, true])
    ask('one more')
    assert.deepEqual([alice.asks.size, alice.asks.has('0'), alice.asks.has('1')], [MAX_OPEN_QUESTIONS, false, true])
  })

  for (const ms of [WANT_TIMEOUT_MS, WANT_TIMEOUT_MS + 1]) {
    it(`holds ${ms > WANT_TIMEOUT_MS ? '' : 'nothing '}against a peer that others were asked because of, and that answers after ${ms} ms`, async () => {
      const want = ask('a')
      questions.passOver(want)
      questions.passOver(want)
      assert.equal(withheld.of('alice'), 1)
      await clock.advance(ms)
      questions.answered('a', alice)
      assert.equal(withheld.of('alice'), ms > WANT_TIMEOUT_MS ? 1 : 0)
    })
  }

  it(`holds against a peer what others have sent and it has not after ${WANT_TIMEOUT_MS} ms, once, and not before`, async () => {
    table.end(ask('a'))
    ask('is waited for')
    await clock.advance(WANT_TIMEOUT_MS - 1)
    questions.settle(alice)
    assert.equal(withheld.of('alice'), 0)
    await clock.advance(1)
    questions.settle(alice)
    questions.settle(alice)
    assert.deepEqual([withheld.of('alice'), [...alice.asks.keys()]], [1, ['is waited for']])
  })

  it('takes no note of an answer that was not asked for', () => {
    questions.answered('a', alice)
    assert.equal(questions.waitFor(newWant('a', 0)), MAX_ANSWER_MS)
  })

  it('gives those who are asked as much time as answers take, or as is left for the rounds that are left', async () => {
    const want = ask('a')
    want.rounds = 2
    assert.equal(questions.waitFor(want), MAX_ANSWER_MS, 'nobody is left')

    for (let i = 0; i < 9; i++) {
      table.join(want, table.announcerOf(session(`peer ${i}`)))
    }

    assert.equal(questions.waitFor(want), WANT_ROUNDS_MS / 5)
    want.rounds = 1
    assert.equal(questions.waitFor(want), MAX_ANSWER_MS, 'the first has its time')
    want.rounds = 2
    await clock.advance(WANT_ROUNDS_MS)
    assert.equal(questions.waitFor(want), MIN_WANT_WAIT_MS)
  })
})
