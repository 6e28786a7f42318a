import assert from 'node:assert/strict'
import { AnswerSize, FULL_ANSWERS } from '../../../src/sync/download/answer-size.ts'
import { MAX_RANGE_BLOCKS } from '../../../src/sync/serve/server.ts'

describe('sync/download/answer-size', () => {
  let answers: AnswerSize

  beforeEach(() => {
    answers = new AnswerSize()
  })

  /** Asks for as much as there may be, so many times, of a peer that answers with `size` blocks. Returns what it was asked for. */
  function ask (size: number, times: number): number[] {
    return Array.from({ length: times }, () => {
      const asked = Math.min(MAX_RANGE_BLOCKS, answers.max)
      answers.onAsk(asked)
      answers.onAnswer(asked, Math.min(asked, size))

      return asked
    })
  }

  it('is without bounds until an answer is short', () => {
    answers.onAnswer(1, 1)
    answers.onAnswer(MAX_RANGE_BLOCKS, MAX_RANGE_BLOCKS)
    assert.equal(answers.max, Infinity)
    answers.onAnswer(1000, 7)
    assert.equal(answers.max, 7)
  })

  it(`tries for twice as much after ${FULL_ANSWERS} full answers in a row, and not before`, () => {
    ask(7, 1)
    assert.deepEqual(ask(7, 2 * FULL_ANSWERS + 2), [...Array<number>(FULL_ANSWERS).fill(7), 14, ...Array<number>(FULL_ANSWERS).fill(7), 14])
    ask(7, FULL_ANSWERS - 1)
    answers.onAnswer(7, 6)
    assert.equal(answers.max, 6)
  })

  it('grows with each answer of a peer that has become generous, up to no bounds', () => {
    ask(300, 1)
    ask(7, 1)
    assert.deepEqual(ask(Infinity, FULL_ANSWERS + 8).slice(FULL_ANSWERS), [14, 28, 56, 112, 224, 448, 896, 1024])
    assert.equal(answers.max, Infinity)
  })

  it('does not count an answer to less than it would ask for', () => {
    ask(7, 1)
    Array.from({ length: 2 * FULL_ANSWERS }, () => { answers.onAnswer(6, 6) })
    assert.equal(answers.max, 7)
  })

  it('tries with one request for more, however many are under way', () => {
    ask(7, 1 + FULL_ANSWERS)
    assert.equal(answers.max, 14)
    answers.onAsk(14)
    assert.equal(answers.max, 7)
    // those that were under way with it
    Array.from({ length: FULL_ANSWERS - 1 }, () => { answers.onAnswer(7, 7) })
    assert.equal(answers.max, 7)
    answers.onAnswer(14, 14)
    assert.equal(answers.max, 28)
  })

  it('has at most an eighth of what is asked for more than what comes, whatever the peer answers with', () => {
    for (const size of [1, 7, 100, 513]) {
      answers = new AnswerSize()
      ask(size, 1)
      const asked = ask(size, 90)
      const came = asked.reduce((sum, count) => sum + Math.min(count, size), 0)
      assert.ok(asked.reduce((sum, count) => sum + count, 0) / came <= 1 + 1 / FULL_ANSWERS, `${size} blocks`)
    }
  })
})
