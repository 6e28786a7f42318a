import assert from 'node:assert/strict'
import { MAX_RECENT_HASHES, RecentHashes } from '../../../src/sync/chain/recent-hashes.ts'
import { sampleHash } from '../../support/sample.ts'
import type { Tip } from '../../../src/types/block.ts'

describe('sync/chain/recent-hashes', () => {
  const at = (height: number, fork = 'main'): Tip => ({ height, hash: sampleHash(`${fork} ${height}`) })
  let recent: RecentHashes

  beforeEach(() => {
    recent = new RecentHashes()
  })

  it('knows what was added, by height and hash', () => {
    recent.push(at(5))
    recent.push(at(6))

    assert.ok(recent.has(at(5)))
    assert.ok(recent.has(at(6)))
    assert.ok(!recent.has(at(6, 'other')))
    assert.ok(!recent.has({ height: 5, hash: at(6).hash }))
    assert.ok(!recent.has(at(4)))
    assert.equal(recent.top, 6)
  })

  it(`remembers ${MAX_RECENT_HASHES}`, () => {
    for (let height = 1; height <= MAX_RECENT_HASHES; height++) {
      recent.push(at(height))
    }

    assert.ok(recent.has(at(1)))
    recent.push(at(MAX_RECENT_HASHES + 1))
    assert.ok(!recent.has(at(1)))
    assert.ok(recent.has(at(2)))
    assert.equal(recent.size, MAX_RECENT_HASHES)
  })

  it('begins anew with a block that does not come next', () => {
    recent.push(at(5))
    recent.push(at(7))

    assert.ok(!recent.has(at(5)))
    assert.ok(recent.has(at(7)))
  })

  it('keeps what it has where the tip is the last block, and begins anew where it is not', () => {
    recent.push(at(5))
    recent.push(at(6))
    recent.settle(at(6))
    assert.ok(recent.has(at(5)))

    for (const tip of [at(6, 'other'), at(5), at(7), at(900)]) {
      recent.clear()
      recent.push(at(5))
      recent.push(at(6))
      recent.settle(tip)
      assert.ok(recent.has(tip))
      assert.equal(recent.size, 1)
    }
  })

  it('keeps its own copy of a hash', () => {
    const frame = new Uint8Array(1000)
    const block = { height: 1, hash: frame.subarray(100, 132) }
    block.hash.set(at(1).hash)
    recent.push(block)
    frame.fill(0)

    assert.ok(recent.has(at(1)))
  })

  it('has nothing at first and after it was cleared', () => {
    assert.deepEqual([recent.size, recent.top], [0, -1])
    recent.push(at(5))
    recent.clear()
    assert.deepEqual([recent.size, recent.top], [0, -1])
    assert.ok(!recent.has(at(5)))
  })
})
