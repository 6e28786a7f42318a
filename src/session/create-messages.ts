import { Messages } from './messages.ts'
import type { MessagesInit } from './messages.ts'
import type { Reader } from './read/reader.ts'
import type { SessionInit } from './types.ts'
import type { DisconnectReason, WireMessage } from '../types/message.ts'

/** What of a session its messages need. */
export interface AddressedSession {
  send: (priority: 'control', message: WireMessage) => boolean
  noteHeight: (height: number) => void
  close: (reason: DisconnectReason, detail: string) => void
}

/** The parts of a session that its messages go to. */
export interface MessageParts extends Pick<MessagesInit, 'requests' | 'keepalive' | 'onDisconnect'> {
  reader: Pick<Reader, 'pauseFor'>
}

/** What takes the messages of a session. */
export function createMessages (
  session: AddressedSession, { clock, config, meters, hooks }: SessionInit, { requests, keepalive, reader, onDisconnect }: MessageParts
): Messages {
  return new Messages({
    clock,
    rates: config.rateLimits,
    onExceeded: meters?.exceeded,
    requests,
    keepalive,
    onHeight: (height) => { session.noteHeight(height) },
    onPing: (nonce) => { session.send('control', { type: 'pong', nonce, bestHeight: hooks.bestHeight() }) },
    onDisconnect,
    onTooMany: (ms) => { reader.pauseFor(ms) },
    onTooManyForTooLong: (limit) => { session.close('RATE_LIMITED', `too many for too long: ${limit}`) },
    onMessage: hooks.onMessage
  })
}
