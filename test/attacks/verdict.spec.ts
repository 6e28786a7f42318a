import assert from 'node:assert/strict'
import { judge, MAX_BLOCK_MS, MAX_GROWN_BYTES, MAX_LEFT_BYTES, MAX_LIFE_MS, MAX_PONG_MS, SESSION_BYTES } from './verdict.ts'
import { MAX_POOL_BYTES } from '../../src/gossip/transactions/pool.ts'
import type { Outcome } from './measure.ts'

/** The worst that is as it should be. */
const WORST: Outcome = {
  connections: 10,
  cuts: 9,
  longestMs: MAX_LIFE_MS,
  pongMs: MAX_PONG_MS,
  blockMs: MAX_BLOCK_MS,
  busyMs: MAX_PONG_MS,
  grownBytes: MAX_GROWN_BYTES,
  leftBytes: MAX_LEFT_BYTES
}

describe('attacks/verdict', () => {
  it('finds nothing in an outcome that is as it should be', () => {
    assert.deepEqual(judge({ isCut: true }, WORST), [])
  })

  for (const [name, value, fault] of [
    ['connections', 0, 'never connected'],
    ['pongMs', MAX_PONG_MS + 1, 'a pong was late'],
    ['pongMs', Infinity, 'a pong was late'],
    ['blockMs', MAX_BLOCK_MS + 1, 'a block was late'],
    ['blockMs', Infinity, 'a block was late'],
    ['grownBytes', MAX_GROWN_BYTES + 1, 'memory has grown'],
    ['leftBytes', MAX_LEFT_BYTES + 1, 'memory is left']
  ] as const) {
    it(`finds that ${fault} (${name}: ${value})`, () => {
      assert.deepEqual(judge({ isCut: false }, { ...WORST, [name]: value }), [fault])
    })
  }

  it('finds a connection that was not cut, or not in time, where it is to be', () => {
    assert.deepEqual(judge({ isCut: true }, { ...WORST, cuts: 8 }), ['not every connection was cut'])
    assert.deepEqual(judge({ isCut: true }, { ...WORST, longestMs: MAX_LIFE_MS + 1 }), ['a connection has lived too long'])
    assert.deepEqual(judge({ isCut: false }, { ...WORST, cuts: 0, longestMs: MAX_LIFE_MS + 1 }), [])
  })

  it('looks at the time that the node was busy where a crowd keeps it so, and at the end of a session', () => {
    const slow = { ...WORST, cuts: 0, pongMs: 10 * MAX_PONG_MS, blockMs: 10 * MAX_BLOCK_MS }
    assert.deepEqual(judge({ isCut: false, peers: 10 }, slow), [])
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...slow, busyMs: MAX_PONG_MS + 1 }), ['a pong was late'])
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...slow, busyMs: MAX_BLOCK_MS + 1 }), ['a pong was late', 'a block was late'])
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...slow, pongMs: Infinity }), ['a pong was late'])
    assert.deepEqual(judge({ isCut: false }, slow), ['a pong was late', 'a block was late'])
  })

  it('allows a crowd what each of its sessions may hold, and the transactions that the node keeps', () => {
    const grownBytes = MAX_GROWN_BYTES + 10 * SESSION_BYTES + MAX_POOL_BYTES
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...WORST, cuts: 0, grownBytes }), [])
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...WORST, cuts: 0, grownBytes: grownBytes + 1 }), ['memory has grown'])
    const leftBytes = MAX_LEFT_BYTES + MAX_POOL_BYTES
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...WORST, cuts: 0, leftBytes }), [])
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...WORST, cuts: 0, leftBytes: leftBytes + 1 }), ['memory is left'])
  })

  it('finds a session of a crowd that has ended, for all of them keep to their rates', () => {
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...WORST, cuts: 0 }), [])
    assert.deepEqual(judge({ isCut: false, peers: 10 }, { ...WORST, cuts: 1 }), ['a session has ended that kept to its rates'])
  })
})
