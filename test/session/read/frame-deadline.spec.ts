import assert from 'node:assert/strict'
import { STALL_GRACE_MS } from '../../../src/util/deadline.ts'
import { FrameDeadline } from '../../../src/session/read/frame-deadline.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const TIMEOUT = 30_000

describe('session/read/frame-deadline', () => {
  let clock: FakeClock
  let late: number
  let deadline: FrameDeadline

  beforeEach(() => {
    clock = new FakeClock()
    late = 0
    deadline = new FrameDeadline({ clock, timeout: TIMEOUT, onLate: () => { late++ } })
  })

  it('runs no timer while no frame is begun', () => {
    deadline.onPartial(false)
    deadline.onFrame()
    deadline.onPartial(false)

    assert.equal(clock.pending, 0)
  })

  it('is late when a frame that was begun is not complete after the timeout, and not a moment before', async () => {
    deadline.onPartial(true)
    await clock.advance(TIMEOUT - 1)
    assert.equal(late, 0)
    await clock.advance(1)
    assert.equal(late, 1)
  })

  it('is not extended by bytes that trickle in', async () => {
    for (let ms = 0; ms < TIMEOUT; ms += 1000) {
      assert.equal(late, 0)
      deadline.onPartial(true)
      await clock.advance(1000)
    }

    assert.equal(late, 1)
  })

  it('is not late when the frame is completed in time', async () => {
    deadline.onPartial(true)
    await clock.advance(TIMEOUT - 1)
    deadline.onFrame()
    deadline.onPartial(false)
    await clock.advance(10 * TIMEOUT)

    assert.equal(late, 0)
    assert.equal(clock.pending, 0)
  })

  it('gives each frame the whole timeout', async () => {
    deadline.onPartial(true)
    await clock.advance(TIMEOUT - 1)
    deadline.onFrame()
    deadline.onPartial(true)
    await clock.advance(TIMEOUT - 1)
    assert.equal(late, 0)
    await clock.advance(1)
    assert.equal(late, 1)
  })

  it('gives a frame that begins later the whole timeout from its own beginning', async () => {
    deadline.onPartial(true)
    await clock.advance(1000)
    deadline.onFrame()
    deadline.onPartial(false)
    await clock.advance(9000)
    deadline.onPartial(true)
    await clock.advance(TIMEOUT - 1)
    assert.equal(late, 0)
    await clock.advance(1)
    assert.equal(late, 1)
  })

  it('watches over many frames with one timer', async () => {
    for (let i = 0; i < 1000; i++) {
      deadline.onPartial(true)
      assert.equal(clock.pending, 1)
      await clock.advance(100)
      deadline.onFrame()
    }

    assert.equal(late, 0)
  })

  it('is late once', async () => {
    deadline.onPartial(true)
    await clock.advance(10 * TIMEOUT)

    assert.equal(late, 1)
    assert.equal(clock.pending, 0)
  })

  it('is not late because we stood still: the rest of the frame may wait to be read', async () => {
    deadline.onPartial(true)
    await clock.advance(TIMEOUT - 1)
    clock.stall(5000)
    await clock.advance(STALL_GRACE_MS - 1)
    assert.equal(late, 0)
    await clock.advance(1)
    assert.equal(late, 1)
  })

  it('gives back the time in which we did not read, as soon as it is told of it', async () => {
    deadline.onPartial(true)
    await clock.advance(TIMEOUT - 1)
    deadline.forgive(7000)
    await clock.advance(7000)
    assert.equal(late, 0)
    await clock.advance(1)
    assert.equal(late, 1)
  })

  it('blames no peer while this node does not read, and gives the whole timeout then', async () => {
    let isHeldUp = true
    const held = new FrameDeadline({ clock, timeout: TIMEOUT, onLate: () => { late++ }, isHeldUp: () => isHeldUp })
    held.onPartial(true)
    await clock.advance(TIMEOUT)
    isHeldUp = false
    await clock.advance(TIMEOUT - 1)
    assert.equal(late, 0)
    await clock.advance(1)
    assert.equal(late, 1)
  })

  it('sets no timer once it is stopped', () => {
    deadline.stop()
    deadline.onPartial(true)

    assert.equal(clock.pending, 0)
  })

  it('leaves no timer when it is stopped', async () => {
    deadline.onPartial(true)
    deadline.stop()
    assert.equal(clock.pending, 0)
    await clock.advance(2 * TIMEOUT)
    assert.equal(late, 0)
  })
})
