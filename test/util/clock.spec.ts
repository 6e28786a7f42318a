import assert from 'node:assert/strict'
import { systemClock } from '../../src/util/clock.ts'
import type { Clock } from '../../src/util/clock.ts'

/** Waits without leaving the turn. */
function pass (ms: number): void {
  const end = performance.now() + ms

  while (performance.now() < end);
}

describe('util/clock', () => {
  it('keeps the recent time for as long as a turn lasts', () => {
    const first = systemClock.recent()
    pass(2)

    assert.equal(systemClock.recent(), first)
    assert.ok(systemClock.now() >= first + 2)
  })

  it('has a new recent time in the next microtask', async () => {
    const first = systemClock.recent()
    pass(2)
    await Promise.resolve()

    assert.ok(systemClock.recent() >= first + 2)
  })

  it('never has a recent time in the future, or from before this turn', async () => {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => { setImmediate(resolve) })
      const before = systemClock.now()
      const recent = systemClock.recent()

      assert.ok(recent >= before && recent <= systemClock.now())
    }
  })

  it('gives timers whole milliseconds, rounded up, and none below 0', () => {
    const delays: unknown[] = []
    const { setTimeout } = globalThis
    Object.assign(globalThis, { setTimeout: (_: unknown, delay: unknown) => { delays.push(delay) } })

    try {
      for (const delay of [-8.2, 0, 0.2, 1, 29_999.4]) {
        systemClock.setTimeout(() => {}, delay)
      }
    } finally {
      Object.assign(globalThis, { setTimeout })
    }

    assert.deepEqual(delays, [0, 0, 1, 1, 30_000])
  })

  it('ends a turn in a web page too, where a microtask is queued by no method of another object', async () => {
    const { setImmediate, queueMicrotask } = globalThis
    Object.assign(globalThis, {
      setImmediate: undefined,
      queueMicrotask (this: unknown, callback: () => void) {
        assert.ok(this === undefined || this === globalThis, 'Illegal invocation')
        queueMicrotask(callback)
      }
    })

    try {
      const page = await import(new URL('../../src/util/clock.ts?page', import.meta.url).href) as { systemClock: Clock }
      await new Promise<void>((resolve) => { page.systemClock.afterTurn(resolve) })
    } finally {
      Object.assign(globalThis, { setImmediate, queueMicrotask })
    }
  })
})
