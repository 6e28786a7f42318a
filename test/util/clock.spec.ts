import assert from 'node:assert/strict'
import { systemClock } from '../../src/util/clock.ts'

/** Waits without leaving the turn. */
function pass (ms: number): void {
  const end = performance.now() + ms

  while (performance.now() < end);
}

describe('util/clock', () => {
  it('gives as recent the same time for as long as nothing else has its turn, however long that takes', () => {
    const first = systemClock.recent()
    pass(2)

    assert.equal(systemClock.recent(), first)
    assert.ok(systemClock.now() >= first + 2)
  })

  it('gives another time in the microtask that comes next', async () => {
    const first = systemClock.recent()
    pass(2)
    await Promise.resolve()

    assert.ok(systemClock.recent() >= first + 2)
  })

  it('never gives as recent what is still to come, nor a time of before this turn', async () => {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => { setImmediate(resolve) })
      const before = systemClock.now()
      const recent = systemClock.recent()

      assert.ok(recent >= before && recent <= systemClock.now())
    }
  })
})
