import assert from 'node:assert/strict'
import { Throttle } from '../../../src/bandwidth/throttle.ts'
import { DEFAULTS } from '../../../src/config/resolve.ts'
import { Reader } from '../../../src/session/read/reader.ts'
import { READING_ROUND_MS, READING_TURN_MS, ReadingTurns } from '../../../src/session/read/reading-turns.ts'
import { MAX_STRIDE } from '../../../src/util/stride.ts'
import { eventually, isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { frameOf, openPair } from '../../support/stream-pair.ts'
import type { ReadingTurn } from '../../../src/session/read/reading-turns.ts'

const PING = frameOf({ type: 'ping', nonce: 1n, bestHeight: 1 })

describe('session/read/reading-turns', () => {
  let clock: FakeClock
  let reading: ReadingTurns

  beforeEach(() => {
    clock = new FakeClock()
    reading = new ReadingTurns(clock)
  })

  /** A session that was read for so many ms, and what it waits for then. */
  function readFor (ms: number, turn: ReadingTurn = reading.open()): { turn: ReadingTurn, wait: Promise<void> | undefined } {
    assert.equal(turn.next(), undefined)
    clock.stall(ms)

    return { turn, wait: turn.next() }
  }

  it(`reads a session for less than ${READING_TURN_MS} ms in a turn, and has it wait after that`, async () => {
    assert.equal(readFor(READING_TURN_MS - 1).wait, undefined)
    const { turn, wait } = readFor(READING_TURN_MS)
    assert.ok(wait != null)
    assert.equal(reading.waiting, 1)
    await wait
    assert.equal(reading.waiting, 0)
    // its next turn is as long
    assert.equal(readFor(READING_TURN_MS - 1, turn).wait, undefined)
  })

  it('begins the time of a session anew in each turn of the event loop', async () => {
    const { turn } = readFor(READING_TURN_MS - 1)
    await turns(2)
    clock.stall(READING_TURN_MS)

    assert.equal(turn.next(), undefined)
  })

  it(`reads all sessions for less than ${READING_ROUND_MS} ms in a turn, and then one message of each`, () => {
    for (let ms = 0; ms + READING_TURN_MS < READING_ROUND_MS; ms += READING_TURN_MS) {
      readFor(READING_TURN_MS)
    }

    const [last, quiet] = [reading.open(), reading.open()]
    clock.stall(READING_TURN_MS - 1)
    assert.equal(last.next(), undefined)
    clock.stall(1)
    assert.ok(quiet.next() instanceof Promise)
  })

  it('has one session go on in each turn, of equal ones the one that has waited longest, also behind one that has no more to read', async () => {
    const order: number[] = []
    const waits = [0, 1, 2].map(async (i) => readFor(READING_TURN_MS).wait!.then(() => { order.push(i) }))

    for (const expected of [[0], [0, 1], [0, 1, 2]]) {
      await eventually(() => order.length === expected.length, 'the next turn')
      assert.deepEqual(order, expected)
      assert.equal(reading.waiting, 3 - expected.length)
    }

    await Promise.all(waits)
  })

  it(`reads the clock after one in ${MAX_STRIDE} short messages: where they become long, up to ${MAX_STRIDE - 1} come before it ends the turn`, () => {
    let looks = 0
    reading = new ReadingTurns({ now: () => clock.now() + 0 * ++looks, afterTurn: (callback) => { clock.afterTurn(callback) } })
    const counted = reading.open()

    // the first begins the turn, and after it come 1, 2 and 4
    for (let message = 0; message < 8 + 10 * MAX_STRIDE; message++) {
      assert.equal(counted.next(), undefined)
    }

    assert.equal(looks, 4 + 10)
    let messages = 0

    do {
      clock.stall(READING_TURN_MS)
      messages++
    } while (counted.next() == null)

    assert.equal(messages, MAX_STRIDE)
  })

  it('has the session go on that has taken the least time, however many came before it', async () => {
    const greedy = Array.from({ length: 10 }, () => reading.open())
    const order: string[] = []
    greedy.forEach((turn) => { assert.equal(turn.next(), undefined) })
    clock.stall(READING_ROUND_MS)
    const waits = greedy.map(async (turn) => turn.next()!.then(() => { order.push('greedy') }))
    // the time of all sessions is over in this turn
    await reading.open().next()!.then(() => { order.push('quiet') })
    assert.deepEqual(order, ['quiet'])
    greedy.forEach((turn) => { turn.close() })
    await Promise.all(waits)
  })

  it('gives a session that was quiet for long no more than the others from then on', async () => {
    const [busy, late] = [reading.open(), reading.open()]
    const order: string[] = []

    const read = async (turn: ReadingTurn, name: string, count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        let wait = turn.next()

        if (wait == null) {
          clock.stall(READING_TURN_MS)
          wait = turn.next()
        }

        await wait
        order.push(name)
      }
    }

    await read(busy, 'busy', 10)
    order.length = 0
    await Promise.all([read(busy, 'busy', 4), read(late, 'late', 4)])
    assert.deepEqual(order.slice(0, 4).sort(), ['busy', 'busy', 'late', 'late'])
  })

  it('takes a message of another session at once while many wait', async () => {
    const many = Array.from({ length: 100 }, () => reading.open())
    many.forEach((turn) => { assert.equal(turn.next(), undefined) })
    clock.stall(READING_TURN_MS)
    assert.ok(many.every((turn) => turn.next() instanceof Promise))
    const quiet = reading.open()
    assert.equal(quiet.next(), undefined)
    await turns(5)
    assert.ok(reading.waiting > 90)
    assert.equal(quiet.next(), undefined)
    many.forEach((turn) => { turn.close() })
  })

  it('ends the wait of a session that is closed, and lets it wait no more', async () => {
    const [first, second] = [readFor(READING_TURN_MS), readFor(READING_TURN_MS)]
    second.turn.close()
    await second.wait
    assert.equal(reading.waiting, 1)
    clock.stall(READING_TURN_MS)
    assert.equal(second.turn.next(), undefined)
    first.turn.close()
    assert.equal(await isPending(first.wait!), false)
    assert.equal(reading.waiting, 0)
  })

  it('has a reader stop between two messages, with a hundred of them in one piece', async () => {
    const { stream, remote } = await openPair()
    let read = 0
    const reader = new Reader({
      stream,
      ownsMemory: false,
      clock,
      frameTimeout: 30_000,
      maxBytes: () => 1024,
      download: new Throttle({ clock, limits: DEFAULTS.bandwidth }).openDownload(),
      turn: reading.open(),
      onLate: () => {},
      onFrame: () => {
        read++
        // as an application that checks a signature
        clock.stall(1)

        return undefined
      }
    })
    const done = reader.run()
    remote.sendBytes(Buffer.concat(Array.from({ length: 100 }, () => PING)))

    for (let before = 0; before < 100;) {
      const after = await eventually(() => read > before && read, 'more messages')
      // the first one is not counted
      assert.ok(after - before <= READING_TURN_MS + 1, `${after - before} messages in one turn`)
      assert.ok(reader.isHeldUp || after === 100)
      before = after
    }

    reader.close()
    await remote.stream.close()
    await done
  })
})
