import type { Outbox } from './send/outbox.ts'
import type { Clock } from '../util/clock.ts'
import type { DisconnectMessage } from '../types/message.ts'
import type { Stream } from '@libp2p/interface'

/**
 * How long a peer has to take the last message of a session and to close its side.
 *
 * @remarks The node resets the stream.
 */
export const HANG_UP_TIMEOUT_MS = 500

/** How long a session that another one replaces may take to send and receive what is on its way. */
export const RETIRE_TIMEOUT_MS = 2000

/** What is said in a session in whose place another one with the same peer stays. */
export const REPLACED = { reason: 'DUPLICATE_CONNECTION', detail: '' } as const

/** What {@link closeGracefully} takes. */
export interface GracefulCloseInit {
  stream: Stream
  clock: Clock
  outbox: Outbox
  /** The last message to be sent. */
  farewell: DisconnectMessage | undefined
  /** Whether what waits to be sent is sent before it. */
  keep: boolean
}

/**
 * Ends a stream: sends the last frame, closes our side and waits for the other's. Never throws, and never takes longer
 * than HANG_UP_TIMEOUT_MS: what is not done by then is aborted.
 */
export async function closeGracefully ({ stream, clock, outbox, farewell, keep }: GracefulCloseInit): Promise<void> {
  const deadline = new AbortController()
  const timer = clock.setTimeout(() => { deadline.abort() }, HANG_UP_TIMEOUT_MS)
  const over = Promise.race([whenClosed(stream), whenAborted(deadline.signal)])

  try {
    await Promise.race([end({ stream, outbox, farewell, keep }, deadline.signal), over])
    await over
  } catch {
    // a stream that cannot be ended in peace is aborted below
  } finally {
    clock.clearTimeout(timer)
    outbox.close()
    stream.abort(new Error('The session has ended'))
  }
}

async function end ({ stream, outbox, farewell, keep }: Omit<GracefulCloseInit, 'clock'>, signal: AbortSignal): Promise<void> {
  await outbox.finish(farewell, { keep })
  await stream.close({ signal })
}

async function whenClosed (stream: Stream): Promise<void> {
  if (stream.status === 'open' || stream.status === 'closing') {
    await new Promise<void>((resolve) => { stream.addEventListener('close', () => { resolve() }, { once: true }) })
  }
}

async function whenAborted (signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
}
