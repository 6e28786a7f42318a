import assert from 'node:assert/strict'
import { DEFAULTS } from '../../../src/config/resolve.ts'
import { heldOfPeers } from '../../../src/service/status/held.ts'

describe('service/status/held', () => {
  it('adds up what waits for each peer, with the bounds of as many peers', () => {
    const peers = [
      { bufferedBytes: { in: 1, out: 10 }, underWay: { requests: 2, messages: 3, bytes: 100 } },
      { bufferedBytes: { in: 4, out: 20 }, underWay: { requests: 1, messages: 0, bytes: 5 } }
    ]

    assert.deepEqual(heldOfPeers(peers, DEFAULTS), {
      outbox: { items: null, maxItems: null, bytes: 30, maxBytes: 2 * 8 * 1024 * 1024 },
      inbox: { items: null, maxItems: null, bytes: 5, maxBytes: 2 * 256 * 1024 },
      handling: { items: 3, maxItems: 128, bytes: 105, maxBytes: 2 * 4 * 1024 * 1024 },
      requests: { items: 3, maxItems: 128, bytes: null, maxBytes: null }
    })
  })

  it('has the room for one more frame in what may wait to be sent', () => {
    const [MIB, peer] = [1024 * 1024, { bufferedBytes: { in: 0, out: 0 }, underWay: { requests: 0, messages: 0, bytes: 0 } }]
    const boundWith = (maxFrameBytes: number): number | null => heldOfPeers([peer], { ...DEFAULTS, maxFrameBytes }).outbox.maxBytes

    assert.deepEqual([boundWith(7 * MIB), boundWith(7 * MIB + 1), boundWith(32 * MIB)], [8 * MIB, 8 * MIB + 1, 33 * MIB])
  })
})
