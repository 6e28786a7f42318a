import assert from 'node:assert/strict'
import { transition } from '../../src/session/state.ts'
import type { SessionEvent } from '../../src/session/state.ts'
import type { SessionState } from '../../src/types/peer.ts'

const TABLE: Record<SessionState, Record<SessionEvent, SessionState | undefined>> = {
  connecting: { open: 'handshaking', accept: undefined, close: 'closed' },
  handshaking: { open: undefined, accept: 'ready', close: 'closed' },
  ready: { open: undefined, accept: undefined, close: 'closed' },
  closed: { open: undefined, accept: undefined, close: undefined }
}

describe('session/state', () => {
  for (const [state, row] of Object.entries(TABLE) as [SessionState, typeof TABLE[SessionState]][]) {
    for (const [event, next] of Object.entries(row) as [SessionEvent, SessionState | undefined][]) {
      it(next == null ? `has no ${event} where a session is ${state}` : `makes a ${state} session ${next} by ${event}`, () => {
        assert.equal(transition(state, event), next)
      })
    }
  }
})
