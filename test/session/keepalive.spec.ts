import assert from 'node:assert/strict'
import { STALL_GRACE_MS } from '../../src/util/deadline.ts'
import { Keepalive } from '../../src/session/keepalive.ts'
import { FakeClock } from '../support/fake-clock.ts'

const INTERVAL = 30_000
const TIMEOUT = 20_000

describe('session/keepalive', () => {
  let clock: FakeClock
  let pings: bigint[]
  let timeouts: number
  let waitAgain: boolean
  let keepalive: Keepalive

  beforeEach(() => {
    clock = new FakeClock()
    pings = []
    timeouts = 0
    waitAgain = false
    keepalive = new Keepalive({
      clock,
      chance: systemChance,
      interval: INTERVAL,
      timeout: TIMEOUT,
      sendPing: (nonce) => { pings.push(nonce) },
      onTimeout: () => {
        timeouts++

        return waitAgain
      }
    })
  })

  it('does nothing until it is started', () => {
    assert.equal(clock.pending, 0)
    assert.deepEqual(pings, [])
  })

  it('sends the first ping at once', () => {
    keepalive.start()

    assert.equal(pings.length, 1)
    assert.equal(keepalive.rtt, undefined)
  })

  it('sends the next ping 27 to 33 s after the pong, and not always after the same time', async () => {
    const delays: number[] = []
    keepalive.start()

    for (let i = 0; i < 100; i++) {
      const sent: number = pings.length
      assert.equal(keepalive.onPong(pings.at(-1)!), true)
      const delay = clock.next!
      delays.push(delay)
      await clock.advance(delay - 1)
      assert.equal(pings.length, sent)
      await clock.advance(1)
      assert.equal(pings.length, sent + 1)
    }

    assert(Math.min(...delays) >= 0.9 * INTERVAL && Math.max(...delays) <= 1.1 * INTERVAL)
    assert(Math.max(...delays) - Math.min(...delays) > 0.1 * INTERVAL)
    assert.equal(timeouts, 0)
  })

  it('chooses among few intervals, of whole ms, so that the timers of many sessions share a list of Node.js', () => {
    const intervals = new Set<number>()

    for (const random of Array.from({ length: 1000 }, (_, index) => index / 1000)) {
      const chosen = new FakeClock()
      const other = new Keepalive({
        clock: chosen,
        chance: { ...systemChance, random: () => random },
        interval: INTERVAL + 1,
        timeout: TIMEOUT,
        sendPing: (nonce) => { pings.push(nonce) },
        onTimeout: () => false
      })

      other.start()
      other.onPong(pings.at(-1)!)
      intervals.add(chosen.next!)
    }

    assert.equal(intervals.size, 21)
    assert([...intervals].every((interval) => Number.isInteger(interval)))
  })

  it('has one ping out at a time', async () => {
    keepalive.start()
    await clock.advance(TIMEOUT - 1)

    assert.equal(pings.length, 1)
    assert.equal(clock.pending, 1)
  })

  it('uses another nonce for each ping', async () => {
    keepalive.start()

    for (let i = 0; i < 50; i++) {
      keepalive.onPong(pings.at(-1)!)
      await clock.advance(1.1 * INTERVAL)
    }

    assert.equal(new Set(pings).size, 51)
  })

  it('times out when the pong has not come after the timeout, and not a moment before', async () => {
    keepalive.start()
    await clock.advance(TIMEOUT - 1)
    assert.equal(timeouts, 0)
    await clock.advance(1)
    assert.equal(timeouts, 1)
    assert.equal(clock.pending, 0)
  })

  it('times out for each ping anew', async () => {
    keepalive.start()
    keepalive.onPong(pings[0]!)
    await clock.advance(clock.next!)
    await clock.advance(TIMEOUT - 1)
    assert.equal(timeouts, 0)
    await clock.advance(1)
    assert.equal(timeouts, 1)
  })

  it('takes no pong but that with the nonce of the ping that is out', async () => {
    keepalive.start()
    const nonce = pings[0]!
    assert.equal(keepalive.onPong(nonce ^ 1n), false)
    assert.equal(keepalive.onPong(0n), false)
    assert.equal(keepalive.rtt, undefined)
    await clock.advance(TIMEOUT)
    assert.equal(timeouts, 1)
  })

  it('takes a pong once', async () => {
    keepalive.start()
    const nonce = pings[0]!
    assert.equal(keepalive.onPong(nonce), true)
    assert.equal(keepalive.onPong(nonce), false)
    await clock.advance(1.1 * INTERVAL)
    assert.equal(keepalive.onPong(nonce), false)
    await clock.advance(TIMEOUT)
    assert.equal(timeouts, 1)
  })

  it('measures the time from ping to pong', async () => {
    keepalive.start()
    await clock.advance(123)
    keepalive.onPong(pings[0]!)
    assert.equal(keepalive.rtt, 123)
    assert.equal(keepalive.leastRtt, 123)
    await clock.advance(clock.next!)
    assert.equal(keepalive.rtt, 123)
    await clock.advance(45)
    keepalive.onPong(1n)
    assert.equal(keepalive.rtt, 123)
    keepalive.onPong(pings[1]!)
    assert.equal(keepalive.rtt, 45)
    assert.equal(keepalive.leastRtt, 45)
  })

  it('waits for the same pong once more where it is told to', async () => {
    waitAgain = true
    keepalive.start()
    await clock.advance(TIMEOUT)
    assert.equal(timeouts, 1)
    await clock.advance(TIMEOUT - 1)
    assert.equal(timeouts, 1)
    waitAgain = false
    await clock.advance(1)
    assert.equal(timeouts, 2)
    assert.equal(pings.length, 1)
    assert.equal(clock.pending, 0)
  })

  it('still takes the pong after it waited once more', async () => {
    waitAgain = true
    keepalive.start()
    await clock.advance(1.5 * TIMEOUT)
    assert.equal(keepalive.onPong(pings[0]!), true)
    assert.equal(keepalive.rtt, 1.5 * TIMEOUT)
    await clock.advance(clock.next!)
    assert.equal(pings.length, 2)
    assert.equal(timeouts, 1)
  })

  for (const stall of [5000, 3_600_000]) {
    it(`does not time out because we stood still for ${stall} ms: the pong may wait to be read`, async () => {
      keepalive.start()
      await clock.advance(TIMEOUT - 1)
      clock.stall(stall)
      await clock.advance(STALL_GRACE_MS - 1)
      assert.equal(timeouts, 0)
      assert.equal(keepalive.onPong(pings[0]!), true)
      await clock.advance(0.8 * INTERVAL)
      assert.equal(timeouts, 0)
    })

    it(`times out all the same when no pong has come within ${STALL_GRACE_MS} ms after we stood still for ${stall} ms`, async () => {
      keepalive.start()
      await clock.advance(TIMEOUT - 1)
      clock.stall(stall)
      await clock.advance(STALL_GRACE_MS)
      assert.equal(timeouts, 1)
      assert.equal(clock.pending, 0)
    })
  }

  for (const state of ['a ping is out', 'the next ping is due later']) {
    it(`leaves no timer when it is stopped while ${state}`, async () => {
      keepalive.start()

      if (state !== 'a ping is out') {
        keepalive.onPong(pings[0]!)
      }

      keepalive.stop()
      assert.equal(clock.pending, 0)
      await clock.advance(10 * INTERVAL)
      assert.equal(pings.length, 1)
      assert.equal(timeouts, 0)
    })
  }

  it('leaves no timer when sending the ping is what stops it', async () => {
    const stopped = new Keepalive({
      clock,
      chance: systemChance,
      interval: INTERVAL,
      timeout: TIMEOUT,
      sendPing: () => { stopped.stop() },
      onTimeout: () => assert.fail('it was stopped')
    })
    stopped.start()

    assert.equal(clock.pending, 0)
    await clock.advance(TIMEOUT)
  })

  it('takes no pong once it is stopped', () => {
    keepalive.start()
    keepalive.stop()

    assert.equal(keepalive.onPong(pings[0]!), false)
    assert.equal(clock.pending, 0)
  })
})
import { systemChance } from '../../src/util/chance.ts'
