import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { FlushTurn } from '../../../src/session/send/flush-turn.ts'

/** Resolves at the end of the turn, behind what was deferred to it before. */
const turnEnded = async (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

describe('session/send/flush-turn', () => {
  let isUrgent: boolean
  let flushes: number
  let turn: FlushTurn

  beforeEach(() => {
    isUrgent = false
    flushes = 0
    turn = new FlushTurn(new FakeClock(), { isUrgent: () => isUrgent, flush: () => { flushes++ } })
  })

  it('flushes once for all that is written in one turn, at its end', async () => {
    turn.schedule()
    await Promise.resolve()
    turn.schedule()
    assert.equal(flushes, 0)

    await turnEnded()
    assert.equal(flushes, 1)
  })

  it('flushes what is urgent as soon as its writer is done', async () => {
    isUrgent = true
    turn.schedule()
    turn.schedule()
    assert.equal(flushes, 0)

    await Promise.resolve()
    assert.equal(flushes, 1)
    await turnEnded()
    assert.equal(flushes, 1)
  })

  it('joins what is urgent with what is written right after it', async () => {
    isUrgent = true
    turn.schedule()
    isUrgent = false
    turn.schedule()
    await Promise.resolve()
    assert.equal(flushes, 0)

    await turnEnded()
    assert.equal(flushes, 1)
  })

  it('says whether something is about to be sent, and flushes again for what is written later', async () => {
    assert.equal(turn.isDue, false)
    turn.schedule()
    assert.equal(turn.isDue, true)
    await turnEnded()
    assert.equal(turn.isDue, false)

    turn.schedule()
    await turnEnded()
    assert.equal(flushes, 2)
  })
})
