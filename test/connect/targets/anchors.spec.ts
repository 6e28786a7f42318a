import assert from 'node:assert/strict'
import { pickAnchors } from '../../../src/connect/targets/anchors.ts'
import { HEALTHY_AFTER_MS } from '../../../src/connect/dial/dialer.ts'
import type { Session } from '../../../src/session/session.ts'

function session (id: string, values: Partial<Session> = {}): Session {
  return {
    id, direction: 'outbound', asksBlockOnly: false, isRelayed: false, readyFor: HEALTHY_AFTER_MS, lastUsefulBlockAt: undefined, ...values
  } as unknown as Session
}

describe('connect/targets/anchors', () => {
  it('takes those with a useful block first, then those that have lasted', () => {
    const sessions = [
      session('a'),
      session('b', { readyFor: HEALTHY_AFTER_MS + 2 }),
      session('c', { lastUsefulBlockAt: 0 }),
      session('d', { readyFor: HEALTHY_AFTER_MS + 1, lastUsefulBlockAt: 5 })
    ]

    assert.deepEqual(pickAnchors(sessions), ['d', 'c', 'b', 'a'])
  })

  it('takes block-only ones alone, where some have lasted', () => {
    const sessions = [session('a', { lastUsefulBlockAt: 9, readyFor: 2 * HEALTHY_AFTER_MS }), session('b', { asksBlockOnly: true })]

    assert.deepEqual(pickAnchors(sessions), ['b'])
    assert.deepEqual(pickAnchors(sessions, HEALTHY_AFTER_MS + 1), ['a'])
  })

  it(`takes no peer that is inbound, reached through a relay, or has lasted less than ${HEALTHY_AFTER_MS} ms`, () => {
    const sessions = [session('a', { direction: 'inbound' }), session('b', { isRelayed: true }), session('c', { readyFor: HEALTHY_AFTER_MS - 1 })]

    assert.deepEqual(pickAnchors(sessions), [])
  })

  it('takes those that have lasted as long as it is told', () => {
    assert.deepEqual(pickAnchors([session('a'), session('b', { readyFor: 60_000 })], 60_000), ['b'])
  })
})
