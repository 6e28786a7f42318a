import type { Attack } from './attacks.ts'
import type { Crowd } from './crowd.ts'
import { MAX_POOL_BYTES } from '../../src/gossip/transactions/pool.ts'
import { STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import { INBOX_BYTES } from '../../src/session/read/inbox.ts'
import { SOFT_BYTES } from '../../src/session/send/outbox.ts'
import type { Outcome } from './measure.ts'

/** How long an honest peer may wait for a pong, in ms. */
export const MAX_PONG_MS = 1000

/** How long it may wait for a block that follows one of its own, in ms. */
export const MAX_BLOCK_MS = 2000

/** What memory may be in use during an attack that was not before, in bytes. A crowd has its sessions besides. */
export const MAX_GROWN_BYTES: number = 64 * 1024 ** 2

/** What may be left of it afterwards, in bytes. */
export const MAX_LEFT_BYTES: number = 16 * 1024 ** 2

/** How long a connection may live that is to be cut, in ms. */
export const MAX_LIFE_MS = 2000

/** What a session may hold, in bytes: what its window lets in, what waits to be read and what waits to be sent. */
export const SESSION_BYTES: number = STREAM_WINDOW_BYTES + INBOX_BYTES + SOFT_BYTES

/** What may be left of an attack. The node keeps the transactions of a crowd for a while, for peers that ask for them. */
export function mostLeft ({ peers = 0 }: Partial<Pick<Crowd, 'peers'>>): number {
  return MAX_LEFT_BYTES + (peers > 0 ? MAX_POOL_BYTES : 0)
}

/**
 * What of an outcome is not as it should be. A crowd keeps the node busy all the time: there the node's processor time counts, which is the
 * wait on a machine that does nothing else.
 */
export function judge ({ isCut, peers = 0 }: Pick<Attack | Crowd, 'isCut'> & Partial<Pick<Crowd, 'peers'>>, outcome: Outcome): string[] {
  const waited = (ms: number): number => peers > 0 && ms < Infinity ? Math.min(ms, outcome.busyMs) : ms
  const faults = [
    outcome.connections === 0 && 'never connected',
    waited(outcome.pongMs) > MAX_PONG_MS && 'a pong was late',
    waited(outcome.blockMs) > MAX_BLOCK_MS && 'a block was late',
    outcome.grownBytes > MAX_GROWN_BYTES + peers * SESSION_BYTES + mostLeft({ peers }) - MAX_LEFT_BYTES && 'memory has grown',
    outcome.leftBytes > mostLeft({ peers }) && 'memory is left',
    peers > 0 && outcome.cuts > 0 && 'a session has ended that kept to its rates',
    isCut && outcome.cuts < outcome.connections - 1 && 'not every connection was cut',
    isCut && outcome.longestMs > MAX_LIFE_MS && 'a connection has lived too long'
  ]

  return faults.filter((fault) => fault !== false)
}
