import assert from 'node:assert/strict'
import fc from 'fast-check'
import { AnswerTime, MAX_ANSWER_MS, MIN_ANSWER_MS } from '../../../src/gossip/fetch/answer-time.ts'

describe('gossip/fetch/answer-time', () => {
  it(`waits ${MAX_ANSWER_MS} ms until an answer was measured`, () => {
    assert.equal(new AnswerTime().wait, MAX_ANSWER_MS)
  })

  it('waits three times as long as the first answer took, and then as mean and deviation say', () => {
    const time = new AnswerTime()
    time.note(100)
    assert.equal(time.wait, 100 + 4 * 50)
    time.note(200)
    // deviation 50 + (100 - 50) / 4, mean 100 + 100 / 8
    assert.equal(time.wait, 112.5 + 4 * 62.5)
  })

  it('comes close to what answers take when they always take the same', () => {
    const time = new AnswerTime()

    for (let i = 0; i < 100; i++) {
      time.note(400)
    }

    assert.ok(time.wait >= 400 && time.wait < 401, `${time.wait} ms`)
  })

  it(`never waits less than ${MIN_ANSWER_MS} ms or more than ${MAX_ANSWER_MS} ms`, () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }), (answers) => {
      const time = new AnswerTime()
      answers.forEach((ms) => { time.note(ms) })
      assert.ok(time.wait >= MIN_ANSWER_MS && time.wait <= MAX_ANSWER_MS)
    }))

    const [quick, slow] = [new AnswerTime(), new AnswerTime()]
    quick.note(1)
    slow.note(MAX_ANSWER_MS)
    assert.deepEqual([quick.wait, slow.wait], [MIN_ANSWER_MS, MAX_ANSWER_MS])
  })
})
