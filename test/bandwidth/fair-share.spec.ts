import assert from 'node:assert/strict'
import fc from 'fast-check'
import { BURST_MS, FairShare, TURN_MS } from '../../src/bandwidth/fair-share.ts'
import { BULK_SHARE } from '../../src/bandwidth/traffic-class.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Lane } from '../../src/bandwidth/lane.ts'
import type { TrafficClass } from '../../src/bandwidth/traffic-class.ts'

const RATE = 100_000
const TURN = RATE * TURN_MS / 1000
const DEPTH = RATE * (BURST_MS - TURN_MS) / 1000

/** A session that has so much to pass of each kind, in frames of a size. */
class Sender {
  readonly lane: Lane
  readonly passed: Record<TrafficClass, number> = { live: 0, bulk: 0 }
  readonly left: Record<TrafficClass, number> = { live: 0, bulk: 0 }
  readonly frame: number
  /** Told of each turn. */
  onPassed: ((kind: TrafficClass, bytes: number) => void) | undefined

  constructor (share: FairShare, frame = 1) {
    this.frame = frame
    this.lane = share.open((maxBytes, kind) => this.#onTurn(maxBytes, kind))
  }

  get total (): number {
    return this.passed.live + this.passed.bulk
  }

  add (kind: TrafficClass, bytes: number): void {
    this.left[kind] += bytes
    this.lane.wait(kind)
  }

  #onTurn (maxBytes: number, kind: TrafficClass): number {
    const frames = Math.max(1, Math.floor(maxBytes / this.frame))
    const bytes = Math.min(this.left[kind], frames * this.frame)
    this.left[kind] -= bytes
    this.passed[kind] += bytes
    this.onPassed?.(kind, bytes)

    if (this.left[kind] > 0) {
      this.lane.wait(kind)
    }

    return bytes
  }
}

describe('bandwidth/fair-share', () => {
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  function share (total: number, each = Infinity): FairShare {
    return new FairShare(clock, { total, each })
  }

  it('lets everything pass at once where there is no cap, and needs no timer', () => {
    const sender = new Sender(share(Infinity))
    assert.equal(sender.lane.isLimited, false)
    sender.add('live', 1e9)
    sender.add('bulk', 1e9)
    assert.deepEqual(sender.passed, { live: 1e9, bulk: 1e9 })
    assert.equal(clock.pending, 0)
  })

  it('is limited by either cap', () => {
    assert.equal(share(RATE).isLimited, true)
    assert.equal(share(Infinity, RATE).isLimited, true)
  })

  for (const [name, rates] of [['of all', { total: RATE, each: Infinity }], ['of each', { total: Infinity, each: RATE }]] as const) {
    describe(`with a cap ${name}`, () => {
      it('begins a turn with one byte left of the burst, and none with nothing left', () => {
        const a = new Sender(new FairShare(clock, rates), DEPTH - 1)
        a.add('live', DEPTH - 1)
        assert.equal(a.lane.isWaiting, false)
        a.add('live', 1)
        assert.equal(a.total, DEPTH)
        a.add('live', 1)
        assert.equal(a.total, DEPTH)
        assert.equal(a.lane.isWaiting, true)
      })

      it('lets pass no more at once than the burst, in turns', () => {
        const turns: number[] = []
        const sender = new Sender(new FairShare(clock, rates))
        sender.onPassed = (_, bytes) => { turns.push(bytes) }
        sender.add('live', 10 * RATE)
        assert.deepEqual(turns, [TURN, TURN])
        assert.ok(sender.total <= RATE * BURST_MS / 1000)
      })

      it('keeps to the cap from then on, and is not late', async () => {
        const sender = new Sender(new FairShare(clock, rates))
        sender.add('live', 10 * RATE)

        for (let second = 1; second <= 5; second++) {
          await clock.advance(1000)
          const excess = sender.total - second * RATE
          assert.ok(excess >= 0 && excess <= RATE * BURST_MS / 1000, `${excess} bytes more`)
        }
      })

      it('charges a large frame as a debt', async () => {
        const sender = new Sender(new FairShare(clock, rates), 3 * RATE)
        sender.add('live', 6 * RATE)
        assert.equal(sender.total, 3 * RATE)
        await clock.advance(3000 - DEPTH * 1000 / RATE)
        assert.equal(sender.total, 3 * RATE)
        await clock.advance(1)
        assert.equal(sender.total, 6 * RATE)
      })

      it('lets pass after an hour no more than after a moment', async () => {
        const sender = new Sender(new FairShare(clock, rates))
        sender.add('live', RATE)
        await clock.advance(3_600_000)
        const before = sender.total
        sender.add('live', RATE)
        assert.equal(sender.total - before, 2 * TURN)
      })

      it('charges what passes without a turn', async () => {
        const sender = new Sender(new FairShare(clock, rates))
        sender.lane.charge(DEPTH + RATE)
        sender.add('live', 1)
        await clock.advance(1000)
        assert.equal(sender.total, 0)
        await clock.advance(1)
        assert.equal(sender.total, 1)
      })

      it('is changed for those that wait too: to more, to less, to none, and back', async () => {
        const fair = new FairShare(clock, rates)
        const sender = new Sender(fair)
        const setTo = (rate: number): void => {
          fair.setRates({ total: rates.total === Infinity ? Infinity : rate, each: rates.each === Infinity ? Infinity : rate })
        }
        const passedIn = async (ms: number): Promise<number> => {
          const before = sender.total
          await clock.advance(ms)

          return sender.total - before
        }
        sender.add('live', 100 * RATE)
        await clock.advance(1000)
        setTo(10 * RATE)
        assert.ok(Math.abs(await passedIn(1000) - 10 * RATE) <= 2.5 * RATE)
        setTo(RATE / 10)
        // what was over the cap before it was changed is paid off first
        assert.ok(await passedIn(1000) <= RATE / 10)
        await clock.advance(20_000)
        assert.ok(Math.abs(await passedIn(10_000) - RATE) <= RATE * BURST_MS / 1000)
        const { left } = sender
        assert.ok(left.live > 0)
        setTo(Infinity)
        assert.equal(left.live, 0)
        assert.equal(clock.pending, 0)
        setTo(RATE)
        sender.add('live', 10 * RATE)
        assert.equal(left.live, 10 * RATE - 2 * TURN)
      })
    })
  }

  it('gives turns of at least a byte, whatever the cap', () => {
    assert.equal(new Sender(share(1)).lane.turnBytes, 1)
    assert.equal(new Sender(share(RATE)).lane.turnBytes, TURN)
    assert.equal(new Sender(share(RATE, RATE / 2)).lane.turnBytes, TURN / 2)
    assert.equal(new Sender(share(Infinity)).lane.turnBytes, Infinity)
  })

  it('looks at a debt of months within a minute, for it may be changed and timers are not made for that', async () => {
    const sender = new Sender(share(1), 1e10)
    sender.add('live', 2e10)
    assert.equal(clock.next, 60_000)
    await clock.advance(600_000)
    assert.equal(sender.total, 1e10)
  })

  describe('is fair:', () => {
    it('who has little passes by who has much, after a turn at most', async () => {
      const fair = share(RATE)
      const [much, little] = [new Sender(fair), new Sender(fair)]
      much.add('live', 100 * RATE)
      await clock.advance(5000)
      const before = much.total
      little.add('live', 1024)
      await clock.advance(TURN_MS)
      assert.equal(little.total, 1024)
      assert.ok(much.total - before <= TURN)
    })

    it('to each as much, by bytes and not by frames', async () => {
      const fair = share(RATE)
      const senders = [1, 100, 5000, 40_000].map((frame) => new Sender(fair, frame))
      senders.forEach((sender) => { sender.add('bulk', 100 * RATE) })
      await clock.advance(60_000)

      for (const { total } of senders) {
        assert.ok(Math.abs(total - 15 * RATE) <= 40_000, `${total} bytes`)
      }
    })

    it('who comes late gets no more than the others from then on', async () => {
      const fair = share(RATE)
      const [early, late] = [new Sender(fair), new Sender(fair)]
      early.add('live', 100 * RATE)
      await clock.advance(10_000)
      const before = early.total
      late.add('live', 100 * RATE)
      await clock.advance(10_000)
      assert.ok(Math.abs(late.total - (early.total - before)) <= 2 * TURN)
    })

    it('who keeps to its own cap leaves the rest to others, who do not wait for it', async () => {
      const fair = share(RATE, RATE * 0.75)
      const senders = [new Sender(fair), new Sender(fair)]
      senders[0]!.add('live', 100 * RATE)
      await clock.advance(10_000)
      assert.ok(Math.abs(senders[0]!.total - 7.5 * RATE) <= 0.25 * RATE)
      const before = senders[0]!.total
      senders[1]!.add('live', 100 * RATE)
      await clock.advance(10_000)
      const got = [senders[0]!.total - before, senders[1]!.total]
      assert.ok(Math.abs(got[0]! - got[1]!) <= 0.3 * RATE, got.join())
      assert.ok(Math.abs(got[0]! + got[1]! - 10 * RATE) <= 0.25 * RATE)
    })

    it('whatever the frames are, and whenever they come', async () => {
      const plan = fc.array(fc.record({ frame: fc.integer({ min: 1, max: 30_000 }), at: fc.integer({ min: 0, max: 3000 }) }), {
        minLength: 2, maxLength: 8
      })

      await fc.assert(fc.asyncProperty(plan, async (senders) => {
        const clock = new FakeClock()
        const fair = new FairShare(clock, { total: RATE, each: Infinity })
        const all: Sender[] = []

        for (const { frame, at } of senders.sort((a, b) => a.at - b.at)) {
          await clock.advance(Math.max(0, at + 1000 - clock.now()))
          const sender = new Sender(fair, frame)
          sender.add('live', 1e9)
          all.push(sender)
        }

        const before = all.map(({ total }) => total)
        await clock.advance(20_000)
        const got = all.map(({ total }, i) => total - before[i]!)
        const sum = got.reduce((a, b) => a + b)
        // a frame that is under way on either side, and what the first got of a round
        const slack = 2 * Math.max(TURN, ...senders.map(({ frame }) => frame))
        assert.ok(got.every((bytes) => Math.abs(bytes - sum / got.length) <= 2 * slack), got.join(', '))
        assert.ok(Math.abs(sum - 20 * RATE) <= RATE * BURST_MS / 1000 + slack, `${sum}`)
      }), { numRuns: 40 })
    })
  })

  describe('lets live before bulk:', () => {
    it('a block to one waits for no range to others', async () => {
      const fair = share(RATE)
      const bulk = Array.from({ length: 20 }, () => new Sender(fair))
      bulk.forEach((sender) => { sender.add('bulk', 100 * RATE) })
      await clock.advance(5000)
      const block = new Sender(fair, 500)
      block.add('live', 500)
      await clock.advance(TURN_MS)
      assert.equal(block.total, 500)
    })

    it('bulk gets its share while live waits all the time, of others or of the same', async () => {
      const fair = share(RATE)
      const [a, b] = [new Sender(fair, 700), new Sender(fair, 900)]
      a.add('bulk', 100 * RATE)
      a.add('live', 100 * RATE)
      b.add('live', 100 * RATE)
      await clock.advance(40_000)
      const share1 = a.passed.bulk / (a.total + b.total)
      assert.ok(Math.abs(share1 - BULK_SHARE) < 0.03, `${share1}`)
    })

    it('one with both kinds and a cap of its own gives bulk its share', async () => {
      const fair = share(Infinity, RATE)
      const senders = [new Sender(fair), new Sender(fair)]
      senders.forEach((sender) => {
        sender.add('bulk', 100 * RATE)
        sender.add('live', 100 * RATE)
      })
      await clock.advance(20_000)

      for (const { passed, total } of senders) {
        assert.ok(Math.abs(passed.bulk / total - BULK_SHARE) < 0.03, `${passed.bulk} of ${total}`)
      }
    })

    it('bulk gets everything while nothing else waits', async () => {
      const sender = new Sender(share(RATE))
      sender.add('bulk', 10 * RATE)
      await clock.advance(10_000)
      assert.equal(sender.passed.bulk, 10 * RATE)
    })
  })

  describe('close', () => {
    it('ends the wait, and the timer with the last one that waited', async () => {
      const fair = share(RATE)
      const senders = [new Sender(fair), new Sender(fair)]
      senders.forEach((sender) => { sender.add('live', RATE) })
      assert.equal(clock.pending, 1)
      senders[0]!.lane.close()
      assert.equal(senders[0]!.lane.isWaiting, false)
      assert.equal(clock.pending, 1)
      const before = senders[0]!.total
      senders[1]!.lane.close()
      assert.equal(clock.pending, 0)
      await clock.advance(10_000)
      assert.equal(senders[0]!.total, before)
      senders[0]!.lane.wait('live')
      assert.equal(senders[0]!.lane.isWaiting, false)
    })

    it('within a turn, of itself and of others, leaves the rest their turns', async () => {
      const fair = share(RATE)
      const [a, b, c] = [new Sender(fair), new Sender(fair), new Sender(fair)]
      c.lane.charge(2 * RATE)
      a.onPassed = () => {
        a.lane.close()
        b.lane.close()
      }
      ;[a, b, c].forEach((sender) => { sender.add('live', 100) })
      await clock.advance(3000)
      assert.deepEqual([a.total, b.total, c.total], [100, 0, 100])
      assert.equal(clock.pending, 0)
    })

    it('leaves nothing behind, with one timer for 1000 sessions', async () => {
      const fair = share(RATE, RATE / 2)
      let timers = 0

      for (let round = 0; round < 3; round++) {
        const senders = Array.from({ length: 1000 }, () => new Sender(fair))
        senders.forEach((sender) => { sender.add('bulk', RATE) })
        timers = Math.max(timers, clock.pending)
        await clock.advance(500)
        senders.forEach(({ lane }) => { lane.close() })
        assert.equal(clock.pending, 0)
      }

      assert.equal(timers, 1)
    })
  })

  it('gives a turn that is not used to the next at once', () => {
    const fair = share(RATE)
    const empty = new Sender(fair)
    const sender = new Sender(fair)
    empty.lane.wait('live')
    sender.add('live', 100)
    assert.equal(sender.total, 100)
    assert.equal(empty.lane.isWaiting, false)
  })

  it('does not make up for a stall beyond the burst', async () => {
    const sender = new Sender(share(RATE))
    sender.add('live', 10 * RATE)
    await clock.advance(1000)
    const before = sender.total
    clock.stall(10_000)
    assert.ok(sender.total - before <= RATE * BURST_MS / 1000)
  })
})
