import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { packReadBuffer, PAGE_BYTES, SMALL_PIECE_BYTES } from '../../../src/libp2p/patches/read-buffer.ts'
import { eventually } from '../../support/eventually.ts'
import { ScriptedStream } from '../../support/stream-pair.ts'
import { openBareYamux } from './guard/bare-yamux.ts'

/** What a connection hands over in one piece. */
const BLOCK_BYTES = 65_519

/** A view of a block of its own. */
function viewOf (...bytes: number[]): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES)
  block.set(bytes, 100)

  return block.subarray(100, 100 + bytes.length)
}

describe('libp2p/patches/read-buffer', () => {
  let stream: ScriptedStream
  let received: Uint8Array[]

  beforeEach(() => {
    stream = new ScriptedStream()
    received = []
    packReadBuffer(stream)
    stream.addEventListener('message', ({ data }) => { received.push(...data instanceof Uint8Array ? [data] : data) })
  })

  function pieces (): Uint8Array[] {
    return (stream as unknown as { readBuffer: { bufs: Uint8Array[] } }).readBuffer.bufs
  }

  it('leaves pieces as they came while the stream flows', () => {
    const view = viewOf(1, 2)
    stream.onData(view)
    assert.ok(received[0]?.buffer === view.buffer)
  })

  it('joins small pieces of a paused stream, and keeps none of the memory that they came in but the first', () => {
    stream.pause()
    const count = 3 * PAGE_BYTES

    for (let i = 0; i < count; i++) {
      stream.onData(viewOf(i % 256))
    }

    assert.equal(stream.readBufferLength, count)
    assert.ok(pieces().length <= 2 + Math.ceil(count / PAGE_BYTES), `${pieces().length} pieces`)
    assert.equal(new Set(pieces().map(({ buffer }) => buffer.byteLength)).size, 2)
    stream.resume()
    assert.deepEqual(Buffer.concat(received), Buffer.from(Array.from({ length: count }, (_, i) => i % 256)))
  })

  it(`copies a piece of ${SMALL_PIECE_BYTES} bytes that is a small part of its memory, and keeps one that is a large part`, () => {
    stream.pause()
    stream.onData(viewOf(0))
    const large = new Uint8Array(BLOCK_BYTES).subarray(1, BLOCK_BYTES / 2)
    stream.onData(new Uint8Array(BLOCK_BYTES).subarray(0, SMALL_PIECE_BYTES))
    stream.onData(large)

    assert.equal(pieces()[1]?.buffer.byteLength, SMALL_PIECE_BYTES)
    assert.ok(pieces()[2]?.buffer === large.buffer)
  })

  it('gives the same bytes in the same order, however they came and whenever the stream flows', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 3000 }) }, fc.constant('pause' as const), fc.constant('resume' as const)
    )

    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const scripted = new ScriptedStream()
      packReadBuffer(scripted)
      const [sent, got]: Uint8Array[][] = [[], []]
      scripted.addEventListener('message', ({ data }) => { got!.push(data.subarray()) })

      for (const [i, step] of steps.entries()) {
        if (typeof step === 'string') {
          scripted[step]()
          continue
        }

        const bytes = new Uint8Array(step < 1500 ? BLOCK_BYTES : step).fill(i).subarray(0, step)
        sent!.push(bytes)
        scripted.onData(step % 3 === 0 ? new Uint8ArrayList(bytes.subarray(0, 1), bytes.subarray(1)) : bytes)
      }

      scripted.resume()
      assert.deepEqual(Buffer.concat(got!), Buffer.concat(sent!))
      assert.equal(scripted.readBufferLength, 0)
    }), { numRuns: 200 })
  })

  it('bounds what a paused stream of the real muxer keeps when it comes byte by byte', async () => {
    const { stream: received, sendByteByByte } = await openBareYamux()
    packReadBuffer(received)
    received.pause()
    const sent = await sendByteByByte()
    await eventually(() => received.readBufferLength === sent, 'all of it')
    const { bufs } = (received as unknown as { readBuffer: { bufs: Uint8Array[] } }).readBuffer

    assert.ok(sent > 200_000)
    assert.ok(bufs.length < 2 + 2 * sent / PAGE_BYTES, `${bufs.length} pieces`)
    assert.ok(bufs.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) < 2 * sent + BLOCK_BYTES * 2 + bufs.length * PAGE_BYTES)
    received.abort(new Error('the end'))
  })

  it('does nothing to a stream that has another kind of buffer', () => {
    const other = {} as ScriptedStream
    packReadBuffer(other)
    assert.deepEqual(other, {})
  })
})
