import assert from 'node:assert/strict'
import { BEHIND_AFTER_MS, StepWatch } from '../../../src/service/chain/step-watch.ts'
import { GRACE_BLOCKS } from '../../../src/sync/auto-sync.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { SyncStatus } from '../../../src/types/sync-status.ts'

describe('service/chain/step-watch', () => {
  let clock: FakeClock
  let now: Pick<SyncStatus, 'state' | 'behind'>
  let told: string[]
  let watch: StepWatch

  beforeEach(() => {
    clock = new FakeClock()
    told = []
    watch = new StepWatch({ clock, read: () => now, onSynced: () => { told.push('synced') }, onBehind: () => { told.push('behind') } })
  })

  function become (state: SyncStatus['state'], behind = 0): void {
    now = { state, behind }
    watch.check()
  }

  it('tells each change once, and nothing while it cannot tell', () => {
    become('unknown')
    become('behind', 1)
    become('behind', 50)
    become('synced')
    become('synced')
    become('unknown')
    become('synced')

    assert.deepEqual([told, watch.state], [['behind', 'synced', 'synced'], 'synced'])
  })

  it('knows since when it is not in step', async () => {
    assert.equal(watch.since, null)
    become('behind', 9)
    const since = clock.date()
    await clock.advance(1000)
    become('unknown')
    become('behind', 8)
    assert.equal(watch.since, since)
    become('synced')
    assert.equal(watch.since, null)
    become('unknown')
    assert.equal(watch.since, since + 1000)
    watch.stop()
    assert.equal(watch.since, null)
  })

  it('looks once at the end of a turn for all that ends in it, and not after a stop', async () => {
    let looks = 0
    const read = (): typeof now => {
      looks++

      return now
    }
    const counting = new StepWatch({ clock, read, onSynced: () => { told.push('synced') }, onBehind: () => { told.push('behind') } })
    const endOfTurn = async (): Promise<void> => { await new Promise<void>((resolve) => { clock.afterTurn(resolve) }) }
    now = { state: 'synced', behind: 0 }

    for (let count = 0; count < 500; count++) {
      counting.checkAfterTurn()
    }

    assert.deepEqual([looks, told], [0, []])
    await endOfTurn()
    assert.deepEqual([looks, told], [1, ['synced']])
    counting.checkAfterTurn()
    await endOfTurn()
    assert.equal(looks, 2)

    // a look before the end of the turn is as good
    counting.checkAfterTurn()
    counting.check()
    await endOfTurn()
    assert.equal(looks, 3)

    counting.checkAfterTurn()
    counting.stop()
    await endOfTurn()
    assert.deepEqual([looks, counting.state], [3, 'unknown'])
  })

  it(`is behind at once by more than ${GRACE_BLOCKS} blocks`, () => {
    become('synced')
    become('behind', GRACE_BLOCKS)
    assert.equal(watch.state, 'synced')
    become('behind', GRACE_BLOCKS + 1)

    assert.deepEqual([told, clock.pending], [['synced', 'behind'], 0])
  })

  it(`is behind by fewer after ${BEHIND_AFTER_MS} ms, and not before`, async () => {
    become('synced')
    become('behind', 1)
    await clock.advance(BEHIND_AFTER_MS - 1)
    become('behind', 2)
    assert.equal(watch.state, 'synced')
    await clock.advance(1)
    assert.deepEqual(told, ['synced', 'behind'])
  })

  it('has not been behind where the blocks come in time, and counts anew the next time', async () => {
    become('synced')
    become('behind', 1)
    await clock.advance(BEHIND_AFTER_MS - 1)
    become('synced')
    assert.equal(clock.pending, 0)
    become('behind', 1)
    await clock.advance(BEHIND_AFTER_MS - 1)
    now = { state: 'synced', behind: 0 }
    await clock.advance(1)

    assert.deepEqual([told, watch.state], [['synced'], 'synced'])
  })

  it('leaves no timer when it is stopped, and can go on', () => {
    become('synced')
    become('behind', 1)
    watch.stop()
    assert.deepEqual([watch.state, clock.pending], ['unknown', 0])
    become('synced')
    assert.deepEqual(told, ['synced', 'synced'])
  })
})
