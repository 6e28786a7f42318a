import assert from 'node:assert/strict'
import { FIRST_AT_ONCE, MAX_SENDINGS, MAX_TURN_MS, Uplink } from '../../../src/gossip/send/uplink.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const MIB = 1024 * 1024

/** The round trip to each peer, in ms. */
const RTT = 100

describe('gossip/send/uplink', () => {
  let clock: FakeClock
  let uplink: Uplink
  let receipts: (() => void)[]
  let arrived: number

  beforeEach(() => {
    clock = new FakeClock()
    receipts = []
    arrived = 0
    uplink = new Uplink(clock, () => { arrived++ })
  })

  function begin (bytes = MIB): number {
    uplink.begin(bytes, RTT, (onArrived) => receipts.push(onArrived) > 0)

    return receipts.length - 1
  }

  /** Sends a frame alone, which leaves in `ms`. */
  async function send (ms: number): Promise<void> {
    const at = begin()
    await clock.advance(ms + RTT)
    receipts[at]!()
  }

  it(`begins ${FIRST_AT_ONCE} frames before it knows the rate, and the next one ${MAX_TURN_MS} ms after the first, where no receipt comes`, async () => {
    for (let i = 0; i < FIRST_AT_ONCE; i++) {
      assert.equal(uplink.wait, 0)
      begin()
    }

    assert.equal(uplink.wait, MAX_TURN_MS)
    await clock.advance(MAX_TURN_MS - 1)
    assert.equal(uplink.wait, 1)
    await clock.advance(1)
    assert.equal(uplink.wait, 0)
  })

  it('tells of each receipt, and learns from it what it can send, without the round trip', async () => {
    await send(400)
    assert.equal(arrived, 1)
    assert.equal(Math.round(uplink.bytesPerSecond!), Math.round(MIB / 0.4))
  })

  it('counts the frames together that have shared the time', async () => {
    const [one, other] = [begin(), begin()]
    await clock.advance(800 + RTT)
    receipts[one]!()
    receipts[other]!()
    assert.equal(Math.round(uplink.bytesPerSecond!), Math.round(2 * MIB / 0.8))
  })

  it('begins one after the other where two take twice as long together', async () => {
    await send(400)
    const [one, other] = [begin(), begin()]
    await clock.advance(800 + RTT)
    receipts[one]!()
    receipts[other]!()
    begin()
    assert.equal(uplink.wait, 0, 'it tries two at once again and again')
    begin()
    assert.ok(uplink.wait > 400 && uplink.wait < 800, `${uplink.wait} ms`)
    const { wait } = uplink
    await clock.advance(Math.ceil(wait) - 1)
    assert.ok(uplink.wait > 0)
    await clock.advance(1)
    assert.equal(uplink.wait, 0)
  })

  it('begins more and more at once where they take no longer together', async () => {
    await send(400)
    let atOnce = 0

    for (let burst = 0; burst < 4; burst++) {
      const from = receipts.length

      while (uplink.wait === 0 && receipts.length < from + 40) {
        begin()
      }

      await clock.advance(400 + RTT)
      atOnce = receipts.length - from
      receipts.slice(from).forEach((onArrived) => { onArrived() })
    }

    assert.ok(atOnce >= 8, `${atOnce}`)
  })

  it(`lets a frame keep others waiting for ${MAX_TURN_MS} ms, however slow it is, and frames without a receipt too`, async () => {
    await send(60_000 / 4)
    begin()
    begin()
    const { wait } = uplink
    assert.ok(wait > MAX_TURN_MS && wait <= 2 * MAX_TURN_MS, `${wait} ms`)
    await clock.advance(2 * MAX_TURN_MS)
    assert.equal(uplink.wait, 0)
  })

  it('takes what it has reached at once, and a lower rate only by and by', async () => {
    await send(800)
    await send(400)
    assert.equal(Math.round(uplink.bytesPerSecond!), Math.round(MIB / 0.4))
    const [one, other] = [begin(), begin()]
    await clock.advance(3200 + RTT)
    receipts[one]!()
    receipts[other]!()
    const rate = uplink.bytesPerSecond! / MIB
    assert.ok(rate < 2.4 && rate > 0.7, `${rate} MiB/s`)
    await send(10_000)
    assert.equal(uplink.bytesPerSecond! / MIB, rate, 'one that is slow alone says nothing: it may be its peer')
  })

  it(`follows ${MAX_SENDINGS} frames, and of one more not the first`, async () => {
    for (let i = 0; i <= MAX_SENDINGS; i++) {
      begin()
    }

    await clock.advance(400 + RTT)
    receipts[0]!()
    assert.equal(arrived, 0)
    receipts[1]!()
    assert.equal(arrived, 1)
  })

  it('goes on without receipts, where no peer may be asked for one', () => {
    for (let i = 0; i < 10; i++) {
      assert.equal(uplink.wait, 0)
      uplink.begin(MIB, RTT, () => false)
    }

    assert.equal(uplink.bytesPerSecond, undefined)
  })
})
