import { fn } from '../../../config/checks.ts'
import { changeRates } from '../../../config/limit-checks.ts'
import { ProtocolViolationError } from '../../../errors.ts'
import { systemClock } from '../../../util/clock.ts'
import { guardNoise } from './noise-guard.ts'
import { guardYamux } from './yamux-guard.ts'
import { MUXER_LIMITS } from './muxer-limits.ts'
import { FramingGuard } from './framing-guard.ts'
import { readNoiseLengths } from '../noise-lengths.ts'
import { ownPeerId } from '../peer-id-memory.ts'
import { hookTransport } from '../transport-hooks.ts'
import type { MuxerLimits } from './muxer-limits.ts'
import type { UpgradeOptions } from '../transport-hooks.ts'
import type {
  ConnectionEncrypter, ConnectionProtector, MessageStream, SecureConnectionOptions, SecuredConnection, Stream, StreamMuxer,
  StreamMuxerFactory, Transport, Upgrader
} from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import type { Uint8ArrayList } from 'uint8arraylist'

const NOISE = '/noise'

type Bytes = Uint8Array | Uint8ArrayList

/** The inside of the streams and connections of @libp2p/utils 7. */
interface Inside {
  /** Called with all that comes, before anything is done with it. */
  onData?: (bytes: Bytes) => void
  /** What has come and is not taken yet. */
  readonly readBuffer?: Uint8ArrayList
}

/** The inside of the muxers of @libp2p/utils 7. */
export interface MuxerInside {
  onRemoteStream?: (stream: Stream) => void
}

/** The parts of libp2p that {@link guardMuxer} needs. */
export interface GuardMuxerComponents {
  /** Which protocols there are. */
  registrar: Pick<Registrar, 'getProtocols'>
}

/** What is made of a connection, and of what of it nothing is negotiated. */
interface NegotiationOptions extends UpgradeOptions {
  skipStreamMuxerNegotiation?: boolean
  muxerFactory?: unknown
}

/**
 * Puts a {@link FramingGuard} before what a stream or connection receives, for as long as it has something to look at. Where it finds
 * something, the stream is aborted with a `ProtocolViolationError`, and nothing of that chunk is passed on.
 *
 * Other kinds of streams than those of @libp2p/utils are left alone.
 */
export function guardFraming (
  stream: MessageStream, isAccepted: (protocol: string) => boolean, onDone: () => void = () => {}
): void {
  const inside = stream as MessageStream & Inside
  const { onData } = inside

  if (onData == null) {
    return
  }

  const guard = new FramingGuard(isAccepted)

  const isGood = (bytes: Bytes): boolean => {
    const verdict = guard.push(bytes)

    if (verdict === 'bad') {
      stream.abort(new ProtocolViolationError('A length that is too long, or more lines or messages than there may be'))
    } else if (verdict === 'done') {
      // set and not deleted: objects that have lost a property are slow for good
      inside.onData = onData
      onDone()
    }

    return verdict !== 'bad'
  }

  inside.onData = (bytes) => {
    if (isGood(bytes)) {
      onData.call(stream, bytes)
    }
  }

  if (inside.readBuffer != null) {
    isGood(inside.readBuffer)
  }
}

/** Has a transport guard its connections until they are encrypted. Not for private networks, where all bytes are. */
export function guardTransport<Components extends object> (
  create: (components: Components) => Transport
): (components: Components) => Transport {
  return hookTransport(create, { onConnection: guardEncryption })
}

function guardEncryption (connection: MessageStream, upgrader: Upgrader, options: NegotiationOptions = {}): void {
  if (options.skipEncryption !== true) {
    guardFraming(connection, (protocol) => upgrader.getConnectionEncrypters().has(protocol))
  }
}

/** {@link guardTransport} for private networks: guards what is behind the protection. */
export function guardProtector<Components extends object> (
  create: (components: Components) => ConnectionProtector
): (components: Components) => ConnectionProtector {
  return (components) => {
    const protector = create(components)
    const protect = protector.protect.bind(protector)

    protector.protect = async (connection, options) => {
      const box = await protect(connection, options)
      guardEncryption(box, (components as { upgrader: Upgrader }).upgrader, options as NegotiationOptions | undefined)

      return box
    }

    return protector
  }
}

/** The parts of libp2p that {@link guardEncrypter} needs. */
export interface GuardEncrypterComponents {
  /** Which muxers there are. */
  upgrader: Pick<Upgrader, 'getStreamMuxers'>
}

/**
 * Guards an encrypter: `connectionEncrypters: [guardEncrypter(noise())]`. That of `startNetwork` is guarded.
 *
 * Connections are cut for messages of Noise that hold nothing, and for lengths without end until there is a muxer. Pieces of a message are
 * joined, so that they cost time in proportion to their number, and a peer that sends many small ones is read more slowly. A peer id keeps
 * no memory but its own.
 *
 * @param create - what `noise()` returns. With another encryption only what comes before the muxer is guarded.
 */
export function guardEncrypter<Components extends GuardEncrypterComponents> (
  create: (components: Components) => ConnectionEncrypter
): (components: Components) => ConnectionEncrypter {
  fn(create, 'create')

  return (components) => {
    const encrypter = create(components)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)

    const guard = <Secured extends SecuredConnection> (
      secured: Secured, options: SecureConnectionOptions & NegotiationOptions = {}
    ): Secured => {
      if (secured.streamMuxer == null && options.skipStreamMuxerNegotiation !== true && options.muxerFactory == null) {
        guardFraming(secured.connection, (protocol) => components.upgrader.getStreamMuxers().has(protocol))
      }

      if (encrypter.protocol === NOISE) {
        readNoiseLengths(secured.connection)
      }

      ownPeerId(secured.remotePeer)

      return secured
    }

    encrypter.secureInbound = async (connection, options) => {
      if (encrypter.protocol === NOISE) {
        guardNoise(connection)
      }

      return guard(await secureInbound(connection, options), options)
    }

    encrypter.secureOutbound = async (connection, options) => {
      if (encrypter.protocol === NOISE) {
        guardNoise(connection)
      }

      return guard(await secureOutbound(connection, options), options)
    }

    return encrypter
  }
}

/**
 * Guards a Yamux muxer: `streamMuxers: [guardMuxer(yamux())]`. The muxer of `startNetwork` is guarded. Throws a `ConfigError` for limits
 * that are none.
 *
 * Without it, a peer with an encrypted connection can have a node buffer without bound, or keep it busy: frames longer than the
 * window of their stream, pings, new streams, resets and window updates without end, data in pieces of one byte. Connections of those
 * who send what no implementation sends are cut, others are read more slowly. No more than 256 KiB are sent in one frame, and more than
 * 1 MiB would end the connection to rust-libp2p. Lengths without end are found too, until there is a protocol and in libp2p's own.
 *
 * @param create - what `yamux()` returns. Muxers of another protocol have their streams guarded, and not their frames.
 * @param limits - what one connection may cost. The default is for a node that opens few streams.
 */
export function guardMuxer (
  create: (components: never) => StreamMuxerFactory, limits: Partial<MuxerLimits> = {}
): (components: GuardMuxerComponents) => StreamMuxerFactory {
  fn(create, 'create')
  const init = { limits: changeRates(MUXER_LIMITS, limits, 'limits'), clock: systemClock }

  return (components) => {
    const factory = create(components as never)
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)

    factory.createStreamMuxer = (connection) => {
      const muxer = createStreamMuxer(connection)
      const onStream = guardYamux(muxer, connection, init)

      return guardStreams(muxer, components, onStream)
    }

    return factory
  }
}

/** Guards each stream of a muxer until there is a protocol, and in those of libp2p. Calls back for each before anything is done with it. */
export function guardStreams (muxer: StreamMuxer, components: GuardMuxerComponents, onStream: (stream: Stream) => void): StreamMuxer {
  const inside: MuxerInside = muxer as StreamMuxer & MuxerInside
  const { onRemoteStream } = inside
  const createStream = muxer.createStream.bind(muxer)

  // a listener would be taken for libp2p's, which comes later: until then streams wait for it
  if (onRemoteStream != null) {
    inside.onRemoteStream = (stream) => {
      onStream(stream)

      if (stream.protocol === '') {
        guardFraming(stream, (protocol) => components.registrar.getProtocols().includes(protocol))
      }

      onRemoteStream.call(muxer, stream)
    }
  }

  muxer.createStream = async (options) => {
    const stream = await createStream(options)
    onStream(stream)

    if (stream.protocol === '') {
      guardProposals(stream)
    }

    return stream
  }

  return muxer
}

/** For a stream of ours: what is agreed on is one of the protocols that we propose, and nothing else that comes is. */
function guardProposals (stream: Stream): void {
  const inside: { send: Stream['send'] } = stream
  const { send } = inside
  const proposed = new Set<string>()
  const sent = new FramingGuard((protocol) => {
    proposed.add(protocol)

    return false
  })

  inside.send = (bytes) => {
    sent.push(bytes)

    return send.call(stream, bytes)
  }

  guardFraming(stream, (protocol) => proposed.has(protocol), () => { inside.send = send })
}
