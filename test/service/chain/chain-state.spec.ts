import assert from 'node:assert/strict'
import { chainState, claimedAhead } from '../../../src/service/chain/chain-state.ts'
import { sampleHash } from '../../support/sample.ts'

const tip = { height: 10, hash: sampleHash('tip') }
const at = (...heights: number[]): { bestHeight: number }[] => heights.map((bestHeight) => ({ bestHeight }))

describe('service/chain/chain-state', () => {
  it('cannot tell without a chain, and without a peer', () => {
    const unknown = { state: 'unknown', behind: 0, best: null }
    assert.deepEqual(chainState(undefined, { peers: at(12), ahead: [{ height: 12 }] }), unknown)
    assert.deepEqual(chainState(tip, { peers: [], ahead: [] }), unknown)
  })

  it('is behind by as much as the highest peer is believed to have', () => {
    assert.deepEqual(chainState(tip, { peers: at(99, 12, 3), ahead: [{ height: 12 }, { height: 11 }] }), { state: 'behind', behind: 2, best: 12 })
  })

  it('is in step where no peer is believed to have more', () => {
    assert.deepEqual(chainState(tip, { peers: at(7, 9), ahead: [] }), { state: 'synced', behind: 0, best: 9 })
    assert.deepEqual(chainState(tip, { peers: at(10), ahead: [{ height: 10 }] }), { state: 'synced', behind: 0, best: 10 }, 'on another branch')
    assert.deepEqual(chainState(tip, { peers: at(1000), ahead: [] }), { state: 'synced', behind: 0, best: 10 })
  })

  it('cannot tell where all peers say to have more and are not believed, and can as soon as one confirms the tip', () => {
    const doubts = { ahead: [], doubted: 2 }
    assert.deepEqual(chainState(tip, { peers: at(1000, 2000), ...doubts }), { state: 'unknown', behind: 0, best: 10 })
    assert.deepEqual(chainState(tip, { peers: at(1000, 2000, 3), ...doubts }), { state: 'synced', behind: 0, best: 10 })
    assert.deepEqual(chainState(tip, { peers: at(1000, 2000, 12), ahead: [{ height: 12 }], doubted: 2 }), { state: 'behind', behind: 2, best: 12 })
  })

  it('takes what peers claim where there is no way to try it', () => {
    assert.deepEqual(claimedAhead(tip, at(10, 11, 13, 9)), [{ height: 13 }, { height: 11 }])
  })
})
