import { decodeBody } from '../codec/message.ts'
import type { Outbox } from './send/outbox.ts'
import type { Closure } from './types.ts'
import type { Clock } from '../util/clock.ts'
import type { DisconnectMessage } from '../types/message.ts'
import type { Stream } from '@libp2p/interface'

/**
 * How long a peer has to take the last message of a session and to close its side.
 *
 * @remarks The node resets the stream.
 */
export const CLOSE_TIMEOUT_MS = 500

/** How long a replaced session may take to send and receive what is on its way. */
export const RETIRE_TIMEOUT_MS = 2000

/** What the node says in a session that another one with the same peer replaces. */
export const REPLACED = { reason: 'DUPLICATE_CONNECTION', detail: '' } as const

/** How a session has ended, where the peer has said so with this body of a `disconnect`. Throws a DecodeError. */
export function closureByRemote (body: Uint8Array): Closure {
  const { reason, detail } = decodeBody('disconnect', body)

  return { reason, detail, byRemote: true }
}

/** Whether a session has ended without the will of either side: it was cut, or the peer has given it up for another one. */
export function isLost ({ byRemote, reason }: Closure): boolean {
  return byRemote && (reason == null || reason === REPLACED.reason)
}

/** Options of {@link closeGracefully}. */
export interface GracefulCloseInit {
  stream: Stream
  clock: Clock
  outbox: Pick<Outbox, 'finish' | 'close'>
  /** The last message to be sent. */
  farewell: DisconnectMessage | undefined
  /** Whether the node sends what waits before it. */
  keep: boolean
}

/**
 * Ends a stream: sends the last frame, closes the side of this node, and waits for the peer to close its own. Never throws. After
 * {@link CLOSE_TIMEOUT_MS} it aborts the stream.
 */
export async function closeGracefully ({ stream, clock, outbox, farewell, keep }: GracefulCloseInit): Promise<void> {
  const over = Promise.withResolvers<void>()
  const timer = clock.setTimeout(over.resolve, CLOSE_TIMEOUT_MS)

  if (isOpen(stream)) {
    stream.addEventListener('close', () => { over.resolve() }, { once: true })
    // a stream that cannot be closed gracefully is aborted below
    end({ stream, outbox, farewell, keep }).catch(over.resolve)
  } else {
    over.resolve()
  }

  await over.promise
  clock.clearTimeout(timer)
  outbox.close()

  if (isOpen(stream)) {
    stream.abort(new Error('The session has ended'))
  }
}

/** Without a signal: the end of the stream, by an abort too, ends its waits. */
async function end ({ stream, outbox, farewell, keep }: Omit<GracefulCloseInit, 'clock'>): Promise<void> {
  await outbox.finish(farewell, { keep })
  await stream.close()
}

/** Whether a stream has yet to end. */
function isOpen ({ status }: Stream): boolean {
  return status === 'open' || status === 'closing'
}
