import { Allowance } from './allowance.ts'
import { CrumbJoiner } from './crumb-joiner.ts'
import { MAX_SENT_FRAME_BYTES, MAX_UNREAD_ANSWERS } from './muxer-limits.ts'
import { ReadPacer } from './read-pacer.ts'
import { WindowUpdates } from './window-updates.ts'
import { HEADER_BYTES, YamuxRules } from './yamux-rules.ts'
import { MuxerLimitError } from '../../../errors.ts'
import { isSessionStream } from './session-streams.ts'
import type { MuxerLimits } from './muxer-limits.ts'
import type { Clock } from '../../../util/clock.ts'
import type { MessageStream, Stream, StreamMuxer } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

const YAMUX = '/yamux/1.0.0'

/** What a stream may receive before its window is first raised, unless the muxer has another. */
export const INITIAL_WINDOW_BYTES: number = 256 * 1024

type Bytes = Uint8Array | Uint8ArrayList

/** The inside of the muxers of @chainsafe/libp2p-yamux 8. */
interface MuxerInside {
  readonly streams: readonly StreamInside[]
  readonly numInboundStreams?: number
  readonly maxInboundStreams?: number
  readonly streamOptions?: { readonly initialStreamWindowSize?: number }
  onData?: (bytes: Bytes) => void
  send?: (bytes: Bytes) => boolean
}

/** The inside of its streams. */
interface StreamInside {
  readonly streamId?: number
  readonly recvWindowCapacity?: number
  sendData?: (bytes: Uint8ArrayList) => { sentBytes: number, canSendMore: boolean }
}

/**
 * Puts a {@link YamuxRules} before what a muxer receives from `connection`, joins crumbs, slows down a peer that sends many small
 * frames, and cuts the connection of one that does not read the answers. Returns a function that the caller calls with each stream.
 *
 * Other muxers than @chainsafe/libp2p-yamux are left alone.
 */
export function guardYamux (
  muxer: StreamMuxer, connection: MessageStream, { limits, clock }: { limits: MuxerLimits, clock: Clock }
): (stream: Stream) => void {
  const inside = muxer as unknown as MuxerInside
  const { onData, send } = inside

  if (muxer.protocol !== YAMUX || onData == null || send == null) {
    return () => {}
  }

  const hasSession = (): boolean => muxer.streams.some(isSessionStream)
  const streamOf = (streamId: number): StreamInside | undefined => inside.streams.find((stream) => stream.streamId === streamId)
  const guard = new YamuxRules({
    limits,
    clock,
    hasSession,
    initialWindow: Math.max(INITIAL_WINDOW_BYTES, inside.streamOptions?.initialStreamWindowSize ?? 0),
    streamRoom: () => (inside.maxInboundStreams ?? Infinity) - (inside.numInboundStreams ?? 0),
    windowOf: (streamId) => streamOf(streamId)?.recvWindowCapacity
  })
  const smallFrames = new Allowance(limits.smallFrames, { clock, hasSession })
  const pacer = new ReadPacer(connection, clock)
  const joiner = new CrumbJoiner()

  const updates = new WindowUpdates({
    clock,
    isOpen: (streamId) => streamOf(streamId) != null,
    send: (frame) => {
      // one that closes has its streams for a while, and takes nothing more: what is below it may close before it
      if (muxer.status === 'open' && connection.status === 'open') {
        inside.send!(frame)
      }
    },
    onError: (err) => { cut(muxer, connection, err) }
  })

  // what is thrown ends the muxer and the connection
  inside.onData = (bytes) => {
    const cost = guard.push(bytes)
    const joined = joiner.push(bytes, guard.openBytes)

    if (joined != null) {
      updates.hold()
      onData.call(muxer, joined)
      updates.release()
    }

    if (joiner.heldBytes === 0) {
      guard.noteHandedOn()
    }

    pacer.pauseFor(smallFrames.take(cost))
  }

  inside.send = guardAnswers(muxer, connection, { guard, updates, send })

  return (stream) => {
    const streamInside = stream as Stream & StreamInside
    splitFrames(streamInside)

    if (stream.direction === 'outbound') {
      guard.noteOpened(streamInside.streamId ?? 0)
    }

    stream.addEventListener('close', () => {
      updates.forget(streamInside.streamId ?? 0)
      guard.noteClosed(streamInside.recvWindowCapacity ?? 0)
    })
  }
}

function cut (muxer: StreamMuxer, connection: MessageStream, err: Error): void {
  muxer.abort(err)
  connection.abort(err)
}

/** Wraps what a muxer sends: window updates wait for each other and for data, and a peer that reads no answers is cut. */
function guardAnswers (
  muxer: StreamMuxer, connection: MessageStream, { guard, updates, send }: {
    guard: YamuxRules
    updates: WindowUpdates
    send: (bytes: Bytes) => boolean
  }
): (bytes: Bytes) => boolean {
  let unread = 0
  const onDrain = (): void => { unread = 0 }

  return (bytes) => {
    const data = bytes.byteLength - HEADER_BYTES

    if (data > 0) {
      guard.noteSent(data)
      putBefore(bytes, updates)
    } else if (updates.take(bytes)) {
      return true
    }

    const canSendMore = send.call(muxer, bytes)

    if (canSendMore) {
      unread = 0
    } else if (data === 0 && ++unread === 1) {
      // a listener costs memory, and few remotes leave answers unread
      connection.addEventListener('drain', onDrain, { once: true })
    } else if (data === 0 && unread === MAX_UNREAD_ANSWERS + 1) {
      cut(muxer, connection, new MuxerLimitError('More answers wait than there may be'))
    }

    return canSendMore
  }
}

/** Puts the window updates that wait before a frame of data: they cost no message of their own. */
function putBefore (frame: Bytes, updates: WindowUpdates): void {
  if (frame instanceof Uint8Array) {
    return
  }

  const held = updates.takeAll()

  if (held != null) {
    frame.prepend(held)
  }
}

/** Has a stream send frames of {@link MAX_SENT_FRAME_BYTES} at most. By itself it sends as much as fits into the window of the remote. */
function splitFrames (stream: StreamInside): void {
  const { sendData } = stream

  if (sendData == null) {
    return
  }

  stream.sendData = (bytes) => {
    let sentBytes = 0

    while (bytes.byteLength > MAX_SENT_FRAME_BYTES) {
      // takes what it sends out of what it is given
      const sent = sendData.call(stream, bytes.sublist(0, MAX_SENT_FRAME_BYTES))
      bytes.consume(sent.sentBytes)
      sentBytes += sent.sentBytes

      if (!sent.canSendMore) {
        return { sentBytes, canSendMore: false }
      }
    }

    const { sentBytes: rest, canSendMore } = sendData.call(stream, bytes)

    return { sentBytes: sentBytes + rest, canSendMore }
  }
}
