import { multiaddr } from '@multiformats/multiaddr'
import { ChannelRules } from './channel-rules.ts'
import { MuxerLimitError, ProtocolViolationError } from '../../../errors.ts'
import { systemClock } from '../../../util/clock.ts'
import { Allowance } from '../guard/allowance.ts'
import { guardStreams } from '../guard/guard.ts'
import { MUXER_LIMITS, NEW_STREAM_COST } from '../guard/muxer-limits.ts'
import { isSessionStream } from '../guard/session-streams.ts'
import { hookTransport } from '../transport-hooks.ts'
import type { GuardMuxerComponents, MuxerInside } from '../guard/guard.ts'
import type { UpgradeOptions } from '../transport-hooks.ts'
import type { Clock } from '../../../util/clock.ts'
import type { MessageStream, PeerId, Stream, StreamMuxer, StreamMuxerFactory, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** One end of the path that ICE has chosen: as node-datachannel has it, or as browsers do. */
interface Candidate { readonly address?: string | null, readonly port?: number | null }

interface IceTransport { getSelectedCandidatePair?: () => { remote?: Candidate } | null }

/** The inside of the connections of @libp2p/webrtc 6. */
interface ConnectionInside {
  remoteAddr: Multiaddr
  readonly peerConnection?: {
    selectedCandidatePair?: () => { remote: Candidate } | null
    readonly sctp?: { transport?: { iceTransport?: IceTransport } } | null
  }
}

/** The inside of its streams. */
interface StreamInside {
  readonly channel?: { onmessage: ((event: { data: unknown }) => unknown) | null }
}

/** What is made of a connection. */
interface ChannelOptions extends UpgradeOptions {
  remotePeer?: PeerId
  muxerFactory?: StreamMuxerFactory
}

/** Options of {@link guardChannels}. */
export interface GuardChannelsInit {
  /** Channels of the remote at a time. */
  maxInboundStreams: number
  clock?: Clock
}

/**
 * Guards the connections of `webRTC()`, of @libp2p/webrtc 6. They have neither Noise nor Yamux, whose guards see nothing of them: a data
 * channel is a stream.
 *
 * - The address of a connection is that of the path that ICE has chosen. So bans, rates and limits of hosts hold, as on TCP.
 * - A message of text ends the connection. Its reader takes the text for a number, and makes as many bytes.
 * - Frames longer than {@link MAX_CHANNEL_FRAME_BYTES} end it, and so do small frames without end: a channel cannot be read more slowly.
 * - So do channels without end. Lengths without end are found on a channel until there is a protocol, and in libp2p's own.
 */
export function guardChannels<Components extends GuardMuxerComponents> (
  create: (components: Components) => Transport, { maxInboundStreams, clock = systemClock }: GuardChannelsInit
): (components: Components) => Transport {
  return (components) => hookTransport(create, {
    onConnection: (connection, _upgrader, options: ChannelOptions) => {
      nameRemote(connection, options.remotePeer)

      if (options.muxerFactory != null) {
        const { muxerFactory } = options
        const createStreamMuxer = muxerFactory.createStreamMuxer.bind(muxerFactory)
        const init = { maxInboundStreams, clock, components }
        muxerFactory.createStreamMuxer = (stream) => guardMuxer(createStreamMuxer(stream), connection, init)
      }
    }
  })(components)
}

/** Gives a connection the address of its remote. What was dialled is that of a relay, and the other end has none. */
function nameRemote (connection: MessageStream, peer: PeerId | undefined): void {
  const inside = connection as MessageStream & ConnectionInside
  const end = `/webrtc${peer == null ? '' : `/p2p/${peer.toString()}`}`

  try {
    inside.remoteAddr = multiaddr(`${placeOf(inside)}${end}`)
  } catch {
    // a browser may hide it behind a name of multicast DNS
    inside.remoteAddr = multiaddr(end)
  }
}

/** Where the path of ICE leads, as a multiaddr. */
function placeOf ({ peerConnection }: ConnectionInside): string {
  const inBrowser = (): ReturnType<NonNullable<IceTransport['getSelectedCandidatePair']>> | undefined => {
    return peerConnection?.sctp?.transport?.iceTransport?.getSelectedCandidatePair?.()
  }
  const { address, port } = (peerConnection?.selectedCandidatePair?.() ?? inBrowser())?.remote ?? {}
  const ip = String(address).replace(/%.*/, '')

  return `/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/udp/${String(port)}`
}

interface GuardInit extends Required<GuardChannelsInit> { components: GuardMuxerComponents }

function guardMuxer (muxer: StreamMuxer, connection: MessageStream, { maxInboundStreams, clock, components }: GuardInit): StreamMuxer {
  const hasSession = (): boolean => muxer.streams.some(isSessionStream)
  const small = new Allowance(MUXER_LIMITS.smallFrames, { clock, hasSession })

  const cut = (err: Error): void => {
    muxer.abort(err)
    connection.abort(err)
  }

  const spend = (cost: number): void => {
    if (small.take(cost) > 0) {
      throw new MuxerLimitError('More small frames on data channels than there may be')
    }
  }

  const guarded = guardStreams(muxer, components, (stream) => { guardChannel(stream as Stream & StreamInside, spend, cut) })
  const inside: MuxerInside = guarded as StreamMuxer & MuxerInside
  const { onRemoteStream } = inside

  inside.onRemoteStream = (stream) => {
    try {
      spend(NEW_STREAM_COST)

      if (muxer.streams.filter(({ direction }) => direction === 'inbound').length >= maxInboundStreams) {
        throw new MuxerLimitError(`More data channels than ${maxInboundStreams}`)
      }
    } catch (err) {
      stream.abort(err as Error)
      cut(err as Error)

      return
    }

    onRemoteStream?.call(guarded, stream)
  }

  return guarded
}

function guardChannel ({ channel }: StreamInside, spend: (cost: number) => void, cut: (err: Error) => void): void {
  const onmessage = channel?.onmessage

  if (channel == null || onmessage == null) {
    return
  }

  const rules = new ChannelRules()

  channel.onmessage = (event) => {
    try {
      if (!(event.data instanceof ArrayBuffer)) {
        throw new ProtocolViolationError('A message on a data channel that is not bytes')
      }

      spend(rules.push(new Uint8Array(event.data)))
    } catch (err) {
      cut(err as Error)

      return undefined
    }

    return onmessage.call(channel, event)
  }
}
