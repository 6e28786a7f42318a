import assert from 'node:assert/strict'
import {
  BAN_SCORE, DISCONNECT_SCORE, MAX_SCORES, OFFENCES, Scores, SCORE_HALF_LIFE_MS
} from '../../../src/peers/penalties/scores.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Judgement, Offence } from '../../../src/peers/penalties/scores.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

const ALL = Object.keys(OFFENCES) as Offence[]

describe('peers/penalties/scores', () => {
  let clock: FakeClock
  let scores: Scores

  beforeEach(() => {
    clock = new FakeClock()
    scores = new Scores({ clock })
  })

  const pass = (ms: number): void => { clock.stall(ms) }

  /** What was said, each once, in order, while the same offence came again and again. */
  function repeat (offence: Offence, { count, pause }: { count: number, pause: number }): Judgement[] {
    const judgements = new Set<Judgement>()

    for (let i = 0; i < count; i++) {
      judgements.add(scores.note('a', offence))
      pass(pause)
    }

    return [...judgements]
  }

  it('has no scores at first', () => {
    assert.equal(scores.score('a'), 0)
    assert.equal(scores.size, 0)
  })

  it('counts what each offence weighs, for the peer whose it was', () => {
    for (const offence of ALL) {
      scores.note(offence, offence)
      assert.equal(scores.score(offence), OFFENCES[offence].weight)
    }

    assert.equal(scores.size, ALL.length)
    assert.equal(scores.score('a'), 0)
  })

  it('halves a score every 10 min', () => {
    scores.note('a', 'too-slow')
    pass(SCORE_HALF_LIFE_MS)
    assert.equal(scores.score('a'), 10)
    pass(SCORE_HALF_LIFE_MS)
    assert.equal(scores.score('a'), 5)
    scores.note('a', 'stalled')
    assert.equal(scores.score('a'), 10)
    assert.equal(SCORE_HALF_LIFE_MS, 600_000)
  })

  it('forgets what there was when it is told to', () => {
    scores.note('a', 'invalid')
    scores.forget('a')
    assert.equal(scores.score('a'), 0)
    assert.equal(scores.size, 0)
  })

  describe('at once', () => {
    for (const offence of ALL) {
      const { weight, mayBan } = OFFENCES[offence]
      const disconnectAt = Math.ceil(DISCONNECT_SCORE / weight)
      const banAt = Math.ceil(BAN_SCORE / weight)

      it(`${offence}: puts up with ${disconnectAt - 1} and disconnects at ${disconnectAt}`, () => {
        assert.deepEqual(repeat(offence, { count: disconnectAt - 1, pause: 0 }), ['fine'])
        assert.equal(scores.note('a', offence), 'disconnect')
      })

      it(`${offence}: ${mayBan ? `bans at ${banAt}` : 'bans at no number'}`, () => {
        assert.deepEqual(repeat(offence, { count: banAt - 1, pause: 0 }), ['fine', 'disconnect'])
        assert.equal(scores.note('a', offence), mayBan ? 'ban' : 'disconnect')

        if (!mayBan) {
          assert.deepEqual(repeat(offence, { count: 10_000, pause: 0 }), ['disconnect'])
          assert.equal(scores.score('a'), BAN_SCORE - 1)
        }
      })
    }
  })

  describe('all day', () => {
    const paces: [what: string, offence: Offence, pause: number, expected: Judgement[]][] = [
      ['a pool that differs a little from ours', 'rejected', 20 * SECOND, ['fine']],
      ['a pool that differs a lot from ours', 'rejected', 10 * SECOND, ['fine', 'disconnect']],
      ['junk, slowly', 'rejected', 4 * SECOND, ['fine', 'disconnect', 'ban']],
      ['a block that we refuse now and then', 'invalid', 2 * MINUTE, ['fine']],
      ['older rules, with a pause after each time', 'invalid', 25 * SECOND, ['fine', 'disconnect']],
      ['older rules, and back at once', 'invalid', 10 * SECOND, ['fine', 'disconnect', 'ban']],
      ['a slow node that stalls now and then', 'stalled', 2 * MINUTE, ['fine']],
      ['a node that stalls at each request', 'stalled', 10 * SECOND, ['fine', 'disconnect']],
      ['a node that has only a part of the chain', 'unavailable', 40 * SECOND, ['fine']],
      ['a node that has nothing, asked without end', 'unavailable', SECOND, ['fine', 'disconnect']],
      ['a link that is too slow', 'too-slow', 5 * MINUTE, ['fine', 'disconnect']],
      ['software without rate limits', 'rate-limited', 30 * SECOND, ['fine', 'disconnect']]
    ]

    for (const [what, offence, pause, expected] of paces) {
      it(`${what} (${offence} every ${pause / SECOND} s): ${expected.join(', then ')}`, () => {
        assert.deepEqual(repeat(offence, { count: Math.ceil(DAY / pause), pause }), expected)
      })
    }

    it('a peer that is only slow is never banned, with every such offence at once', () => {
      const slow = ALL.filter((offence) => !OFFENCES[offence].mayBan)
      assert.deepEqual(slow, ['stalled', 'unavailable', 'too-slow', 'rate-limited'])

      for (let i = 0; i < DAY / SECOND; i++) {
        for (const offence of slow) {
          assert.notEqual(scores.note('a', offence), 'ban')
        }

        pass(SECOND)
      }
    })

    it('a node with older rules that backs off as ours do is disconnected, and never banned', () => {
      const judgements = new Set<Judgement>()
      let backoff = SECOND
      let isConnected = true

      for (let passed = 0; passed < DAY; passed += 1000) {
        pass(SECOND)
        const judgement: Judgement = isConnected ? scores.note('a', 'invalid') : 'fine'
        judgements.add(judgement)
        isConnected = judgement === 'fine'

        if (!isConnected) {
          // the jitter takes half of it, in the long run
          pass(backoff / 2)
          isConnected = true
          backoff = Math.min(2 * backoff, 5 * MINUTE)
        }
      }

      assert.deepEqual([...judgements], ['fine', 'disconnect'])
    })
  })

  it('lets what may ban do so after what may not', () => {
    repeat('stalled', { count: 1000, pause: 0 })
    assert.equal(scores.note('a', 'stalled'), 'disconnect')
    assert.equal(scores.note('a', 'rejected'), 'ban')
  })

  it('is at the end of its patience with a peer that connects anew', () => {
    repeat('invalid', { count: 10, pause: 0 })
    pass(SECOND)
    assert.equal(scores.note('a', 'rejected'), 'disconnect')
  })

  it('has room for MAX_SCORES', () => {
    for (let i = 0; i < MAX_SCORES; i++) {
      scores.note(`peer-${i}`, 'rejected')
    }

    assert.equal(MAX_SCORES, 10_000)
    assert.equal(scores.size, MAX_SCORES)
    assert.equal(scores.score('peer-0'), 1)
    scores.note('one more', 'rejected')
    assert.equal(scores.size, MAX_SCORES)
    assert.equal(scores.score('one more'), 1)
  })

  it('forgets the lowest score as it is by now, and not the newest', () => {
    scores = new Scores({ clock, maxScores: 3 })
    scores.note('old and high', 'too-slow')
    pass(2 * SCORE_HALF_LIFE_MS)
    scores.note('high', 'too-slow')
    // 20 is 5 by now, and 4 is less
    scores.note('low', 'unavailable')
    scores.note('low', 'unavailable')
    scores.note('new and lower', 'rejected')

    const ids = ['old and high', 'high', 'low', 'new and lower']
    assert.deepEqual(ids.map((id) => scores.score(id)), [5, 20, 0, 1])
  })

  it('does not grow with 100,000 identities', () => {
    scores.note('a', 'invalid')

    for (let i = 0; i < 100_000; i++) {
      scores.note(`peer-${i}`, 'rejected')
    }

    assert.equal(scores.size, MAX_SCORES)
    assert.equal(scores.score('a'), 5)
  })
})
