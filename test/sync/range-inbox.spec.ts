import assert from 'node:assert/strict'
import { encodeBlock, writeRange } from '../../src/codec/items.ts'
import { RANGE_INBOX_BYTES, RangeInbox } from '../../src/sync/range-inbox.ts'
import { isPending } from '../eventually.ts'
import { FakeClock } from '../fake-clock.ts'
import { sampleBlock, sampleChain, sampleHash } from '../sample.ts'
import type { ExpectedRange } from '../../src/sync/range-inbox.ts'
import type { Block } from '../../src/types/block.ts'

const HOLD_TIMEOUT = 10_000
const chain = sampleChain(8)

/** The body of a response, as a frame has it. */
function frame (blocks: Block[], last = false): Uint8Array {
  return Uint8Array.from(writeRange(blocks.map(encodeBlock), last))
}

/** Linked blocks from height 0, each of about `bytes` bytes. */
function largeChain (length: number, bytes: number): Block[] {
  return Array.from({ length }, (_, height) => sampleBlock({
    height, hash: sampleHash(`large ${height}`), prevHash: sampleHash(`large ${height - 1}`), transactions: [], proof: new Uint8Array(bytes)
  }))
}

async function heightsOf (inbox: RangeInbox): Promise<number[]> {
  const heights: number[] = []

  for await (const { height } of inbox.blocks()) {
    heights.push(height)
  }

  return heights
}

describe('sync/range-inbox', () => {
  let clock: FakeClock
  let heldTooLong: number

  beforeEach(() => {
    clock = new FakeClock()
    heldTooLong = 0
  })

  function create (expected: Partial<ExpectedRange> = {}): RangeInbox {
    return new RangeInbox({
      clock,
      holdTimeout: HOLD_TIMEOUT,
      expected: { next: 0, lastHeight: 7, previous: undefined, ...expected },
      onHeldTooLong: () => { heldTooLong++ }
    })
  }

  describe('onResponse', () => {
    it('takes blocks in order, over several frames, and says which frame is the last', () => {
      const inbox = create()

      assert.deepEqual([
        inbox.onResponse(frame(chain.slice(0, 3))),
        inbox.onResponse(frame(chain.slice(3, 4))),
        inbox.onResponse(frame(chain.slice(4), true))
      ], [false, false, true])
    })

    it('takes blocks that begin above 0, linked to the one before', () => {
      assert.equal(create({ next: 3, previous: chain[2] }).onResponse(frame(chain.slice(3), true)), true)
    })

    it('takes a last frame without blocks, and an answer without any', async () => {
      const inbox = create()
      void inbox.onResponse(frame(chain.slice(0, 2)))
      assert.equal(inbox.onResponse(frame([], true)), true)
      inbox.end()
      assert.deepEqual(await heightsOf(inbox), [0, 1])

      const empty = create()
      assert.equal(empty.onResponse(frame([], true)), true)
      empty.end()
      assert.deepEqual(await heightsOf(empty), [])
    })

    it('takes fewer blocks than were asked for', () => {
      assert.equal(create().onResponse(frame(chain.slice(0, 2), true)), true)
    })

    it('takes as many blocks as were asked for', () => {
      assert.equal(create({ lastHeight: 3 }).onResponse(frame(chain.slice(0, 4), true)), true)
    })

    const violations: [what: string, expected: Partial<ExpectedRange>, frames: Uint8Array[]][] = [
      ['a block below the range', { next: 3 }, [frame(chain.slice(2, 4))]],
      ['a block above the range', { lastHeight: 3 }, [frame(chain.slice(5, 6))]],
      ['a first block that is not the first one asked for', {}, [frame(chain.slice(1))]],
      ['a gap inside a frame', {}, [frame([chain[0]!, chain[2]!])]],
      ['a gap between frames', {}, [frame(chain.slice(0, 2)), frame(chain.slice(3))]],
      ['the same block twice in a frame', {}, [frame([chain[0]!, chain[0]!])]],
      ['the same block twice, in two frames', {}, [frame(chain.slice(0, 2)), frame(chain.slice(1, 3))]],
      ['another block of a height that was there', {}, [frame([chain[0]!, chain[1]!, sampleBlock({ height: 1, prevHash: chain[0]!.hash })])]],
      ['blocks in reverse', {}, [frame(chain.slice(0, 3).reverse())]],
      ['blocks in reverse after the first ones', {}, [frame(chain.slice(0, 2)), frame([chain[3]!, chain[2]!])]],
      ['one block more than was asked for, in the same frame', { lastHeight: 3 }, [frame(chain.slice(0, 5), true)]],
      ['one block more than was asked for, in another frame', { lastHeight: 3 }, [frame(chain.slice(0, 4)), frame(chain.slice(4, 5), true)]],
      ['a wrong parent inside a frame', {}, [frame([chain[0]!, sampleBlock({ height: 1 })])]],
      ['a wrong parent from one frame to the next', {}, [frame(chain.slice(0, 2)), frame(sampleChain(3, 'other').slice(2))]],
      ['a wrong parent after a first block that is linked', { next: 1, previous: chain[0] }, [frame([chain[1]!, sampleBlock({ height: 2 })])]],
      ['a frame with neither blocks nor an end', {}, [frame([])]],
      ['a frame with neither blocks nor an end after others', {}, [frame(chain.slice(0, 2)), frame([])]]
    ]

    for (const [what, expected, frames] of violations) {
      it(`takes ${what} for a violation`, () => {
        const inbox = create(expected)
        const last = frames.at(-1)!

        for (const frame of frames.slice(0, -1)) {
          assert.equal(inbox.onResponse(frame), false)
        }

        assert.throws(() => inbox.onResponse(last), { name: 'ProtocolViolationError' })
      })
    }

    it('takes what cannot be decoded for a violation', () => {
      assert.throws(() => create().onResponse(writeRange([new Uint8Array(102)], true)), { name: 'DecodeError' })
      assert.throws(() => create().onResponse(Uint8Array.of(0x0a, 0x7f)), { name: 'DecodeError' })
    })

    it('does not decode more blocks than were asked for', () => {
      const inbox = create({ lastHeight: 0 })
      // it could not be decoded
      const body = writeRange([encodeBlock(chain[0]!), new Uint8Array(102)], true)

      assert.throws(() => inbox.onResponse(body), { name: 'ProtocolViolationError' })
    })

    it('takes a first block with another parent than the one before for unusable, and no more: the peer may be on another fork', () => {
      const inbox = create({ next: 3, previous: chain[2] })

      assert.throws(() => inbox.onResponse(frame(sampleChain(8, 'other').slice(3), true)), { name: 'RequestError', code: 'INVALID_RESPONSE' })
    })

    it('checks no parent where none is known', () => {
      assert.equal(create({ next: 3 }).onResponse(frame(sampleChain(8, 'other').slice(3), true)), true)
    })

    it('gives out what was right before it went wrong', async () => {
      const inbox = create()
      assert.throws(() => inbox.onResponse(frame([chain[0]!, chain[1]!, chain[5]!])), { name: 'ProtocolViolationError' })
      inbox.end(new Error('ended'))
      const taken: number[] = []

      await assert.rejects(async () => {
        for await (const { height } of inbox.blocks()) {
          taken.push(height)
        }
      }, { message: 'ended' })
      assert.deepEqual(taken, [0, 1])
    })
  })

  describe('blocks', () => {
    it('gives out blocks as they come, each equal to what was sent', async () => {
      const inbox = create()
      const blocks = inbox.blocks()
      const first = blocks.next()
      void inbox.onResponse(frame(chain.slice(0, 2)))
      assert.deepEqual(await first, { done: false, value: chain[0] })
      assert.deepEqual(await blocks.next(), { done: false, value: chain[1] })
      const third = blocks.next()
      void inbox.onResponse(frame(chain.slice(2, 3), true))
      assert.deepEqual(await third, { done: false, value: chain[2] })
      const fourth = blocks.next()
      inbox.end()
      assert.deepEqual(await fourth, { done: true, value: undefined })
    })

    it('throws what it ended with, after everything that came before', async () => {
      const inbox = create()
      void inbox.onResponse(frame(chain.slice(0, 2)))
      inbox.end(new Error('broken'))
      const blocks = inbox.blocks()

      assert.deepEqual([(await blocks.next()).value, (await blocks.next()).value], [chain[0], chain[1]])
      await assert.rejects(blocks.next(), { message: 'broken' })
    })

    it('throws at once where it ended before anything came', async () => {
      const inbox = create()
      const blocks = inbox.blocks()
      const first = blocks.next()
      inbox.end(new Error('broken'))

      await assert.rejects(first, { message: 'broken' })
    })
  })

  describe('backpressure', () => {
    // what 4 of them take is over the mark, and what 3 of them take is not
    const large = largeChain(12, RANGE_INBOX_BYTES / 4)

    it('lets the peer be read while less than the mark waits, and no more from the mark on', () => {
      const inbox = create({ lastHeight: 11 })

      assert.equal(inbox.onResponse(frame(large.slice(0, 3))), false)
      assert.ok(inbox.onResponse(frame(large.slice(3, 4))) instanceof Promise)
      inbox.end()
    })

    it('lets the peer be read again when so much was taken that it is below the mark', async () => {
      const inbox = create({ lastHeight: 11 })
      const blocks = inbox.blocks()
      const held = inbox.onResponse(frame(large.slice(0, 5))) as Promise<boolean>
      await blocks.next()
      assert.equal(await isPending(held), true)
      await blocks.next()
      assert.equal(await held, false)
      assert.equal(clock.pending, 0)
    })

    it('holds nobody up for the last frame, however large', () => {
      assert.equal(create({ lastHeight: 11 }).onResponse(frame(large, true)), true)
    })

    it('lets the peer be read again when it ends', async () => {
      const inbox = create({ lastHeight: 11 })
      const held = inbox.onResponse(frame(large.slice(0, 5)))
      inbox.end()

      assert.equal(await held, false)
      assert.deepEqual([clock.pending, heldTooLong], [0, 0])
    })

    it(`says that it is held too long after ${HOLD_TIMEOUT} ms, and not before`, async () => {
      const inbox = create({ lastHeight: 11 })
      const held = inbox.onResponse(frame(large.slice(0, 5)))
      await clock.advance(HOLD_TIMEOUT - 1)
      assert.equal(heldTooLong, 0)
      await clock.advance(1)
      assert.equal(heldTooLong, 1)
      inbox.end()
      await held
    })

    it('gives out what waits although it was held too long', async () => {
      const inbox = create({ lastHeight: 11 })
      const held = inbox.onResponse(frame(large.slice(0, 5)))
      await clock.advance(HOLD_TIMEOUT)
      inbox.end()
      await held

      assert.deepEqual(await heightsOf(inbox), [0, 1, 2, 3, 4])
    })
  })
})
