import { Keepalive } from './keepalive.ts'
import type { SendBudget } from './limits/send-budget.ts'
import type { SessionInit } from './types.ts'
import type { DisconnectReason, WireMessage } from '../types/message.ts'
import type { SessionState } from '../types/peer.ts'

/** What of a session its pings need. */
export interface PingedSession {
  readonly state: SessionState
  readonly budget: SendBudget
  send: (priority: 'control', message: WireMessage) => boolean
  close: (reason: DisconnectReason, detail: string) => void
}

/** The pings of a session. `isHeldUp` tells whether the node itself does not read. */
export function createKeepalive (
  session: PingedSession, { stream, clock, chance, config, hooks }: SessionInit, isHeldUp: () => boolean
): Keepalive {
  return new Keepalive({
    clock,
    chance,
    interval: Math.max(config.pingInterval, session.budget.intervalMs('pings')),
    timeout: config.pingTimeout,
    sendPing: (nonce) => { session.send('control', { type: 'ping', nonce, bestHeight: hooks.bestHeight() }) },
    onTimeout: () => {
      // while the node does not read, a missing pong says nothing about a peer that is still connected
      if (!isHeldUp() || stream.status !== 'open') {
        session.close('TIMEOUT', 'no pong in time')
      }

      return session.state !== 'closed'
    }
  })
}
