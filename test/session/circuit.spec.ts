import assert from 'node:assert/strict'
import {
  Circuit, CIRCUIT_CHECK_MS, CIRCUIT_LAST_MS, CIRCUIT_LOW_MS, CIRCUIT_PATIENCE_MS, CIRCUIT_RESERVE_BYTES, circuitOf, isFollowed,
  MIN_CIRCUIT_BYTES
} from '../../src/session/circuit.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { CircuitLimits } from '../../src/session/circuit.ts'
import type { Direction } from '../../src/types/peer.ts'

const KIB = 1024

describe('session/circuit', () => {
  let clock: FakeClock
  /** As libp2p has it: what is left now. */
  let limits: { bytes?: bigint, seconds?: number }
  let queued: number
  let lows: number
  let ends: number

  beforeEach(() => {
    clock = new FakeClock()
    limits = { bytes: BigInt(128 * KIB), seconds: 120 }
    queued = 0
    lows = 0
    ends = 0
  })

  function create (direction: Direction = 'outbound', left: CircuitLimits = limits): Circuit {
    const circuit = new Circuit({
      limits: left, clock, direction, queued: () => queued, onLow: () => { lows++ }, onUsedUp: () => { ends++ }
    })
    circuit.start()

    return circuit
  }

  /** Has so many bytes be left. */
  function leave (circuit: Circuit, room: number): void {
    limits.bytes! -= BigInt(Math.ceil((circuit.room - room) / 0.97))
  }

  it('has room without end, and never ends, where there is no limit', async () => {
    const circuit = create('outbound', {})
    await clock.advance(1_000_000)

    assert.deepEqual([circuit.isLimited, circuit.isLow, circuit.fits(1e12)], [false, false, true])
    assert.deepEqual([circuit.room, circuit.capacity], [Infinity, Infinity])
    assert.deepEqual([lows, ends, clock.pending], [0, 0, 0])
    assert.equal(circuitOf({ id: 'somebody' }).room, Infinity)
    assert.equal(circuitOf({ id: 'somebody', circuit }), circuit)
  })

  it('has room for what is left, less what waits and what is kept for the goodbye', () => {
    const circuit = create()
    const first = circuit.room
    assert.ok(first > 118 * KIB && first < 124 * KIB, String(first))
    assert.equal(circuit.capacity, first)
    queued = 10_000
    assert.ok(first - circuit.room >= 9700 - 1 && first - circuit.room <= 10_000)
    limits.bytes! -= 10_000n
    assert.ok(first - circuit.room >= 2 * 9700 - 1)
    assert.equal(circuit.capacity, first)
    assert.equal(circuit.fits(circuit.room), true)
    assert.equal(circuit.fits(circuit.room + 1), false)
  })

  it('asks for another one when a quarter is left, and not before, where we have opened it', async () => {
    for (const [direction, expected] of [['outbound', 1], ['inbound', 0]] as const) {
      lows = 0
      limits = { bytes: BigInt(128 * KIB), seconds: 120 }
      const circuit = create(direction)
      leave(circuit, 0.25 * circuit.capacity + 10)
      await clock.advance(CIRCUIT_CHECK_MS)
      assert.deepEqual([lows, circuit.isLow], [0, false])
      leave(circuit, 0.25 * circuit.capacity - 1)
      await clock.advance(CIRCUIT_CHECK_MS)
      assert.deepEqual([lows, circuit.isLow, ends], [expected, true, 0])
      circuit.stop()
    }
  })

  it(`asks for another one ${CIRCUIT_LOW_MS} ms before its time is over, or at the last quarter of it`, async () => {
    for (const [seconds, from] of [[120, CIRCUIT_LOW_MS / 1000], [40, 10]] as const) {
      lows = 0
      limits = { seconds }
      const circuit = create()
      limits.seconds = from
      await clock.advance(CIRCUIT_CHECK_MS)
      assert.equal(lows, 0)
      limits.seconds = from - 1
      await clock.advance(CIRCUIT_CHECK_MS)
      assert.deepEqual([lows, circuit.room], [1, Infinity])
      circuit.stop()
    }
  })

  it('asks for another one at once where something would fit into that, and not for what fits into none', () => {
    const circuit = create()
    leave(circuit, 60 * KIB)
    assert.equal(circuit.fits(circuit.capacity + 1), false)
    assert.deepEqual([lows, circuit.isLow], [0, false])
    assert.equal(circuit.fits(circuit.capacity), false)
    assert.deepEqual([lows, circuit.isLow], [1, true])
    circuit.stop()
  })

  it('ends in order where the other end cannot know that something waits for another one', async () => {
    const circuit = create('inbound')
    leave(circuit, 60 * KIB)
    circuit.fits(100 * KIB)
    await clock.advance(CIRCUIT_CHECK_MS)

    assert.deepEqual([ends, lows, circuit.isUsedUp], [1, 0, true])
    circuit.stop()
  })

  it(`gives the other end ${CIRCUIT_PATIENCE_MS} ms to open another one where it can`, async () => {
    const circuit = create('inbound')
    leave(circuit, 20 * KIB)
    circuit.fits(100 * KIB)
    await clock.advance(CIRCUIT_PATIENCE_MS - 1)
    assert.equal(ends, 0)
    await clock.advance(CIRCUIT_CHECK_MS)
    assert.equal(ends, 1)
    circuit.stop()
  })

  it('ends in order before the relay cuts it, by bytes and by time', async () => {
    const circuit = create()
    limits.bytes = BigInt(Math.ceil(CIRCUIT_RESERVE_BYTES / 0.97) + 2)
    await clock.advance(CIRCUIT_CHECK_MS)
    assert.equal(ends, 0)
    limits.bytes -= 3n
    await clock.advance(CIRCUIT_CHECK_MS)
    assert.deepEqual([ends, circuit.isUsedUp], [1, true])
    circuit.stop()
    limits = { seconds: 120 }
    const timed = create()
    limits.seconds = CIRCUIT_LAST_MS / 1000 + 1
    await clock.advance(CIRCUIT_CHECK_MS)
    assert.equal(ends, 1)
    limits.seconds = CIRCUIT_LAST_MS / 1000
    await clock.advance(CIRCUIT_CHECK_MS)
    assert.equal(ends, 2)
    timed.stop()
  })

  it('is worth another one at once where it is nearly used up, was not tiny, and was not cut', () => {
    const circuit = create()
    assert.equal(circuit.isWorthAnother, false)
    leave(circuit, 1000)
    assert.equal(circuit.isWorthAnother, true)
    limits.bytes = 0n
    assert.equal(circuit.isWorthAnother, false)
    circuit.stop()

    for (const [more, expected] of [[0, true], [-2, false]] as const) {
      limits = { bytes: BigInt(Math.ceil((MIN_CIRCUIT_BYTES + CIRCUIT_RESERVE_BYTES) / 0.97) + more) }
      const small = create()
      leave(small, 10)
      assert.equal(small.isWorthAnother, expected)
      small.stop()
    }
  })

  it('is followed by another session where that has taken its place, or it has ended since it is nearly used up', () => {
    const circuit = create()
    const peer = { id: 'somebody', circuit }
    const reasons = ['DUPLICATE_CONNECTION', 'SHUTDOWN', 'BANNED', undefined] as const
    const followed = (): boolean[] => reasons.map((reason) => isFollowed(peer, { reason }))
    assert.deepEqual(followed(), [true, false, false, false])
    leave(circuit, 1000)
    assert.deepEqual(followed(), [true, true, false, false])
    circuit.stop()
  })

  it('looks at nothing any more when it is stopped', async () => {
    const circuit = create()
    circuit.stop()
    limits.bytes = 0n
    await clock.advance(10_000)

    assert.deepEqual([lows, ends, clock.pending], [0, 0, 0])
  })
})
