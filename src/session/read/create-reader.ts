import { MAX_HANDSHAKE_FRAME_BYTES } from '../../codec/limits.ts'
import { Reader } from './reader.ts'
import type { ReaderInit } from './reader.ts'
import type { SessionInit } from '../types.ts'

/** What a session tells its reader, and hears of it. */
export interface ReadingSession extends Pick<ReaderInit, 'onFrame' | 'onLate'> {
  /** Whether the handshake of the peer has come: larger frames may come then. */
  hasShaken: () => boolean
}

/** What reads the stream of a session. */
export function createReader (
  { stream, ownsMemory = false, clock, config, throttle, reading }: SessionInit, { hasShaken, onFrame, onLate }: ReadingSession
): Reader {
  return new Reader({
    stream,
    ownsMemory,
    clock,
    frameTimeout: config.frameTimeout,
    maxBytes: () => hasShaken() ? config.maxFrameBytes : MAX_HANDSHAKE_FRAME_BYTES,
    onFrame,
    download: throttle.openDownload(),
    turn: reading.open(),
    onLate
  })
}
