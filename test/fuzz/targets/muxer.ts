import assert from 'node:assert/strict'
import { yamux } from '@chainsafe/libp2p-yamux'
import { defaultLogger } from '@libp2p/logger'
import { AbstractMessageStream } from '@libp2p/utils'
import { DATA, FIN, GO_AWAY, PING, RST, SYN, WINDOW, yamuxFrame } from '../../attacks/bare.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { mutateBytes } from '../mutate.ts'
import { Random } from '../random.ts'
import { guardYamux } from '../../../src/libp2p/patches/guard/yamux-guard.ts'
import { MUXER_LIMITS } from '../../../src/libp2p/patches/guard/muxer-limits.ts'
import type { Target } from '../target.ts'
import type { Stream, StreamMuxer } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The first bytes of an input say how the rest is cut into chunks. */
const HEAD_BYTES = 2

/** What a muxer may hold of one frame: the window of a stream, and a header. */
const MAX_HELD_BYTES = 256 * 1024 + 12

/** Only these ever come out of it. */
const NAMES = new Set([
  'ProtocolViolationError', 'MuxerLimitError', 'InvalidFrameError', 'UnRequestedPingError', 'NotMatchingPingError', 'ReceiveWindowExceededError',
  'InvalidParametersError'
])

const OPEN = yamuxFrame(WINDOW, SYN, 1, 0)

const SEEDS = [
  [OPEN, yamuxFrame(DATA, 0, 1, 5, Buffer.from('hello')), yamuxFrame(WINDOW, FIN, 1, 0)],
  [yamuxFrame(DATA, SYN, 1, 3, Buffer.from('abc')), yamuxFrame(DATA, FIN, 1, 2, Buffer.from('de'))],
  [
    OPEN, yamuxFrame(WINDOW, SYN, 3, 0), yamuxFrame(DATA, 0, 3, 40, new Uint8Array(40)), yamuxFrame(WINDOW, RST, 3, 0),
    yamuxFrame(DATA, 0, 3, 9, new Uint8Array(9))
  ],
  [yamuxFrame(PING, SYN, 0, 1), OPEN, yamuxFrame(WINDOW, 0, 1, 4096), yamuxFrame(GO_AWAY, 0, 0, 0)],
  [OPEN, yamuxFrame(DATA, 0, 1, 0), yamuxFrame(DATA, 0, 77, 0xfffffff0)]
]

/** A connection that takes all that is sent, and from which nothing comes. */
class Sink extends AbstractMessageStream {
  constructor () {
    super({ log: defaultLogger().forComponent('fuzz'), direction: 'inbound' })
  }

  async close (): Promise<void> {}
  sendData ({ byteLength }: Uint8ArrayList): SendResult { return { sentBytes: byteLength, canSendMore: true } }
  sendReset (): void {}
  sendPause (): void {}
  sendResume (): void {}
}

interface StreamState { id: string, status: string, bytes: string }
interface Outcome { error: string | undefined, streams: StreamState[] }

/** What a muxer makes of chunks. */
function read (chunks: readonly Uint8Array[], isGuarded: boolean): Outcome {
  const connection = new Sink()
  const muxer = yamux({ enableKeepAlive: false, maxInboundStreams: 8 })().createStreamMuxer(connection)
  const inside = muxer as unknown as {
    onData: (bytes: Uint8Array) => void
    decoder: { buffer: { byteLength: number } }
    onRemoteStream: (stream: Stream) => void
  }
  const opened: { stream: Stream, bytes: string }[] = []
  const onStream = isGuarded ? guardYamux(muxer, connection, { limits: MUXER_LIMITS, clock: new FakeClock() }) : () => {}
  const { onRemoteStream } = inside
  inside.onRemoteStream = (stream) => {
    const one = { stream, bytes: '' }
    opened.push(one)
    onStream(stream)
    stream.addEventListener('message', ({ data }) => { one.bytes += Buffer.from(data.subarray()).toString('hex') })
    onRemoteStream.call(muxer, stream)
  }
  // nobody is there to take a stream: it is kept for whoever comes
  muxer.addEventListener('stream', () => {})
  let error: string | undefined

  try {
    for (const chunk of chunks) {
      inside.onData(chunk)
      assert.ok(!isGuarded || inside.decoder.buffer.byteLength <= MAX_HELD_BYTES, `${inside.decoder.buffer.byteLength} bytes are held`)
    }
  } catch (err) {
    assert.ok(NAMES.has((err as Error).name), (err as Error).stack)
    error = (err as Error).name
  }

  const streams = opened.map(({ stream, bytes }) => ({ id: stream.id, status: stream.status, bytes }))
  end(muxer)

  return { error, streams }
}

function end (muxer: StreamMuxer): void {
  muxer.abort(new Error('The input is over'))
}

function cut (bytes: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = []
  const largest = random.pick([1, 3, 13, 1500])

  for (let at = 0; at < bytes.byteLength; at += chunks.at(-1)!.byteLength) {
    chunks.push(bytes.slice(at, at + 1 + random.below(largest)))
  }

  return chunks
}

/**
 * Bytes of a connection, in chunks of any size, to a real muxer with its guard and without. What the guard lets pass comes out the same,
 * and the muxer holds one frame at most.
 */
export const muxer: Target = {
  name: 'muxer',
  share: 5,
  seeds: () => SEEDS.map((frames, index) => Uint8Array.from([index, 0, ...Buffer.concat(frames)])),
  mutate: mutateBytes,
  run: (input) => {
    const bytes = input.slice(HEAD_BYTES)
    const chunks = cut(bytes, new Random((input[0] ?? 0) + 256 * (input[1] ?? 0)))
    const guarded = read(chunks, true)

    if (guarded.error == null) {
      assert.deepEqual(guarded, read([bytes], false))
      const whole = read([bytes], true)

      // what was left of the window of a stream that ends is known when the muxer has got its end
      if (whole.error !== 'ProtocolViolationError' && whole.error !== 'MuxerLimitError') {
        assert.deepEqual(whole, guarded)
      }
    }
  }
}
