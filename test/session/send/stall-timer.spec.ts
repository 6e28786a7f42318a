import assert from 'node:assert/strict'
import { StallTimer } from '../../../src/session/send/stall-timer.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const TIMEOUT = 30_000

describe('session/send/stall-timer', () => {
  let clock: FakeClock
  let state: { isWaiting: boolean, progress: number, stalls: number }
  let timer: StallTimer

  beforeEach(() => {
    clock = new FakeClock()
    state = { isWaiting: true, progress: 0, stalls: 0 }
    timer = new StallTimer({
      clock,
      timeout: TIMEOUT,
      isWaiting: () => state.isWaiting,
      progress: () => state.progress,
      onStall: () => { state.stalls++ }
    })
  })

  afterEach(() => {
    timer.stop()
    assert.equal(clock.pending, 0)
  })

  it('tells of a stall after the timeout, not a moment before, and once', async () => {
    timer.check()
    await clock.advance(TIMEOUT - 1)
    assert.equal(state.stalls, 0)
    await clock.advance(1)
    assert.equal(state.stalls, 1)
    await clock.advance(10 * TIMEOUT)
    assert.equal(state.stalls, 1)
  })

  it('is not put off by being asked to look', async () => {
    timer.check()

    for (let i = 0; i < 29; i++) {
      await clock.advance(1000)
      timer.check()
    }

    await clock.advance(1000)
    assert.equal(state.stalls, 1)
  })

  it('begins anew with every progress, told of or not', async () => {
    timer.check()
    await clock.advance(TIMEOUT - 1)
    state.progress++
    timer.check()
    await clock.advance(TIMEOUT - 1)
    state.progress++
    await clock.advance(TIMEOUT)
    assert.equal(state.stalls, 0)
    await clock.advance(TIMEOUT)
    assert.equal(state.stalls, 1)
  })

  it('does not run while nothing waits', async () => {
    timer.check()
    state.isWaiting = false
    timer.check()
    assert.equal(clock.pending, 0)
    await clock.advance(2 * TIMEOUT)
    assert.equal(state.stalls, 0)
  })

  it('forgives a stall of our own', async () => {
    timer.check()
    clock.stall(2 * TIMEOUT)
    await clock.advance(0)
    assert.equal(state.stalls, 0)
  })
})
