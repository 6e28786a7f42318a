import assert from 'node:assert/strict'
import { leftOver, MAX_TIMERS, MAX_TIMERS_PER_SESSION, unrest } from './rest.ts'
import type { MemberState } from './rest.ts'
import type { NodeStatus } from '../integration/node-status.ts'

const MAX_OUTBOUND = 1

/** Three nodes in a ring, each with one session to the next. */
function ring (): MemberState[] {
  return ['a', 'b', 'c'].map((id, i, all) => ({
    name: `node-${id}`,
    id,
    height: 7,
    hash: 'same',
    status: {
      counts: { inbound: 1, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 },
      peers: all.filter((_, other) => other !== i),
      upgrades: {}, rtts: {}, gateway: null,
      connections: 2,
      streams: 2,
      listeners: 20,
      resources: ['TCPServerWrap', 'TCPSocketWrap', 'TCPSocketWrap', 'Timeout']
    }
  }))
}

function change (changes: Partial<Omit<MemberState, 'status'>>, status: Partial<NodeStatus> = {}): MemberState[] {
  const [first, ...rest] = ring()

  return [{ ...first!, ...changes, status: { ...first!.status, ...status } }, ...rest]
}

describe('chaos/rest: a network', () => {
  it('is at rest where each node has its sessions and the same chain', () => {
    assert.deepEqual(unrest(ring(), MAX_OUTBOUND), [])
  })

  it('is at rest where a node has all others for peers, whichever side has dialled', () => {
    assert.deepEqual(unrest(change({}, { counts: { inbound: 2, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 } }), MAX_OUTBOUND), [])
  })

  for (const [what, members, expected] of [
    ['has fewer outbound sessions', change({}, { counts: { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 }, peers: ['c'], connections: 1, streams: 1 }),
      ['node-a has 0 of 1 outbound sessions', 'node-b has 1 sessions that their peers do not have']],
    ['has another chain', change({ hash: 'other', height: 6 }), ['node-a is at block 6, which is not that of node-b at 7']],
    ['has a dial under way', change({}, { counts: { inbound: 1, outbound: 1, blockOnly: 0, pending: 1, reserved: 0 } }), ['node-a has 1 pending sessions']],
    ['counts what it does not have', change({}, { counts: { inbound: 2, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 } }),
      ['node-a counts other sessions than it has']],
    ['has a connection too many', change({}, { connections: 3 }), ['node-a has 3 connections and 2 streams for 2 sessions']],
    ['has a stream too many', change({}, { streams: 3 }), ['node-a has 2 connections and 3 streams for 2 sessions']]
  ] as const) {
    it(`is not at rest where a node ${what}`, () => {
      assert.deepEqual(unrest(members, MAX_OUTBOUND), expected)
    })
  }
})

describe('chaos/rest: what is left over in a node', () => {
  const before = ring()[0]!.status

  it('is nothing where it has what it had, and a socket for each connection', () => {
    assert.deepEqual(leftOver(ring()[0]!, before), [])
    const [more] = change({}, { connections: 3, resources: [...before.resources, 'TCPSocketWrap'] })
    assert.deepEqual(leftOver(more!, before), [])
  })

  it('are sockets without a connection, and kinds that were not there', () => {
    const [node] = change({}, { resources: [...before.resources, 'TCPSocketWrap', 'FSReqPromise'] })

    assert.deepEqual(leftOver(node!, before), [
      'node-a has 3 of TCPSocketWrap open, where 2 are due', 'node-a has 1 of FSReqPromise open, where 0 are due'
    ])
  })

  it('are timers above what its sessions need, and not one less', () => {
    const most = MAX_TIMERS + 2 * MAX_TIMERS_PER_SESSION
    const [full] = change({}, { resources: Array.from({ length: most }, () => 'Timeout') })
    const [over] = change({}, { resources: Array.from({ length: most + 1 }, () => 'Timeout') })

    assert.deepEqual(leftOver(full!, before), [])
    assert.deepEqual(leftOver(over!, before), [`node-a has ${most + 1} of Timeout open, where ${most} are due`])
  })

  it('are listeners above those it had', () => {
    const [node] = change({}, { listeners: 21 })

    assert.deepEqual(leftOver(node!, before), ['node-a has 21 listeners, where it had 20'])
  })
})
