import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FairShare } from '../../../src/bandwidth/fair-share.ts'
import { HARD_BYTES, JOIN_BYTES, Outbox, SOFT_BYTES } from '../../../src/session/send/outbox.ts'
import { PRIORITIES } from '../../../src/session/send/send-queue.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { frameOf, messagesIn, ScriptedStream } from '../../support/stream-pair.ts'
import type { Priority } from '../../../src/session/send/send-queue.ts'
import type { DisconnectMessage } from '../../../src/types/message.ts'

const SEND_TIMEOUT = 30_000
/** What a frame is counted as beside its bytes. */
const OVERHEAD = 64
const FAREWELL: DisconnectMessage = { type: 'disconnect', reason: 'SHUTDOWN', detail: '' }

describe('session/send/outbox', () => {
  let clock: FakeClock
  let stream: ScriptedStream
  let outbox: Outbox
  let complaints: string[]

  beforeEach(() => {
    clock = new FakeClock()
    stream = new ScriptedStream()
    complaints = []
    outbox = new Outbox({ stream, clock, sendTimeout: SEND_TIMEOUT, onTooSlow: (detail) => { complaints.push(detail) } })
  })

  afterEach(() => {
    outbox.close()
    assert.equal(clock.pending, 0)
  })

  /** Fills the stream: it holds one byte, and takes nothing more. */
  async function block (): Promise<void> {
    stream.room = 0
    outbox.push('control', Uint8Array.of(0xff))
    await turns(1)
    assert.equal(stream.writeBufferLength, 1)
    assert.equal(outbox.bytes, 0)
  }

  /** Fills the queue of a blocked stream up to so many bytes, as they are counted. */
  function fill (bytes: number): void {
    while (outbox.bytes < bytes) {
      const frame = Math.min(1_000_000, bytes - outbox.bytes - OVERHEAD)
      outbox.push('response', new Uint8Array(frame))
    }

    assert.equal(outbox.bytes, bytes)
  }

  describe('sends', () => {
    it('what is queued, in the same turn of the event loop', async () => {
      assert.equal(outbox.push('block', Uint8Array.of(1, 2)), true)
      assert.deepEqual(stream.sends, [])
      await turns(1)
      assert.deepEqual(stream.sends, [Uint8Array.of(1, 2)])
      assert.equal(outbox.bytes, 0)
      assert.equal(outbox.sentBytes, 2)
    })

    it('control at once, unless something else waits', async () => {
      outbox.push('control', Uint8Array.of(1))
      outbox.push('control', Uint8Array.of(2))
      assert.deepEqual(stream.sends, [])
      await Promise.resolve()
      assert.deepEqual(stream.sends, [Uint8Array.of(1, 2)])

      outbox.push('transaction', Uint8Array.of(4))
      outbox.push('control', Uint8Array.of(3))
      await Promise.resolve()
      assert.equal(stream.sends.length, 1)
      await turns(1)
      assert.deepEqual(stream.sends.slice(1), [Uint8Array.of(3, 4)])
    })

    it('as one piece what is queued in one turn, the highest priority first', async () => {
      outbox.push('response', Uint8Array.of(4))
      outbox.push('transaction', Uint8Array.of(3))
      outbox.push('block', Uint8Array.of(2))
      outbox.push('control', Uint8Array.of(1))
      await turns(1)

      assert.deepEqual(stream.sends, [Uint8Array.of(1, 2, 3, 4)])
    })

    it('control first, then blocks, transactions and responses, once a full stream takes more', async () => {
      await block()
      outbox.push('response', Uint8Array.of(4))
      outbox.push('transaction', Uint8Array.of(3))
      outbox.push('block', Uint8Array.of(2))
      outbox.push('control', Uint8Array.of(1))
      stream.allow(1000)
      await turns(1)

      assert.deepEqual(stream.sent, Uint8Array.of(0xff, 1, 2, 3, 4))
    })

    it('JOIN_BYTES as one piece, and one byte more as two', async () => {
      outbox.push('block', new Uint8Array(JOIN_BYTES - 10))
      outbox.push('block', new Uint8Array(10))
      await turns(1)
      outbox.push('block', new Uint8Array(JOIN_BYTES - 10))
      outbox.push('block', new Uint8Array(11))
      await turns(1)

      assert.deepEqual(stream.sends.map(({ byteLength }) => byteLength), [JOIN_BYTES, JOIN_BYTES - 10, 11])
    })

    it('a frame larger than that on its own', async () => {
      outbox.push('block', Uint8Array.of(1))
      outbox.push('block', new Uint8Array(JOIN_BYTES + 1))
      outbox.push('block', Uint8Array.of(2))
      await turns(1)

      assert.deepEqual(stream.sends.map(({ byteLength }) => byteLength), [1, JOIN_BYTES + 1, 1])
    })

    it('one piece after the other, each when the stream has taken the one before', async () => {
      await block()
      outbox.push('block', new Uint8Array(200_000).fill(1))
      outbox.push('block', new Uint8Array(200_000).fill(2))
      stream.allow(1)
      await turns(1)
      assert.equal(stream.writeBufferLength, 200_000)
      outbox.push('control', Uint8Array.of(3))
      stream.allow(200_000)
      await turns(1)
      // what was handed over stays before what is more urgent, and nothing else does
      stream.allow(1)
      await turns(1)
      assert.deepEqual(stream.sent.subarray(200_000), Uint8Array.of(1, 3))
    })
  })

  describe('hands a stream that is full', () => {
    it('one piece, and keeps the rest', async () => {
      stream.room = 0

      for (let i = 0; i < 10; i++) {
        outbox.push('block', new Uint8Array(200_000))
      }

      await turns(5)
      assert.equal(stream.writeBufferLength, 200_000)
      assert.equal(outbox.bytes, 9 * (200_000 + OVERHEAD))
    })

    it('nothing more when it says again and again that it has room but takes nothing', async () => {
      await block()

      for (let i = 0; i < 100; i++) {
        outbox.push('block', new Uint8Array(10_000))
        stream.allow(0)
        await turns(1)
        assert.equal(stream.writeBufferLength, 1)
      }

      assert.equal(outbox.bytes, 100 * (10_000 + OVERHEAD))
    })

    it('no more than one piece at a time when it takes a byte at a time', async () => {
      await block()
      fill(500_000)

      for (let i = 0; i < 100; i++) {
        stream.allow(1)
        await turns(1)
        assert(stream.writeBufferLength <= 500_000 - OVERHEAD)
        assert.equal(outbox.sentBytes - stream.writeBufferLength, i + 1)
      }
    })
  })

  describe('soft mark', () => {
    it('is reached with SOFT_BYTES, and not with one byte less', async () => {
      await block()
      fill(SOFT_BYTES - 1)
      assert.equal(outbox.belowMark, true)
      outbox.close()

      stream = new ScriptedStream()
      outbox = new Outbox({ stream, clock, sendTimeout: SEND_TIMEOUT, onTooSlow: () => assert.fail('too slow') })
      await block()
      fill(SOFT_BYTES)
      assert.equal(outbox.belowMark, false)
    })

    it('lets a transaction in just below, and none from then on', async () => {
      await block()
      fill(SOFT_BYTES - 1)
      assert.equal(outbox.push('transaction', Uint8Array.of(1)), true)
      const { bytes } = outbox
      assert.equal(outbox.push('transaction', Uint8Array.of(2)), false)
      assert.equal(outbox.bytes, bytes)
    })

    it('keeps nothing else out', async () => {
      await block()
      fill(SOFT_BYTES)

      assert.deepEqual(PRIORITIES.map((priority) => outbox.push(priority, Uint8Array.of(1))), [true, true, false, true])
      assert.deepEqual(complaints, [])
    })

    it('lets transactions in again once enough has been sent', async () => {
      await block()
      fill(SOFT_BYTES)
      assert.equal(outbox.push('transaction', Uint8Array.of(1)), false)
      stream.allow(2_000_000)
      await turns(1)

      assert.equal(outbox.push('transaction', Uint8Array.of(1)), true)
    })

    it('is waited for', async () => {
      await block()
      fill(SOFT_BYTES)
      const below = outbox.whenBelowMark()
      assert.equal(await isPending(below), true)
      stream.allow(1)
      stream.allow(0)
      await turns(1)
      await below

      assert(outbox.bytes < SOFT_BYTES)
    })

    it('is not waited for where it is not reached', async () => {
      await outbox.whenBelowMark()
      await block()
      fill(SOFT_BYTES - 1)
      await outbox.whenBelowMark()
    })
  })

  describe('hard mark', () => {
    it('is HARD_BYTES: the peer is too slow with one byte more', async () => {
      await block()
      fill(HARD_BYTES - OVERHEAD - 1)
      assert.equal(outbox.push('block', Uint8Array.of(1)), true)
      assert.equal(outbox.bytes, HARD_BYTES)
      assert.deepEqual(complaints, [])
      assert.equal(outbox.push('control', Uint8Array.of(1)), false)
      assert.equal(complaints.length, 1)
    })

    it('is complained of once, and nothing is queued afterwards', async () => {
      await block()
      fill(HARD_BYTES)
      outbox.push('control', Uint8Array.of(1))
      const { bytes } = outbox

      assert.deepEqual(PRIORITIES.map((priority) => outbox.push(priority, Uint8Array.of(1))), [false, false, false, false])
      assert.equal(outbox.bytes, bytes)
      await clock.advance(2 * SEND_TIMEOUT)
      assert.equal(complaints.length, 1)
    })
  })

  describe('stall timer', () => {
    it('does not run while nothing waits', async () => {
      outbox.push('block', Uint8Array.of(1))
      await turns(1)

      assert.equal(clock.pending, 0)
    })

    it('ends a peer that takes nothing for sendTimeout, and not a moment before', async () => {
      await block()
      await clock.advance(SEND_TIMEOUT - 1)
      assert.deepEqual(complaints, [])
      await clock.advance(1)
      assert.equal(complaints.length, 1)
    })

    it('is not put off by what is queued meanwhile', async () => {
      await block()

      for (let i = 0; i < 29; i++) {
        await clock.advance(1000)
        outbox.push('block', new Uint8Array(1000))
        stream.allow(0)
      }

      await clock.advance(999)
      assert.deepEqual(complaints, [])
      await clock.advance(1)
      assert.equal(complaints.length, 1)
    })

    it('begins anew with each byte that is taken', async () => {
      await block()
      outbox.push('block', new Uint8Array(100_000))
      stream.allow(1)

      for (let i = 0; i < 10; i++) {
        await clock.advance(SEND_TIMEOUT - 1)
        assert.deepEqual(complaints, [])
        stream.allow(1)
        await turns(1)
      }

      await clock.advance(SEND_TIMEOUT - 1)
      assert.deepEqual(complaints, [])
      await clock.advance(1)
      assert.equal(complaints.length, 1)
    })

    it('ends when everything was taken', async () => {
      await block()
      outbox.push('block', new Uint8Array(10))
      assert.equal(clock.pending, 1)
      stream.allow(1000)
      await turns(1)

      assert.equal(clock.pending, 0)
    })

    it('runs while the stream has yet to send what it was given, also where nothing else waits', async () => {
      await block()
      assert.equal(outbox.bytes, 0)
      assert.equal(clock.pending, 1)
    })

    it('notices progress that it was not told of', async () => {
      await block()
      // the connection is done with it, without an event
      stream.onRemoteCloseRead()
      await clock.advance(SEND_TIMEOUT)

      assert.deepEqual(complaints, [])
      assert.equal(clock.pending, 0)
    })

    it('complains once', async () => {
      await block()
      await clock.advance(10 * SEND_TIMEOUT)

      assert.equal(complaints.length, 1)
    })
  })

  describe('cancel', () => {
    const frame = Uint8Array.of(1)

    it('takes back what was not handed to the stream, and does not send it', async () => {
      outbox.push('block', frame)
      outbox.push('block', Uint8Array.of(2))
      assert.equal(outbox.cancel('block', frame), true)
      await turns(1)

      assert.deepEqual(stream.sent, Uint8Array.of(2))
      assert.equal(outbox.sentBytes, 1)
    })

    it('sends nothing where nothing else was queued, and goes on sending afterwards', async () => {
      outbox.push('block', frame)
      assert.equal(outbox.cancel('block', frame), true)
      assert.equal(outbox.bytes, 0)
      await turns(1)
      assert.deepEqual(stream.sends, [])
      outbox.push('block', frame)
      await turns(1)
      assert.deepEqual(stream.sends, [frame])
    })

    it('takes back nothing that the stream has, nor what was never queued', async () => {
      outbox.push('block', frame)
      await turns(1)
      assert.equal(outbox.cancel('block', frame), false)
      assert.equal(outbox.cancel('block', Uint8Array.of(7)), false)
      assert.deepEqual(stream.sent, frame)
    })

    it('makes room below the soft mark, and says so', async () => {
      await block()
      outbox.push('block', frame)
      fill(SOFT_BYTES + OVERHEAD)
      const below = outbox.whenBelowMark()
      assert.equal(await isPending(below), true)
      outbox.cancel('block', frame)
      assert.equal(outbox.bytes, SOFT_BYTES - 1)
      await below
    })

    it('of the last that waits ends the stall timer', async () => {
      // nothing is handed to a stream that is closing
      void stream.close()
      outbox.push('block', frame)
      await turns(1)
      assert.equal(clock.pending, 1)
      outbox.cancel('block', frame)
      assert.equal(clock.pending, 0)
      await clock.advance(SEND_TIMEOUT)
      assert.deepEqual(complaints, [])
    })

    it('puts off no stall timer while something else waits', async () => {
      await block()
      const frames = Array.from({ length: 3 }, () => new Uint8Array(10))
      frames.forEach((each) => { outbox.push('block', each) })
      await clock.advance(SEND_TIMEOUT / 2)
      assert.equal(outbox.cancel('block', frames[1]!), true)
      await clock.advance(SEND_TIMEOUT / 2 - 1)
      assert.deepEqual(complaints, [])
      await clock.advance(1)
      assert.equal(complaints.length, 1)
    })

    it('lets a goodbye go that waited for it', async () => {
      await block()
      outbox.push('block', frame)
      const finished = outbox.finish(undefined, { keep: true })
      assert.equal(await isPending(finished), true)
      outbox.cancel('block', frame)
      await finished
    })

    it('takes back nothing once it is closed', () => {
      outbox.push('block', frame)
      outbox.close()
      assert.equal(outbox.cancel('block', frame), false)
      assert.equal(outbox.bytes, 0)
    })
  })

  describe('finish', () => {
    it('sends the last message and resolves when the stream has it', async () => {
      const done = outbox.finish(FAREWELL, { keep: false })
      assert.deepEqual(stream.sent, frameOf(FAREWELL))
      await done
    })

    it('drops what waits', async () => {
      await block()
      PRIORITIES.forEach((priority) => { outbox.push(priority, Uint8Array.of(1)) })
      const done = outbox.finish(FAREWELL, { keep: false })
      assert.equal(await isPending(done), true)
      stream.allow(1000)
      await done

      assert.deepEqual(stream.sent, Uint8Array.of(0xff, ...frameOf(FAREWELL)))
    })

    it('keeps what waits where it is told to, and sends the last message after it', async () => {
      await block()
      outbox.push('response', Uint8Array.of(4))
      outbox.push('block', Uint8Array.of(2))
      const done = outbox.finish(FAREWELL, { keep: true })
      stream.allow(1000)
      await done

      assert.deepEqual(stream.sent, Uint8Array.of(0xff, 2, 4, ...frameOf(FAREWELL)))
    })

    it('called again, drops nothing of what is kept and resolves when all of it is sent', async () => {
      await block()
      outbox.push('block', Uint8Array.of(2))
      void outbox.finish(FAREWELL, { keep: true })
      const done = outbox.finish(FAREWELL, { keep: false })
      assert.equal(await isPending(done), true)
      stream.allow(1000)
      await done

      assert.deepEqual(stream.sent, Uint8Array.of(0xff, 2, ...frameOf(FAREWELL)))
    })

    it('leaves the frame whole of which the stream has taken a part', async () => {
      stream.room = 5
      outbox.push('control', frameOf({ type: 'ping', nonce: 1n << 60n, bestHeight: 2 ** 40 }))
      await turns(1)
      assert.equal(stream.sent.byteLength, 5)
      const done = outbox.finish(FAREWELL, { keep: false })
      stream.allow(1000)
      await done

      assert.deepEqual(messagesIn(stream.sent).map(({ message }) => message?.type), ['ping', 'disconnect'])
    })

    it('waits for what the stream has not taken yet', async () => {
      await block()
      const done = outbox.finish(FAREWELL, { keep: false })
      stream.allow(0)
      assert.equal(await isPending(done), true)
      assert.equal(outbox.bytes > 0, true)
      stream.allow(1)
      stream.allow(0)
      await done
    })

    it('resolves at once where there is nothing to send', async () => {
      await block()
      fill(SOFT_BYTES)
      await outbox.finish(undefined, { keep: false })

      assert.equal(outbox.bytes, 0)
    })

    it('takes nothing more', async () => {
      await outbox.finish(FAREWELL, { keep: false })

      assert.deepEqual(PRIORITIES.map((priority) => outbox.push(priority, Uint8Array.of(1))), [false, false, false, false])
      await turns(1)
      assert.deepEqual(stream.sent, frameOf(FAREWELL))
    })

    it('sends one last message, however often it is called', async () => {
      await outbox.finish(FAREWELL, { keep: false })
      await outbox.finish(FAREWELL, { keep: false })

      assert.deepEqual(stream.sent, frameOf(FAREWELL))
    })

    it('complains of no slow peer', async () => {
      await block()
      const done = outbox.finish(FAREWELL, { keep: false })
      await clock.advance(2 * SEND_TIMEOUT)
      assert.deepEqual(complaints, [])
      outbox.close()
      await done
    })

    it('ends the wait for the soft mark', async () => {
      await block()
      fill(2 * SOFT_BYTES)
      const below = outbox.whenBelowMark()
      const done = outbox.finish(FAREWELL, { keep: true })
      await below
      outbox.close()
      await done
    })
  })

  describe('close', () => {
    it('drops everything and sends nothing any more', async () => {
      outbox.push('block', Uint8Array.of(1))
      outbox.close()
      await turns(2)

      assert.equal(outbox.push('control', Uint8Array.of(1)), false)
      assert.deepEqual(stream.sends, [])
      assert.equal(outbox.bytes, 0)
    })

    it('leaves no timer and no listener of its own', async () => {
      const listeners = new ScriptedStream().listenerCount('drain')
      await block()
      assert.equal(stream.listenerCount('drain'), listeners + 1)
      outbox.close()

      assert.equal(clock.pending, 0)
      assert.equal(stream.listenerCount('drain'), listeners)
    })

    it('ends the wait of its callers', async () => {
      await block()
      fill(SOFT_BYTES)
      const waiting = [outbox.whenBelowMark(), outbox.whenBelowMark()]
      outbox.close()
      await Promise.all(waiting)
      await outbox.whenBelowMark()
    })
  })

  describe('a stream that ends', () => {
    it('while it sends, ends the outbox, and throws at no caller', async () => {
      stream.error = new Error('the connection is closed')
      outbox.push('block', Uint8Array.of(1))
      await turns(2)

      assert.equal(outbox.push('block', Uint8Array.of(1)), false)
      assert.equal(clock.pending, 0)
    })

    it('while the last message is sent, ends the wait for it', async () => {
      await block()
      const done = outbox.finish(FAREWELL, { keep: false })
      stream.error = new Error('the connection is closed')
      stream.allow(1000)
      stream.onRemoteReset()
      outbox.close()
      await done
    })

    it('is handed nothing any more', async () => {
      void stream.close()
      await turns(1)
      outbox.push('block', Uint8Array.of(1))
      await turns(2)

      assert.deepEqual(stream.sends, [])
    })

    it('while something waits, is too slow in the end', async () => {
      void stream.close()
      outbox.push('block', Uint8Array.of(1))
      await clock.advance(SEND_TIMEOUT)

      assert.equal(complaints.length, 1)
    })
  })

  describe('with marks of its own', () => {
    beforeEach(() => {
      outbox.close()
      outbox = new Outbox({
        stream, clock, sendTimeout: SEND_TIMEOUT, onTooSlow: (detail) => { complaints.push(detail) }, softBytes: 1000, hardBytes: 5000
      })
    })

    it('keeps to them', async () => {
      await block()
      fill(999)
      assert.equal(outbox.belowMark, true)
      outbox.push('transaction', new Uint8Array(1))
      assert.equal(outbox.belowMark, false)
      fill(5000)
      assert.deepEqual(complaints, [])
      outbox.push('block', new Uint8Array(1))
      assert.deepEqual(complaints, ['more than 5000 bytes waited to be sent'])
    })
  })

  describe('under a cap', () => {
    const RATE = 100_000
    const TURN = 10_000
    /** What goes at once: turns are begun while something is left of 15,000 bytes. */
    const FIRST = 2 * TURN
    let share: FairShare

    beforeEach(() => {
      outbox.close()
      share = new FairShare(clock, { total: RATE, each: Infinity })
      outbox = open(stream)
    })

    function open (to: ScriptedStream): Outbox {
      return new Outbox({ stream: to, clock, share, sendTimeout: SEND_TIMEOUT, onTooSlow: (detail) => { complaints.push(detail) } })
    }

    /** Queues so many bytes, in frames of 1000. */
    async function push (priority: Priority, bytes: number, to = outbox): Promise<void> {
      for (let i = 0; i < bytes / 1000; i++) {
        assert.equal(to.push(priority, new Uint8Array(1000).fill(PRIORITIES.indexOf(priority))), true)
      }

      await turns(1)
    }

    it('sends what the burst allows, in smaller pieces, and the rest as time goes by', async () => {
      await push('block', 5 * RATE)
      assert.deepEqual(stream.sends.map(({ byteLength }) => byteLength), [TURN, TURN])
      await clock.advance(3000)
      assert.ok(Math.abs(outbox.sentBytes - 3 * RATE) <= FIRST, `${outbox.sentBytes}`)
      assert.ok(stream.sends.every(({ byteLength }) => byteLength <= TURN))
      await clock.advance(2000)
      assert.equal(outbox.bytes, 0)
      assert.equal(clock.pending, 0)
    })

    it('sends a frame that is larger than a turn whole', async () => {
      outbox.push('block', new Uint8Array(RATE))
      outbox.push('block', new Uint8Array(1))
      await turns(1)
      assert.deepEqual(stream.sends.map(({ byteLength }) => byteLength), [RATE])
      await clock.advance(850)
      assert.equal(stream.sends.length, 1)
      await clock.advance(1)
      assert.equal(stream.sends.length, 2)
    })

    it('sends control at once, and charges it', async () => {
      await push('response', RATE)
      outbox.push('control', new Uint8Array(2 * RATE))
      await turns(1)
      assert.equal(outbox.sentBytes, FIRST + 2 * RATE)
      await clock.advance(2000)
      assert.equal(outbox.sentBytes, FIRST + 2 * RATE)
      await clock.advance(1000)
      assert.equal(outbox.bytes, 0)
    })

    it('sends blocks and transactions to others before responses to this one, and responses a quarter meanwhile', async () => {
      const other = open(new ScriptedStream())
      await push('response', 10 * RATE)
      await push('block', RATE, other)
      const before = outbox.sentBytes
      await clock.advance(1400)
      assert.equal(other.bytes, 0)
      const part = (outbox.sentBytes - before) / (outbox.sentBytes - before + RATE)
      assert.ok(Math.abs(part - 0.25) < 0.1, `${part}`)
      other.close()
    })

    it('keeps responses apart from what goes before them: a piece has one kind', async () => {
      await push('response', RATE)
      await push('transaction', RATE)
      await push('block', RATE)
      await clock.advance(3000)
      assert.ok(stream.sends.every((piece) => piece.includes(3) === piece.every((byte) => byte === 3)))
      const order = [...new Set(stream.sends.slice(2).map((piece) => piece[0]!))]
      assert.deepEqual(order.filter((priority) => priority !== 3), [1, 2])
    })

    it('shares fairly with others', async () => {
      const others = Array.from({ length: 3 }, () => open(new ScriptedStream()))
      await push('response', 10 * RATE)
      await clock.advance(2000)
      const before = outbox.sentBytes

      for (const other of others) {
        await push('response', 5 * RATE, other)
      }

      await clock.advance(8000)

      for (const other of others) {
        assert.ok(Math.abs(other.sentBytes - (outbox.sentBytes - before)) <= 2 * TURN)
        other.close()
      }
    })

    it('blames no peer for what it holds back itself', async () => {
      await push('block', 7 * RATE)
      share.setRates({ total: 1000, each: Infinity })
      await clock.advance(10 * SEND_TIMEOUT)
      assert.ok(outbox.bytes > 0)
      assert.deepEqual(complaints, [])
    })

    it('still finds out who takes nothing', async () => {
      stream.room = 5000
      await push('block', RATE)
      await clock.advance(SEND_TIMEOUT - 1)
      assert.deepEqual(complaints, [])
      await clock.advance(1)
      assert.equal(complaints.length, 1)
    })

    it('uses up nothing for a stream that takes nothing', async () => {
      const other = open(new ScriptedStream())
      await block()
      await push('block', 10 * RATE)
      await push('block', RATE, other)
      await clock.advance(1000)
      assert.equal(other.bytes, 0)
      other.close()
    })

    it('drops blocks beyond HARD_BYTES, keeps the session, and takes control and responses', async () => {
      share.setRates({ total: 1, each: Infinity })
      outbox.push('block', new Uint8Array(1000))
      await turns(1)
      fill(HARD_BYTES - OVERHEAD - 1)
      assert.equal(outbox.push('block', Uint8Array.of(1)), true)
      assert.equal(outbox.push('block', Uint8Array.of(1)), false)
      assert.equal(outbox.push('response', Uint8Array.of(1)), true)
      assert.equal(outbox.push('control', Uint8Array.of(1)), true)
      assert.deepEqual(complaints, [])
    })

    it('ends the session of a peer for whom HARD_BYTES of control wait, for that is not held back', async () => {
      await block()
      outbox.push('control', new Uint8Array(HARD_BYTES - 2 * OVERHEAD - 1))
      assert.equal(outbox.push('control', Uint8Array.of(1)), true)
      assert.deepEqual(complaints, [])
      assert.equal(outbox.push('control', Uint8Array.of(1)), false)
      assert.equal(complaints.length, 1)
    })

    it('sends all that waits when the cap is lifted', async () => {
      await push('response', 5 * RATE)
      share.setRates({ total: Infinity, each: Infinity })
      assert.equal(outbox.bytes, 0)
      assert.equal(clock.pending, 0)
    })

    it('begins to hold back when a cap is set', async () => {
      share.setRates({ total: Infinity, each: Infinity })
      await push('block', RATE)
      assert.equal(outbox.bytes, 0)
      share.setRates({ total: Infinity, each: RATE })
      await push('block', RATE)
      assert.equal(outbox.sentBytes, RATE + FIRST)
    })

    it('tells those who wait for the soft mark when it is reached', async () => {
      await push('response', 11 * RATE)
      const below = outbox.whenBelowMark()
      assert.equal(await isPending(below), true)
      await clock.advance(2000)
      await below
      assert.ok(outbox.bytes < SOFT_BYTES)
    })

    it('says the last message at once in place of what is held back', async () => {
      await push('block', RATE)
      const { byteLength } = stream.sent
      await outbox.finish(FAREWELL, { keep: false })
      assert.deepEqual(stream.sent.subarray(byteLength), frameOf(FAREWELL))
    })

    it('says the last message behind what is kept, when its turn has come', async () => {
      await push('response', RATE)
      await push('block', RATE)
      const done = outbox.finish(FAREWELL, { keep: true })
      assert.equal(await isPending(done), true)
      await clock.advance(2000)
      await done
      assert.deepEqual(stream.sent.subarray(2 * RATE), frameOf(FAREWELL))
    })

    it('takes back what is held back, and then has no timer', async () => {
      const frame = Uint8Array.of(1)
      outbox.push('control', new Uint8Array(RATE))
      outbox.push('block', frame)
      await turns(1)
      assert.equal(outbox.cancel('block', frame), true)
      await clock.advance(1000)
      assert.equal(outbox.sentBytes, RATE)
      assert.equal(clock.pending, 0)
    })

    it('leaves nothing behind of 1000 sessions, and has one timer for them', async () => {
      const outboxes = Array.from({ length: 1000 }, () => open(new ScriptedStream()))

      for (const each of outboxes) {
        each.push('response', new Uint8Array(1000))
        each.push('block', new Uint8Array(1000))
      }

      await turns(1)
      assert.equal(clock.pending, 1)
      outboxes.forEach((each) => { each.close() })
      assert.equal(clock.pending, 0)
    })
  })

  it('keeps the order within each priority and loses nothing, whatever the stream takes when, with a cap and without', async () => {
    const push = fc.record({
      do: fc.constant('push' as const),
      priority: fc.constantFrom<Priority>(...PRIORITIES),
      bytes: fc.oneof(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 20_000, max: 80_000 }))
    })
    const allow = fc.record({ do: fc.constant('allow' as const), bytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 })) })
    const turn = fc.record({ do: fc.constant('turn' as const) })

    const rates = fc.constantFrom(Infinity, 50_000, 5_000_000)

    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(push, allow, turn), { maxLength: 60 }), rates, async (steps, each) => {
      const stream = new ScriptedStream()
      const share = new FairShare(clock, { total: Infinity, each })
      const outbox = new Outbox({ stream, clock, share, sendTimeout: SEND_TIMEOUT, onTooSlow: () => assert.fail('too slow') })
      const accepted: Record<Priority, Uint8Array[]> = { control: [], block: [], transaction: [], response: [] }
      const frames: { priority: Priority, frame: Uint8Array }[] = []
      let largest = JOIN_BYTES
      stream.room = 0

      for (const step of steps) {
        if (step.do === 'push') {
          // told apart by the first two bytes
          const frame = new Uint8Array(step.bytes)
          frame.set([frames.length >> 8, frames.length & 0xff])
          frames.push({ priority: step.priority, frame })
          largest = Math.max(largest, step.bytes)

          if (outbox.push(step.priority, frame)) {
            accepted[step.priority].push(frame)
          }
        } else if (step.do === 'allow') {
          stream.allow(step.bytes)
        } else {
          await clock.advance(100)
        }

        assert(stream.writeBufferLength <= largest)
      }

      stream.allow(Infinity)
      await clock.advance(200_000)

      const sent: Record<Priority, Uint8Array[]> = { control: [], block: [], transaction: [], response: [] }
      const bytes = stream.sent

      for (let offset = 0; offset < bytes.byteLength;) {
        const { priority, frame } = frames[bytes[offset]! << 8 | bytes[offset + 1]!]!
        sent[priority].push(frame)
        assert(Buffer.from(frame).equals(bytes.subarray(offset, offset + frame.byteLength)))
        offset += frame.byteLength
      }

      assert.deepEqual(sent, accepted)
      assert.equal(outbox.bytes, 0)
      outbox.close()
    }), { numRuns: 100 })

    assert.equal(clock.pending, 0)
  })
})
