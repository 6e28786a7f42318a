import assert from 'node:assert/strict'
import fc from 'fast-check'
import { DATA, FIN, GO_AWAY, PING, RST, SYN, WINDOW, yamuxFrame } from '../../../attacks/bare.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import {
  CONTROL_FRAMES_PER_SECOND, FULL_FRAME_BYTES, MAX_CONTROL_FRAMES, MAX_REFUSED_STREAMS, MUXER_LIMITS, NEW_STREAM_COST,
  REFUSED_STREAMS_PER_SECOND, SESSION_FACTOR
} from '../../../../src/libp2p/patches/guard/muxer-limits.ts'
import { MAX_CONTROL_CREDIT, MAX_LATE_BYTES, STREAM_CONTROL_FRAMES, YamuxRules } from '../../../../src/libp2p/patches/guard/yamux-rules.ts'

const INITIAL_WINDOW = 256 * 1024
const VIOLATION = { name: 'ProtocolViolationError' }
const TOO_MUCH = { name: 'MuxerLimitError' }
const BODY = new Uint8Array(10)

/** Ends a stream that is open, so that nothing of it explains what comes next. */
const useUp = (guard: YamuxRules, frames: number): void => {
  for (let i = 0; i < frames; i++) {
    guard.push(yamuxFrame(WINDOW, FIN, 1, 0))
  }
}

describe('libp2p/patches/guard/yamux-rules', () => {
  let clock: FakeClock
  let windows: Map<number, number>
  let hasSession: boolean
  let streamRoom: number
  let guard: YamuxRules

  beforeEach(() => {
    clock = new FakeClock()
    windows = new Map([[1, 1000], [2, 1000]])
    hasSession = false
    streamRoom = 64
    guard = new YamuxRules({
      limits: MUXER_LIMITS,
      clock,
      initialWindow: INITIAL_WINDOW,
      windowOf: (id) => windows.get(id),
      hasSession: () => hasSession,
      streamRoom: () => streamRoom
    })
  })

  describe('data', () => {
    it('may be as long as the window of its stream, and is refused on its header when it is longer', () => {
      guard.push(yamuxFrame(DATA, 0, 1, 1000, new Uint8Array(1000)))
      assert.throws(() => { guard.push(yamuxFrame(DATA, 0, 1, 1001)) }, VIOLATION)
    })

    it('for a stream that there has never been is refused, be it one byte', () => {
      assert.throws(() => { guard.push(yamuxFrame(DATA, 0, 77, 1)) }, VIOLATION)
    })

    it('for a stream that there has never been is refused whatever else may still come', () => {
      guard.noteOpened(2)
      guard.noteOpened(7)
      guard.noteClosed(700)
      guard.push(yamuxFrame(DATA, 0, 5, 10, BODY))

      for (const streamId of [9, 4]) {
        assert.throws(() => { guard.push(yamuxFrame(DATA, 0, streamId, 10)) }, VIOLATION)
      }
    })

    it('that opens a stream may be as long as the window of a new one', () => {
      guard.push(yamuxFrame(DATA, SYN, 3, INITIAL_WINDOW, new Uint8Array(INITIAL_WINDOW)))
      assert.throws(() => { guard.push(yamuxFrame(DATA, SYN, 5, INITIAL_WINDOW + 1)) }, VIOLATION)
    })

    it('may follow the opening of its stream before the muxer knows of it', () => {
      guard.push(Buffer.concat([yamuxFrame(WINDOW, SYN, 3, 0), yamuxFrame(DATA, 0, 3, INITIAL_WINDOW)]))
    })

    it('for a stream that the muxer has refused may still come, as much as its window had', () => {
      guard.push(yamuxFrame(WINDOW, SYN, 3, 0))
      guard.noteHandedOn()
      guard.push(yamuxFrame(DATA, 0, 3, INITIAL_WINDOW - 1, new Uint8Array(INITIAL_WINDOW - 1)))
      guard.push(yamuxFrame(DATA, 0, 3, 1, new Uint8Array(1)))
      assert.throws(() => { guard.push(yamuxFrame(DATA, 0, 3, 1)) }, VIOLATION)
    })

    it('for a stream that is gone may still come, as much as was left of its window', () => {
      guard.noteOpened(1)
      windows.delete(1)
      guard.noteClosed(700)
      guard.push(yamuxFrame(DATA, 0, 1, 700, new Uint8Array(700)))
      assert.throws(() => { guard.push(yamuxFrame(DATA, 0, 1, 1)) }, VIOLATION)
    })

    it('for streams that are gone comes in frames no longer than the window of one of them', () => {
      guard.noteOpened(1)
      windows.delete(1)
      guard.noteClosed(700)
      guard.noteClosed(600)
      assert.throws(() => { guard.push(yamuxFrame(DATA, 0, 1, 701)) }, VIOLATION)
    })

    it(`for streams that are gone is ${MAX_LATE_BYTES} bytes at most`, () => {
      guard.noteOpened(1)
      windows.delete(1)
      guard.noteClosed(MAX_LATE_BYTES)
      guard.noteClosed(MAX_LATE_BYTES)
      guard.push(yamuxFrame(DATA, 0, 1, MAX_LATE_BYTES))
      guard.push(new Uint8Array(MAX_LATE_BYTES))
      assert.throws(() => { guard.push(yamuxFrame(DATA, 0, 1, 1)) }, VIOLATION)
    })
  })

  describe('new streams', () => {
    /** Opens so many that the muxer refuses. */
    function openInVain (count: number): void {
      streamRoom = 0

      for (let i = 0; i < count; i++) {
        guard.push(yamuxFrame(WINDOW, SYN, 3 + 2 * i, 0))
        guard.noteHandedOn()
      }
    }

    it('cost more than small frames, and are as many as the muxer takes', () => {
      for (let i = 0; i < 10 * MAX_REFUSED_STREAMS; i++) {
        assert.equal(guard.push(yamuxFrame(i % 2 === 0 ? WINDOW : DATA, SYN, 3 + 2 * i, 0)), NEW_STREAM_COST)
        guard.noteHandedOn()
      }
    })

    it(`that the muxer refuses are ${MAX_REFUSED_STREAMS} at once, and no more`, () => {
      openInVain(MAX_REFUSED_STREAMS)
      assert.throws(() => { openInVain(1) }, TOO_MUCH)
    })

    it('that come with more than the muxer takes in one piece are refused', () => {
      streamRoom = 10
      const frames = Array.from({ length: 10 + MAX_REFUSED_STREAMS }, (_, i) => yamuxFrame(WINDOW, SYN, 3 + 2 * i, 0))
      guard.push(Buffer.concat(frames))
      assert.throws(() => { guard.push(yamuxFrame(WINDOW, SYN, 1001, 0)) }, TOO_MUCH)
    })

    it('that are refused may be more with time', async () => {
      openInVain(MAX_REFUSED_STREAMS)
      await clock.advance(1000)
      openInVain(REFUSED_STREAMS_PER_SECOND)
      assert.throws(() => { openInVain(1) }, TOO_MUCH)
    })

    it(`that are refused may be ${SESSION_FACTOR} times as many with a session`, () => {
      hasSession = true
      openInVain(MAX_REFUSED_STREAMS * SESSION_FACTOR)
      assert.throws(() => { openInVain(1) }, TOO_MUCH)
    })
  })

  describe('control frames', () => {
    const kinds: [string, Buffer][] = [
      ['pings', yamuxFrame(PING, SYN, 0, 7)],
      ['answers to pings', yamuxFrame(PING, 2, 0, 7)],
      ['resets', yamuxFrame(WINDOW, RST, 9, 0)],
      ['resets by data', yamuxFrame(DATA, RST, 9, 0)],
      ['ends', yamuxFrame(WINDOW, FIN, 1, 0)],
      ['window updates', yamuxFrame(WINDOW, 0, 1, 1)],
      ['empty data', yamuxFrame(DATA, 0, 1, 0)]
    ]

    for (const [kind, frame] of kinds) {
      it(`that nothing explains are ${MAX_CONTROL_FRAMES} at once: ${kind}`, () => {
        guard.push(Buffer.concat(Array.from({ length: MAX_CONTROL_FRAMES }, () => frame)))
        assert.throws(() => { guard.push(frame) }, TOO_MUCH)
      })
    }

    it('come back with time', async () => {
      useUp(guard, MAX_CONTROL_FRAMES)
      await clock.advance(1000)
      useUp(guard, CONTROL_FRAMES_PER_SECOND)
      assert.throws(() => { useUp(guard, 1) }, TOO_MUCH)
    })

    it(`are explained by each new stream, of either side, ${STREAM_CONTROL_FRAMES} times`, () => {
      guard.push(yamuxFrame(WINDOW, SYN, 3, 0))
      guard.noteOpened(2)
      useUp(guard, 2 * STREAM_CONTROL_FRAMES + MAX_CONTROL_FRAMES)
      assert.throws(() => { useUp(guard, 1) }, TOO_MUCH)
    })

    it('are explained by each frame of data that was sent, and by each KiB of it', () => {
      guard.noteSent(1)
      guard.noteSent(1023)
      guard.noteSent(10 * 1024)
      useUp(guard, 3 + 11 + MAX_CONTROL_FRAMES)
      assert.throws(() => { useUp(guard, 1) }, TOO_MUCH)
    })

    it(`are explained ${MAX_CONTROL_CREDIT} times at most`, () => {
      guard.noteSent(2 * MAX_CONTROL_CREDIT * 1024)
      useUp(guard, MAX_CONTROL_CREDIT + MAX_CONTROL_FRAMES)
      assert.throws(() => { useUp(guard, 1) }, TOO_MUCH)
    })

    it('have one go-away among them', () => {
      guard.push(yamuxFrame(GO_AWAY, 0, 0, 0))
      assert.throws(() => { guard.push(yamuxFrame(GO_AWAY, 0, 0, 0)) }, VIOLATION)
    })
  })

  for (const [what, frame] of [
    ['another version', Buffer.concat([Uint8Array.of(1), yamuxFrame(PING, SYN, 0, 0).subarray(1)])],
    ['an unknown type', yamuxFrame(4, 0, 0, 0)],
    ['a ping for a stream', yamuxFrame(PING, SYN, 1, 0)],
    ['a go-away for a stream', yamuxFrame(GO_AWAY, 0, 1, 0)],
    ['data for no stream', yamuxFrame(DATA, 0, 0, 0)],
    ['a window update for no stream', yamuxFrame(WINDOW, 0, 0, 1)]
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => { guard.push(frame) }, VIOLATION)
    })
  }

  describe('the cost', () => {
    it('is what is missing of a full frame, for each', () => {
      assert.equal(guard.push(yamuxFrame(DATA, 0, 1, 512, new Uint8Array(512))), 0.5)
      windows.set(1, FULL_FRAME_BYTES)
      assert.equal(guard.push(yamuxFrame(DATA, 0, 1, FULL_FRAME_BYTES, new Uint8Array(FULL_FRAME_BYTES))), 0)
      assert.equal(guard.push(Buffer.concat(Array.from({ length: 4 }, () => yamuxFrame(DATA, 0, 1, 256, new Uint8Array(256))))), 3)
    })

    it('is one for what nothing explains, and nothing for an answer', () => {
      assert.equal(guard.push(Buffer.concat(Array.from({ length: 100 }, (_, i) => yamuxFrame(PING, SYN, 0, i))).subarray(0, 12 * 60)), 60)
      guard.noteSent(200 * 1024)
      assert.equal(guard.push(Buffer.concat(Array.from({ length: 100 }, () => yamuxFrame(WINDOW, 0, 1, 1)))), 0)
    })

    it('is that of the pieces where these are smaller', () => {
      guard.push(yamuxFrame(DATA, 0, 1, 1000))
      const cost = Array.from({ length: 10 }, () => guard.push(new Uint8Array(1))).reduce((sum, each) => sum + each)
      assert.equal(Math.round(cost), 10)
    })
  })

  it('says how much of what came last belongs to a frame that is not complete', () => {
    const frame = yamuxFrame(DATA, 0, 1, BODY.byteLength, BODY)
    guard.push(Buffer.concat([frame, frame.subarray(0, 15)]))
    assert.equal(guard.openBytes, 15)
    guard.push(frame.subarray(15, 18))
    assert.equal(guard.openBytes, 3)
    guard.push(Buffer.concat([frame.subarray(18), frame.subarray(0, 5)]))
    assert.equal(guard.openBytes, 5)
    guard.push(frame.subarray(5))
    assert.equal(guard.openBytes, 0)
  })

  it('finds the same wherever it is cut', () => {
    const frames = [
      yamuxFrame(WINDOW, SYN, 3, 0), yamuxFrame(DATA, 0, 1, 10, BODY), yamuxFrame(PING, SYN, 0, 1), yamuxFrame(DATA, 0, 3, 10, BODY),
      yamuxFrame(DATA, 0, 1, 1001)
    ]
    const bytes = Buffer.concat(frames)

    fc.assert(fc.property(fc.array(fc.nat(bytes.byteLength - 1), { maxLength: 20 }), (cuts) => {
      const one = new YamuxRules({
        limits: MUXER_LIMITS,
        clock,
        initialWindow: INITIAL_WINDOW,
        windowOf: (id) => windows.get(id),
        hasSession: () => false,
        streamRoom: () => 64
      })
      const ends = [...cuts, bytes.byteLength - 1].sort((a, b) => a - b)
      let start = 0

      for (const end of ends) {
        one.push(bytes.subarray(start, end))
        start = Math.max(start, end)
      }

      assert.throws(() => { one.push(bytes.subarray(start)) }, VIOLATION)
    }))
  })
})
