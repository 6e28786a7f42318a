import type { Rate } from '../../../types/limits.ts'

/**
 * Control frames that nothing explains, at once, on a connection without a session: pings, empty frames, resets of no stream.
 *
 * @remarks The guard cuts the connection with a `MuxerLimitError`. No peer is banned for it.
 */
export const MAX_CONTROL_FRAMES = 64

/** {@link MAX_CONTROL_FRAMES} in the long run, a second. Implementations send a ping in 10 to 30 s. */
export const CONTROL_FRAMES_PER_SECOND = 4

/**
 * Streams of one connection without a session that are refused because there are too many, at once.
 *
 * @remarks The guard cuts the connection with a `MuxerLimitError`. No peer is banned for it.
 */
export const MAX_REFUSED_STREAMS = 64

/** {@link MAX_REFUSED_STREAMS} in the long run, a second. */
export const REFUSED_STREAMS_PER_SECOND = 16

/** What a new stream costs, in small frames: libp2p agrees on a protocol for it. */
export const NEW_STREAM_COST = 8

/**
 * Small frames and messages of one connection without a session, at once, each weighed by what is missing of {@link FULL_FRAME_BYTES}.
 *
 * @remarks The node reads the connection more slowly.
 */
export const MAX_SMALL_FRAMES = 2048

/** {@link MAX_SMALL_FRAMES} in the long run, a second. */
export const SMALL_FRAMES_PER_SECOND = 512

/** How many times as many refused streams, control frames and small frames a connection with a session may have. */
export const SESSION_FACTOR = 8

/** A frame or message of this size is paid for by what it carries. */
export const FULL_FRAME_BYTES = 1024

/** The largest data frame that is sent, without its header: rust-yamux refuses frames of more than 1 MiB. */
export const MAX_SENT_FRAME_BYTES: number = 256 * 1024

/** Answers that wait for a remote that does not read, window updates included. With one more the guard cuts the connection. */
export const MAX_UNREAD_ANSWERS: number = 16 * 1024

/** Messages of Noise that hold nothing, on one connection. No implementation sends any. */
export const MAX_EMPTY_NOISE_MESSAGES = 16

/** Messages of Noise in what is read at once. TCP reads at most 64 KiB, which hold 3640 of them. */
export const MAX_READ_MESSAGES: number = 8 * 1024

/** What one connection may cost without a session. Eight times as much with one. */
export interface MuxerLimits {
  /** Streams that the remote opens above the limit of the muxer. Above it the connection is cut. */
  readonly refusedStreams: Rate
  /** Control frames that nothing explains: pings, empty frames, what is about streams that are gone. Above it the connection is cut. */
  readonly controlFrames: Rate
  /** Small frames, each weighed by what is missing of 1 KiB, a new stream as 8. Above it the connection is read more slowly. */
  readonly smallFrames: Rate
}

/** What `guardMuxer` allows by default. */
export const MUXER_LIMITS: MuxerLimits = {
  refusedStreams: { perSecond: REFUSED_STREAMS_PER_SECOND, burst: MAX_REFUSED_STREAMS },
  controlFrames: { perSecond: CONTROL_FRAMES_PER_SECOND, burst: MAX_CONTROL_FRAMES },
  smallFrames: { perSecond: SMALL_FRAMES_PER_SECOND, burst: MAX_SMALL_FRAMES }
}
