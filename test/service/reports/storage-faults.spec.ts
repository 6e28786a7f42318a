import assert from 'node:assert/strict'
import { NotRunningError } from '../../../src/errors.ts'
import { FAULT_PAUSE_MS, StorageFaults } from '../../../src/service/reports/storage-faults.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('service/reports/storage-faults', () => {
  let clock: FakeClock
  let counted: string[]
  let told: [store: string, message: string][]
  let faults: StorageFaults

  beforeEach(() => {
    clock = new FakeClock()
    counted = []
    told = []
    faults = new StorageFaults({
      clock,
      onCount: (store) => { counted.push(store) },
      onFault: ({ store, error }) => { told.push([store, error.message]) }
    })
  })

  it(`tells the first fault of a store, and another one after ${FAULT_PAUSE_MS} ms, not before, and counts all`, async () => {
    faults.note('chain', new Error('a'))
    await clock.advance(FAULT_PAUSE_MS - 1)
    faults.note('chain', new Error('b'))
    assert.deepEqual(told, [['chain', 'a']])
    await clock.advance(1)
    faults.note('chain', new Error('c'))
    assert.deepEqual(told, [['chain', 'a'], ['chain', 'c']])
    assert.deepEqual(counted, ['chain', 'chain', 'chain'])
  })

  it('tells the faults of each store by themselves', () => {
    faults.note('chain', new Error('a'))
    faults.note('bans', new Error('b'))
    faults.note('peers', new Error('c'))
    assert.deepEqual(told, [['chain', 'a'], ['bans', 'b'], ['peers', 'c']])
  })

  it('makes an error of whatever was thrown', () => {
    faults.note('chain', 'no luck')
    assert.deepEqual(told, [['chain', 'no luck']])
  })

  it('takes no note of what comes after the end', () => {
    faults.note('peers', new NotRunningError('closed'))
    assert.deepEqual([told, counted], [[], []])
  })
})
