import type { SessionState } from '../types/peer.ts'

/** What happens to a session: its handshake goes out, the remote's is accepted, or it ends. */
export type SessionEvent = 'open' | 'accept' | 'close'

const TRANSITIONS: Record<SessionState, Partial<Record<SessionEvent, SessionState>>> = {
  connecting: { open: 'handshaking', close: 'closed' },
  handshaking: { accept: 'ready', close: 'closed' },
  ready: { close: 'closed' },
  closed: {}
}

/** The state after `event`, or `undefined` where `event` cannot happen: the only place that knows which may follow which. */
export function transition (state: SessionState, event: SessionEvent): SessionState | undefined {
  return TRANSITIONS[state][event]
}
