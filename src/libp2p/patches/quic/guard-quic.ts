import { systemClock } from '../../../util/clock.ts'
import { Allowance } from '../guard/allowance.ts'
import { guardStreams } from '../guard/guard.ts'
import { FULL_FRAME_BYTES, MUXER_LIMITS, NEW_STREAM_COST } from '../guard/muxer-limits.ts'
import { isSessionStream } from '../guard/session-streams.ts'
import { hookTransport } from '../transport-hooks.ts'
import { ReadGate } from './read-gate.ts'
import type { GuardMuxerComponents } from '../guard/guard.ts'
import type { UpgradeOptions } from '../transport-hooks.ts'
import type { Clock } from '../../../util/clock.ts'
import type { Stream, StreamMuxer, StreamMuxerFactory, Transport } from '@libp2p/interface'

/** A stream of the native library of @chainsafe/libp2p-quic 2. */
interface NativeStream {
  id: () => string
  read: (bytes: number) => Promise<Uint8Array | null | undefined>
}

/** A connection of the native library. */
interface NativeConnection {
  inboundStream: () => Promise<NativeStream>
  outboundStream: () => Promise<NativeStream>
}

/** The inside of the muxer factory of @chainsafe/libp2p-quic 2: one for each connection. */
interface FactoryInside extends StreamMuxerFactory {
  readonly init?: { readonly connection?: NativeConnection }
}

/** The inside of its muxer. */
interface MuxerInside {
  safeDispatchEvent: (type: string, init: { detail: Stream }) => boolean
}

/** The inside of its streams. */
interface StreamInside {
  sendPause?: () => void
  sendResume?: () => void
}

/** What is made of a connection. */
interface QuicOptions extends UpgradeOptions {
  muxerFactory?: FactoryInside
}

/**
 * Guards the connections of `quic()`, of @chainsafe/libp2p-quic 2. They have neither Noise nor Yamux, whose guards see nothing of them:
 * the library encrypts and multiplexes by itself.
 *
 * - A stream that is paused is not read, so that its window holds back the remote. By itself the library reads on, into a buffer that
 *   resets the stream when it is full.
 * - Small pieces and new streams without end are read more slowly.
 * - Lengths without end are found until there is a protocol, and in libp2p's own.
 */
export function guardQuic<Components extends GuardMuxerComponents> (
  create: (components: Components) => Transport, clock: Clock = systemClock
): (components: Components) => Transport {
  return (components) => hookTransport(create, {
    onConnection: (_connection, _upgrader, { muxerFactory }: QuicOptions) => {
      if (muxerFactory?.init?.connection != null) {
        guardFactory(muxerFactory, muxerFactory.init.connection, { components, clock })
      }
    }
  })(components)
}

function guardFactory (
  factory: FactoryInside, connection: NativeConnection, { components, clock }: { components: GuardMuxerComponents, clock: Clock }
): void {
  const createStreamMuxer = factory.createStreamMuxer.bind(factory)
  /** Those of streams that libp2p has not got yet, by the id of the stream. */
  const gates = new Map<string, ReadGate>()
  let muxer: StreamMuxer | undefined
  const small = new Allowance(MUXER_LIMITS.smallFrames, { clock, hasSession: () => muxer?.streams.some(isSessionStream) === true })
  const [inbound, outbound] = [connection.inboundStream.bind(connection), connection.outboundStream.bind(connection)]

  const guard = (stream: NativeStream): NativeStream => {
    const gate = new ReadGate(clock)
    const read = stream.read.bind(stream)
    gates.set(stream.id(), gate)

    stream.read = async (bytes) => {
      await gate.opened()
      const piece = await read(bytes)
      gate.closeFor(piece == null ? 0 : small.take(Math.max(0, 1 - piece.byteLength / FULL_FRAME_BYTES)))

      return piece
    }

    return stream
  }

  const pace = new ReadGate(clock)

  connection.inboundStream = async () => {
    await pace.opened()
    const stream = guard(await inbound())
    pace.closeFor(small.take(NEW_STREAM_COST))

    return stream
  }
  connection.outboundStream = async () => guard(await outbound())

  factory.createStreamMuxer = (stream) => {
    muxer = createStreamMuxer(stream)
    stream.addEventListener('close', () => { pace.end() }, { once: true })

    return guardMuxer(muxer, components, (opened) => { attach(opened, gates) })
  }
}

function guardMuxer (muxer: StreamMuxer, components: GuardMuxerComponents, onStream: (stream: Stream) => void): StreamMuxer {
  const inside = muxer as unknown as MuxerInside & { onRemoteStream?: (stream: Stream) => void }
  const dispatch = inside.safeDispatchEvent.bind(muxer)
  inside.onRemoteStream = (stream) => { dispatch('stream', { detail: stream }) }
  const guarded = guardStreams(muxer, components, onStream)
  inside.safeDispatchEvent = (type, init) => {
    if (type === 'stream') {
      inside.onRemoteStream?.(init.detail)

      return true
    }

    return dispatch(type, init)
  }

  return guarded
}

/** Has a stream close its gate while it is paused. */
function attach (stream: Stream & StreamInside, gates: Map<string, ReadGate>): void {
  const gate = gates.get(stream.id)
  gates.delete(stream.id)

  if (gate != null) {
    stream.sendPause = () => { gate.pause() }
    stream.sendResume = () => { gate.resume() }
    stream.addEventListener('close', () => { gate.end() }, { once: true })
  }
}
