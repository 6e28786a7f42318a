import assert from 'node:assert/strict'
import { PROGRESS_INTERVAL_MS, ProgressMeter } from '../../../src/sync/run/progress.ts'
import { RATE_WINDOW_MS } from '../../../src/util/rate-meter.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { SyncProgress } from '../../../src/types/sync.ts'

describe('sync/run/progress', () => {
  let clock: FakeClock
  let told: SyncProgress[]
  let target: number
  let meter: ProgressMeter

  beforeEach(() => {
    clock = new FakeClock()
    told = []
    target = 1000
    meter = new ProgressMeter({
      clock, from: 100, target: () => target, peers: () => 3, onProgress: (progress) => { told.push(progress) }
    })
  })

  afterEach(() => {
    meter.end(meter.height)
    assert.equal(clock.pending, 0)
  })

  const add = (height: number, blocks = 1, senders: string[] = []): void => { meter.add(height, { blocks, bytes: blocks * 50, senders }) }

  it('tells at once how far it is to go', () => {
    assert.deepEqual(told, [{ from: 100, to: 1000, height: 100, blocksPerSecond: 0, bytesPerSecond: 0, peers: 3, eta: undefined }])
  })

  it(`tells every ${PROGRESS_INTERVAL_MS} ms at most, the last that has happened included`, async () => {
    for (let i = 1; i <= 100; i++) {
      await clock.advance(10)
      add(100 + i)
    }

    assert.equal(told.length, 1 + 1000 / PROGRESS_INTERVAL_MS)
    assert.equal(told.at(-1)!.height, 200 - 1)
    await clock.advance(PROGRESS_INTERVAL_MS)
    assert.equal(told.at(-1)!.height, 200)
    const before = told.length
    await clock.advance(10_000)
    assert.equal(told.length, before)
  })

  it('waits no longer than that, and tells at once what comes after a pause', async () => {
    await clock.advance(PROGRESS_INTERVAL_MS - 1)
    add(101)
    assert.equal(told.length, 1)
    await clock.advance(1)
    assert.equal(told.length, 2)
    await clock.advance(PROGRESS_INTERVAL_MS)
    add(102)
    assert.equal(told.length, 3)
  })

  it('tells rates, and the time that is left', async () => {
    await clock.advance(1000)
    add(600, 500)

    assert.deepEqual(told.at(-1), { from: 100, to: 1000, height: 600, blocksPerSecond: 500, bytesPerSecond: 25_000, peers: 3, eta: 800 })
  })

  it('counts the peers that have sent blocks over the last seconds, where fewer are asked', async () => {
    add(101, 4, ['a', 'b', 'c', 'd'])
    await clock.advance(RATE_WINDOW_MS)
    add(102, 1, ['e'])
    assert.equal(told.at(-1)!.peers, 5)
    await clock.advance(PROGRESS_INTERVAL_MS)
    add(103, 1, ['e'])
    assert.equal(told.at(-1)!.peers, 3)
  })

  it('has nothing left where the target is reached, and no target below what there is', async () => {
    await clock.advance(1000)
    target = 50
    add(600, 500)

    assert.deepEqual([told.at(-1)!.to, told.at(-1)!.eta], [600, 0])
  })

  it('does not go back for a branch that begins below the tip', async () => {
    await clock.advance(1000)
    add(90)
    assert.equal(told.at(-1)!.height, 100)
  })

  it('tells where it has ended, at once and for the last time', async () => {
    add(101)
    meter.end(99)
    assert.equal(told.length, 2)
    assert.equal(told.at(-1)!.height, 99)
    meter.end(101)
    add(102)
    await clock.advance(10_000)
    assert.equal(told.length, 2)
  })
})
