import { multiaddr } from '@multiformats/multiaddr'
import { closeWhenUnused, openStream } from '../connection.ts'
import { withPeerId } from '../../address/multiaddr.ts'
import { readEnvelope } from '../../codec/envelope.ts'
import { encodeFrame, FrameReader } from '../../codec/frame.ts'
import { MAX_HANDSHAKE_FRAME_BYTES } from '../../codec/limits.ts'
import { decodeBody, encodeMessage } from '../../codec/message.ts'
import { DisconnectedError, ProtocolViolationError } from '../../errors.ts'
import { raceSignal } from '../../util/race-signal.ts'
import { closeGracefully } from '../../session/close.ts'
import type { Clock } from '../../util/clock.ts'
import type { Refusal } from '../../session/handshake.ts'
import type { NodeInfo } from '../../types/message.ts'
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** What a test dial tells the peer, in place of a handshake. */
const FAREWELL = { type: 'disconnect', detail: 'a test dial' } as const

/** Options of {@link probe}. */
export interface ProbeInit {
  connectionManager: Pick<ConnectionManager, 'openConnection'>
  clock: Clock
  /** Whether there is a session with a peer. */
  hasSession: (id: string) => boolean
  /** Why this node would refuse a peer with this handshake, or `undefined` where it would not. */
  judge: (info: NodeInfo) => Refusal | undefined
}

/** A peer, and addresses that all should be its own. */
export interface ProbedPeer {
  peerId: string
  addresses: readonly string[]
}

/**
 * Dials a peer to see whether it is there and of this network. It reads the handshake that the peer sends at once, and sends none: so the
 * peer has no session with this node, and none that another one has to make room for. Returns the multiaddr at which the peer was reached.
 * Throws a DisconnectedError where the peer refuses, or this node would.
 */
export async function probe (
  { connectionManager, clock, judge, hasSession }: ProbeInit, { peerId, addresses }: ProbedPeer, signal: AbortSignal
): Promise<string> {
  const targets = addresses.map((address) => withPeerId(multiaddr(address), peerId))
  // there may be a connection that the peer has opened: it says nothing of the address
  const connection = await connectionManager.openConnection(targets, { signal, force: true })

  try {
    const stream = await openStream(connection, signal)

    try {
      checkFirst(await raceSignal(firstFrame(stream), signal), judge)
    } finally {
      // a peer with a session counts the end of another one as no failure
      const farewell = { ...FAREWELL, reason: hasSession(peerId) ? 'DUPLICATE_CONNECTION' : 'SHUTDOWN' } as const
      const outbox = { finish: async () => { stream.send(encodeFrame(encodeMessage(farewell))) }, close: () => {} }
      await closeGracefully({ stream, clock, outbox, farewell, keep: false })
    }

    return connection.remoteAddr.toString()
  } finally {
    closeWhenUnused(connection, clock)
  }
}

function checkFirst (frame: Uint8Array, judge: ProbeInit['judge']): void {
  const { type, body } = readEnvelope(frame)

  if (type === 'disconnect') {
    const { reason } = decodeBody(type, body)
    throw new DisconnectedError(`The peer refuses: ${reason}`, { reason, byRemote: true })
  }

  if (type !== 'handshake') {
    throw new ProtocolViolationError('expected a handshake as the first message')
  }

  const refusal = judge(decodeBody(type, body).node)

  if (refusal != null) {
    throw new DisconnectedError(`The peer is of no use: ${refusal.detail}`, { reason: refusal.reason, byRemote: false })
  }
}

/** The first frame that comes on a stream. Rejects where the stream ends before. */
async function firstFrame (stream: Stream): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  const reader = new FrameReader({ maxBytes: () => MAX_HANDSHAKE_FRAME_BYTES })
  const onMessage = ({ data }: StreamMessageEvent): void => {
    try {
      const [frame] = reader.cut(data)

      if (frame != null) {
        resolve(frame)
      }
    } catch (err) {
      reject(err)
    }
  }
  const onEnd = (): void => { reject(new Error('The stream ended before the handshake of the peer')) }
  stream.addEventListener('message', onMessage)
  stream.addEventListener('end', onEnd)
  stream.addEventListener('close', onEnd)

  try {
    return await promise
  } finally {
    stream.removeEventListener('message', onMessage)
    stream.removeEventListener('end', onEnd)
    stream.removeEventListener('close', onEnd)
  }
}
