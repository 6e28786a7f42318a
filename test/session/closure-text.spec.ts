import assert from 'node:assert/strict'
import { closureText } from '../../src/session/closure-text.ts'

describe('session/closure-text', () => {
  it('says who ended a session, the reason, and what goes with it', () => {
    assert.equal(closureText({ reason: 'WRONG_NETWORK', detail: 'expected network a', byRemote: true }), 'the peer said WRONG_NETWORK (expected network a)')
    assert.equal(closureText({ reason: 'BANNED', detail: '', byRemote: false }), 'this node said BANNED')
    assert.equal(closureText({ reason: undefined, detail: 'read ECONNRESET', byRemote: true }), 'the connection broke (read ECONNRESET)')
  })

  it('is cut', () => {
    assert.equal(closureText({ reason: 'BANNED', detail: 'x'.repeat(256), byRemote: true }).length, 256)
  })
})
