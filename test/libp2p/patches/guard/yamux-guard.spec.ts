import assert from 'node:assert/strict'
import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { DATA, FIN, PING, SYN, WINDOW, yamuxFrame } from '../../../attacks/bare.ts'
import { eventually, turns } from '../../../support/eventually.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { noteSessionStream } from '../../../../src/libp2p/patches/guard/session-streams.ts'
import { MAX_WITHHELD_MS } from '../../../../src/libp2p/patches/guard/window-updates.ts'
import { guardYamux } from '../../../../src/libp2p/patches/guard/yamux-guard.ts'
import {
  MAX_CONTROL_FRAMES, MAX_SENT_FRAME_BYTES, MAX_SMALL_FRAMES, MAX_UNREAD_ANSWERS, MUXER_LIMITS, NEW_STREAM_COST, SMALL_FRAMES_PER_SECOND
} from '../../../../src/libp2p/patches/guard/muxer-limits.ts'
import type { MultiaddrConnection, Stream, StreamMuxer } from '@libp2p/interface'

const KIB = 1024
const MIB = KIB * KIB

interface StreamInside { streamId: number, recvWindowCapacity: number, sendWindowCapacity: number }

const insideOf = (stream: Stream): StreamInside => stream as unknown as StreamInside
const readStatusOf = (connection: MultiaddrConnection): unknown => (connection as unknown as { readStatus: unknown }).readStatus

/** The headers of the frames in `bytes`, as type, flags, stream and length. */
function headersIn (bytes: Uint8Array): number[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headers: number[][] = []

  for (let at = 0; at < bytes.byteLength;) {
    const header = [view.getUint8(at + 1), view.getUint16(at + 2), view.getUint32(at + 4), view.getUint32(at + 8)]
    headers.push(header)
    at += 12 + (header[0] === DATA ? header[3]! : 0)
  }

  return headers
}

describe('libp2p/patches/guard/yamux-guard', () => {
  let clock: FakeClock
  let outer: MultiaddrConnection
  let inner: MultiaddrConnection
  let muxer: StreamMuxer
  let onStream: (stream: Stream) => void
  let sent: Uint8Array[]
  let streams: Stream[]
  let end: Error | undefined

  /** What the connection was cut for. */
  const endName = (): string | undefined => end?.name

  beforeEach(() => {
    clock = new FakeClock();
    [outer, inner] = multiaddrConnectionPair()
    Object.assign(inner, { direction: 'inbound' })
    sent = []
    streams = []
    end = undefined
    outer.addEventListener('message', ({ data }) => { sent.push(data.subarray()) })
    inner.addEventListener('close', ({ error }) => { end = error })
    muxer = yamux({ enableKeepAlive: false, maxInboundStreams: 4 })().createStreamMuxer(inner)
    onStream = guardYamux(muxer, inner, { limits: MUXER_LIMITS, clock })
    muxer.addEventListener('stream', ({ detail }) => {
      onStream(detail)
      detail.addEventListener('message', () => {})
      streams.push(detail)
    })
  })

  afterEach(() => { muxer.abort(new Error('The test is over')) })

  /** What the muxer gets, in this turn. */
  function receive (...frames: Uint8Array[]): void {
    try {
      (muxer as unknown as { onData: (bytes: Uint8Array) => void }).onData(Buffer.concat(frames))
    } catch (err) {
      inner.abort(err as Error)
    }
  }

  /** All that was sent so far, once it is there. */
  async function sentHeaders (): Promise<number[][]> {
    await turns(20)

    return headersIn(Buffer.concat(sent))
  }

  /** Resolves when so many bytes of data were sent. */
  async function untilSent (bytes: number): Promise<void> {
    const headers = (): number[][] => headersIn(Buffer.concat(sent)).filter(([type]) => type === DATA)
    const data = (): number => headers().reduce((sum, [, , , length]) => sum + length!, 0)
    await eventually(() => data() >= bytes, `${bytes} bytes of data`)
    await turns(20)
    assert.equal(data(), bytes)
  }

  it('cuts the connection for data that is longer than the window of its stream, before any of it has come', () => {
    receive(yamuxFrame(WINDOW, SYN, 1, 0), yamuxFrame(DATA, 0, 1, 256 * KIB, new Uint8Array(256 * KIB)))
    assert.equal(endName(), undefined)
    receive(yamuxFrame(DATA, 0, 1, insideOf(streams[0]!).recvWindowCapacity + 1))
    assert.equal(endName(), 'ProtocolViolationError')
  })

  it('takes what was on its way to a stream that was reset, and no more', () => {
    receive(yamuxFrame(WINDOW, SYN, 1, 0))
    streams[0]!.abort(new Error('Not this one'))
    receive(yamuxFrame(DATA, 0, 1, 256 * KIB, new Uint8Array(256 * KIB)))
    assert.equal(endName(), undefined)
    receive(yamuxFrame(DATA, 0, 1, 1, new Uint8Array(1)))
    assert.equal(endName(), 'ProtocolViolationError')
  })

  it('joins the window updates for what is read at once', async () => {
    receive(yamuxFrame(WINDOW, SYN, 1, 0), ...Array.from({ length: 100 }, () => yamuxFrame(DATA, 0, 1, 1, new Uint8Array(1))))
    // the first says that there is a stream
    assert.deepEqual(await sentHeaders(), [[WINDOW, 2, 1, 1]])
    await clock.advance(MAX_WITHHELD_MS)
    assert.deepEqual(await sentHeaders(), [[WINDOW, 2, 1, 1], [WINDOW, 0, 1, 99]])
    assert.equal(insideOf(streams[0]!).recvWindowCapacity, 256 * KIB)
  })

  it('gives windows back with data that is sent, in the same message, and not after a stream has ended', async () => {
    receive(yamuxFrame(WINDOW, SYN, 1, 0), yamuxFrame(DATA, 0, 1, 1, new Uint8Array(1)), yamuxFrame(DATA, 0, 1, 5, new Uint8Array(5)))
    await sentHeaders()
    sent.length = 0
    streams[0]!.send(new Uint8Array(3))
    assert.deepEqual(await sentHeaders(), [[WINDOW, 0, 1, 5], [DATA, 0, 1, 3]])
    assert.equal(sent.length, 1)
    receive(yamuxFrame(DATA, 0, 1, 5, new Uint8Array(5)))
    assert.equal(clock.pending, 1)
    streams[0]!.abort(new Error('a test'))
    assert.equal(clock.pending, 0)
  })

  it('gives nothing back of a stream that has ended with its last data', async () => {
    receive(yamuxFrame(WINDOW, SYN, 1, 0), yamuxFrame(DATA, 0, 1, 1, new Uint8Array(1)))
    await streams[0]!.close()
    receive(yamuxFrame(DATA, FIN, 1, 5, new Uint8Array(5)))
    assert.deepEqual([streams[0]!.status, clock.pending], ['closed', 0])
  })

  /** A stream of which 5 bytes have come, whose window is not given back yet. */
  async function receiveFive (): Promise<void> {
    receive(yamuxFrame(WINDOW, SYN, 1, 0), yamuxFrame(DATA, 0, 1, 1, new Uint8Array(1)), yamuxFrame(DATA, 0, 1, 5, new Uint8Array(5)))
    await sentHeaders()
    assert.equal(clock.pending, 1)
    sent.length = 0
  }

  it('gives back nothing on a connection that closes, though its stream is still there', async () => {
    await receiveFive()
    await muxer.close()
    assert.deepEqual([streams[0]!.status, inner.status], ['open', 'open'])
    await sentHeaders()
    sent.length = 0
    await clock.advance(MAX_WITHHELD_MS)
    assert.deepEqual(await sentHeaders(), [])
  })

  it('ends a connection that takes no window update, since what is below it closes', async () => {
    await receiveFive()
    const closing = new Error('Cannot write to a stream that is closing')
    // as the one below the encryption says it
    Object.assign(inner, { sendData: () => { throw closing } })
    await clock.advance(MAX_WITHHELD_MS)
    assert.deepEqual([end, inner.status, streams[0]!.status, muxer.status], [closing, 'aborted', 'closed', 'closed'])
  })

  it('slows down a peer that sends many small frames, and less so with a session', async () => {
    const small = Array.from({ length: MAX_SMALL_FRAMES - NEW_STREAM_COST }, () => yamuxFrame(DATA, 0, 1, 1, new Uint8Array(1)))
    receive(yamuxFrame(WINDOW, SYN, 1, 0), ...small)
    assert.equal(readStatusOf(inner), 'readable')
    receive(...small.slice(0, SMALL_FRAMES_PER_SECOND))
    assert.equal(readStatusOf(inner), 'paused')
    await clock.advance(900)
    assert.equal(readStatusOf(inner), 'paused')
    await clock.advance(200)
    assert.equal(readStatusOf(inner), 'readable')
    noteSessionStream(streams[0]!)

    for (let i = 0; i < 6; i++) {
      receive(...small)
    }

    assert.equal(readStatusOf(inner), 'readable')
    receive(...small, ...small)
    assert.equal(readStatusOf(inner), 'paused')
  })

  it(`cuts the connection of a peer that lets more than ${MAX_UNREAD_ANSWERS} answers wait`, () => {
    const inside = muxer as unknown as { send: (bytes: Uint8Array) => boolean }
    // as a socket that is full says it
    inner.send = () => false
    const answer = Uint8Array.from(yamuxFrame(PING, 2, 0, 1))

    for (let i = 0; i < MAX_UNREAD_ANSWERS; i++) {
      inside.send(answer)
    }

    assert.equal(endName(), undefined)
    inner.dispatchEvent(new Event('drain'))

    for (let i = 0; i < MAX_UNREAD_ANSWERS; i++) {
      inside.send(answer)
    }

    assert.equal(endName(), undefined)
    inside.send(answer)
    assert.equal(endName(), 'MuxerLimitError')
  })

  it(`sends frames of ${MAX_SENT_FRAME_BYTES} bytes at most, however large the window, and all of what is sent`, async () => {
    receive(yamuxFrame(WINDOW, SYN, 1, 0), yamuxFrame(WINDOW, 0, 1, 16 * MIB))
    const bytes = Uint8Array.from({ length: 3 * MIB + 5 }, (_, i) => i % 251)
    streams[0]!.send(bytes.slice())
    await untilSent(bytes.byteLength)
    const all = Buffer.concat(sent)
    assert.equal(Math.max(...headersIn(all).filter(([type]) => type === DATA).map(([, , , length]) => length!)), MAX_SENT_FRAME_BYTES)
    assert.equal(insideOf(streams[0]!).sendWindowCapacity, 16 * MIB + 256 * KIB - bytes.byteLength)

    const data: Uint8Array[] = []
    for (let at = 0; at < all.byteLength;) {
      const length = all[at + 1] === DATA ? all.readUInt32BE(at + 8) : 0
      data.push(all.subarray(at + 12, at + 12 + length))
      at += 12 + length
    }
    assert.equal(Buffer.compare(Buffer.concat(data), bytes), 0)
  })

  it('sends no more than a window that is smaller allows, and the rest when it is raised', async () => {
    receive(yamuxFrame(WINDOW, SYN, 1, 0), yamuxFrame(WINDOW, 0, 1, 44 * KIB))
    streams[0]!.send(new Uint8Array(MIB))
    await untilSent(300 * KIB)
    receive(yamuxFrame(WINDOW, 0, 1, 2 * MIB))
    await untilSent(MIB)
  })

  it('takes the window updates of a remote that answers each frame of data', async () => {
    const stream = await muxer.createStream()
    onStream(stream)
    const { streamId } = insideOf(stream)
    receive(yamuxFrame(WINDOW, 2, streamId, 0), yamuxFrame(WINDOW, 0, streamId, 16 * MIB))

    for (let i = 0; i < 2 * MAX_CONTROL_FRAMES; i++) {
      stream.send(new Uint8Array(1))
      await untilSent(i + 1)
      receive(yamuxFrame(WINDOW, 0, streamId, 1))
    }

    assert.equal(endName(), undefined)
    receive(...Array.from({ length: MAX_CONTROL_FRAMES + 10 }, () => yamuxFrame(WINDOW, FIN, streamId, 0)))
    assert.equal(endName(), 'MuxerLimitError')
  })

  it('leaves muxers of another protocol alone', () => {
    const other = { protocol: '/mplex/6.7.0', onData: () => {}, send: () => true, streams: [] }
    const before = { ...other }
    guardYamux(other as unknown as StreamMuxer, inner, { limits: MUXER_LIMITS, clock })({} as Stream)
    assert.deepEqual(other, before)
  })
})
