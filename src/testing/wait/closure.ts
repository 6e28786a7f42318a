import type { DisconnectReason } from '../../types/message.ts'

/**
 * How a session has ended.
 *
 * - `ended`: The remote closed its side of the stream.
 * - `reset`: One side reset the stream.
 * - `lost`: The connection broke or was closed.
 * - `undecodable`: The remote sent what is no frame, and nothing more of it is read.
 */
export type RawClosureKind = 'ended' | 'reset' | 'lost' | 'undecodable'

/** The end of a session, as a {@link RawSession} sees it. */
export interface RawClosure {
  /** Which side began to end it: the one that closed or reset its side first, or said `Disconnect`. */
  by: 'remote' | 'local'
  /** How it ended. */
  how: RawClosureKind
  /** The reason in the remote's `Disconnect`; `undefined` where none came. */
  reason: DisconnectReason | undefined
  /** The text in the remote's `Disconnect`; empty where none came. */
  detail: string
  /** What broke the stream, where it did not just end. */
  error: Error | undefined
}

/** The end of a session in words. */
export function describeClosure ({ by, how, reason, detail, error }: RawClosure): string {
  const who = by === 'remote' ? 'the remote' : 'this peer'
  const said = reason == null ? 'without a Disconnect' : `with ${reason}${detail === '' ? '' : ` (${detail})`}`
  const why = error == null ? '' : `: ${error.message}`

  return `${how} by ${who}, ${said}${why}`
}
