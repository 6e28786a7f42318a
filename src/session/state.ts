import type { SessionState } from '../types/peer.ts'

/** What happens to a session: it sends its handshake, it accepts that of the peer, or it ends. */
export type SessionEvent = 'open' | 'accept' | 'close'

const TRANSITIONS: Record<SessionState, Partial<Record<SessionEvent, SessionState>>> = {
  connecting: { open: 'handshaking', close: 'closed' },
  handshaking: { accept: 'ready', close: 'closed' },
  ready: { close: 'closed' },
  closed: {}
}

/** The state after `event`, or `undefined` where `event` cannot happen in this state. */
export function transition (state: SessionState, event: SessionEvent): SessionState | undefined {
  return TRANSITIONS[state][event]
}
