import assert from 'node:assert/strict'
import { Deadline, LATE_TIMER_MS, MAX_FORGIVEN_STALLS, STALL_CHECK_MS, STALL_GRACE_MS } from '../../src/util/deadline.ts'
import { FakeClock } from '../support/fake-clock.ts'

const TIMEOUT = 10_000

describe('util/deadline', () => {
  let clock: FakeClock
  let expired: number
  let deadline: Deadline

  const create = (timeout: number): Deadline => new Deadline({ clock, timeout, onExpired: () => { expired++ } })

  beforeEach(() => {
    clock = new FakeClock()
    expired = 0
    deadline = create(TIMEOUT)
  })

  for (const timeout of [1, 2, 3, 10, 1001, TIMEOUT, 64_000]) {
    it(`expires once, after ${timeout} ms and not a moment before`, async () => {
      deadline = create(timeout)
      deadline.start()
      await clock.advance(timeout - 1)
      assert.deepEqual([expired, deadline.isRunning], [0, true])
      await clock.advance(1)
      assert.deepEqual([expired, deadline.isRunning, clock.pending], [1, false, 0])
      await clock.advance(10 * timeout)
      assert.equal(expired, 1)
    })
  }

  it('gives the node one more turn to read what is there: its last timer is one of 0 ms', async () => {
    deadline.start()
    await clock.advance(TIMEOUT - STALL_CHECK_MS)
    clock.stall(STALL_CHECK_MS)
    assert.deepEqual([expired, clock.next], [0, 0])
    deadline.meet()
    await clock.advance(TIMEOUT)
    assert.equal(expired, 0)
  })

  it('runs from the beginning when it is started again, with one timer', async () => {
    deadline.start()

    for (let i = 0; i < 50; i++) {
      await clock.advance(TIMEOUT - 1)
      assert.equal(clock.pending, 1)
      deadline.start()
    }

    assert.equal(expired, 0)
    await clock.advance(TIMEOUT - 1)
    assert.equal(expired, 0)
    await clock.advance(1)
    assert.equal(expired, 1)
  })

  it('may be started again when it has expired', async () => {
    deadline.start()
    await clock.advance(TIMEOUT)
    deadline.start()
    await clock.advance(TIMEOUT - 1)
    assert.equal(expired, 1)
    await clock.advance(1)
    assert.equal(expired, 2)
  })

  it('takes another time than that of its options, for one run', async () => {
    deadline.start()
    await clock.advance(1)

    for (const timeout of [3, 400, 3 * TIMEOUT]) {
      deadline.start(timeout)
      await clock.advance(timeout - 1)
      assert.equal(expired, 0)
      await clock.advance(1)
      assert.equal(expired, 1)
      expired = 0
    }

    deadline.start()
    await clock.advance(TIMEOUT - 1)
    assert.equal(expired, 0)
    deadline.stop()
  })

  it('does not expire when it is met, and its timer ends by itself', async () => {
    deadline.start()
    await clock.advance(TIMEOUT - 1)
    deadline.meet()
    assert.equal(deadline.isRunning, false)
    await clock.advance(STALL_CHECK_MS)
    assert.equal(clock.pending, 0)
    await clock.advance(TIMEOUT)
    assert.equal(expired, 0)
  })

  it('has the whole time when it is started while the timer of the time before still runs', async () => {
    deadline.start()
    await clock.advance(STALL_CHECK_MS / 2)
    deadline.meet()
    deadline.start()
    await clock.advance(TIMEOUT - 1)
    assert.equal(expired, 0)
    await clock.advance(1)
    assert.equal(expired, 1)
  })

  it('leaves no timer when it is stopped', async () => {
    deadline.start()
    deadline.stop()
    assert.deepEqual([clock.pending, deadline.isRunning], [0, false])
    await clock.advance(2 * TIMEOUT)
    assert.equal(expired, 0)
  })

  describe('after a stall', () => {
    it(`counts the time where its timer is ${LATE_TIMER_MS} ms late, and not where it is later`, async () => {
      for (const late of [LATE_TIMER_MS, LATE_TIMER_MS + 1]) {
        expired = 0
        deadline.start()
        clock.stall(STALL_CHECK_MS + late)
        await clock.advance(TIMEOUT - STALL_CHECK_MS - LATE_TIMER_MS)
        assert.equal(expired, late > LATE_TIMER_MS ? 0 : 1)
        deadline.stop()
      }
    })

    it('has as much time left as before it', async () => {
      deadline.start()
      await clock.advance(3 * STALL_CHECK_MS)
      clock.stall(3_600_000)
      await clock.advance(TIMEOUT - 4 * STALL_CHECK_MS - 1)
      assert.equal(expired, 0)
      await clock.advance(1)
      assert.equal(expired, 1)
    })

    it(`leaves ${STALL_GRACE_MS} ms where the time was about to be over, and no more`, async () => {
      deadline.start()
      await clock.advance(TIMEOUT - 1)
      clock.stall(5000)
      assert.equal(expired, 0)
      await clock.advance(STALL_GRACE_MS - 1)
      assert.equal(expired, 0)
      await clock.advance(1)
      assert.deepEqual([expired, clock.pending], [1, 0])
    })

    it(`leaves ${STALL_GRACE_MS} ms where it takes less than that altogether`, async () => {
      deadline = create(200)
      deadline.start()
      clock.stall(5000)
      await clock.advance(STALL_GRACE_MS - 1)
      assert.equal(expired, 0)
      await clock.advance(1)
      assert.equal(expired, 1)
    })

    it('notices a stall that begins as it is started, whatever the timeout', async () => {
      for (const timeout of [100, 1000, 1500, 30_000]) {
        deadline = create(timeout)
        deadline.start()
        clock.stall(5000)
        assert.equal(expired, 0)
        await clock.advance(STALL_GRACE_MS - 1)
        assert.equal(expired, 0)
        deadline.stop()
      }
    })

    it(`forgives ${MAX_FORGIVEN_STALLS} stalls, and not one more`, async () => {
      for (const stalls of [MAX_FORGIVEN_STALLS, MAX_FORGIVEN_STALLS + 1]) {
        expired = 0
        deadline = create(MAX_FORGIVEN_STALLS * 2 * STALL_CHECK_MS)
        deadline.start()

        for (let i = 0; i < stalls; i++) {
          clock.stall(60_000)
        }

        await clock.advance(0)
        assert.equal(expired, stalls > MAX_FORGIVEN_STALLS ? 1 : 0)
        deadline.stop()
      }
    })
  })

  describe('forgive', () => {
    it('takes back time that has passed', async () => {
      deadline.start()
      await clock.advance(TIMEOUT - 1)
      deadline.forgive(4000)
      await clock.advance(4000)
      assert.equal(expired, 0)
      await clock.advance(1)
      assert.equal(expired, 1)
    })

    it('takes back no more than has passed', async () => {
      deadline.start()
      await clock.advance(1500)
      deadline.forgive(1_000_000)
      await clock.advance(TIMEOUT - 1)
      assert.equal(expired, 0)
      await clock.advance(1)
      assert.equal(expired, 1)
    })
  })
})
