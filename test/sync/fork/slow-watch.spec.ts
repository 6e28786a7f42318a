import assert from 'node:assert/strict'
import { BRANCH_BLOCKS_PER_SECOND, BRANCH_BYTES_PER_SECOND } from '../../../src/sync/fork/branch-fetch.ts'
import { SLOW_CHECK_MS, SlowWatch } from '../../../src/sync/fork/slow-watch.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('sync/fork/slow-watch', () => {
  it('tells of each second in which less than the least rate has come, in blocks and in bytes', async () => {
    const clock = new FakeClock()
    let slow = 0
    const watch = new SlowWatch(clock, () => { slow++ })

    for (const [blocks, bytes, isSlow] of [
      [0, 0, true],
      [BRANCH_BLOCKS_PER_SECOND - 1, BRANCH_BYTES_PER_SECOND - 1, true],
      [BRANCH_BLOCKS_PER_SECOND, 0, false],
      [0, BRANCH_BYTES_PER_SECOND, false],
      [1, 1, true]
    ] as const) {
      const before = slow
      watch.add(blocks, bytes)
      await clock.advance(SLOW_CHECK_MS - 1)
      assert.equal(slow, before)
      await clock.advance(1)
      assert.equal(slow > before, isSlow, `${blocks} blocks, ${bytes} bytes`)
    }

    watch.stop()
    assert.equal(clock.pending, 0)
  })
})
