import assert from 'node:assert/strict'
import { withTimeLimit } from '../../src/util/time-limit.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** Ends as its signal does. */
async function endless (signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => { reject(signal.reason as Error) })
  })
}

describe('util/time-limit', () => {
  it('ends a task when its time is up, and not before, as AbortSignal.timeout does', async () => {
    const clock = new FakeClock()
    const reasons: unknown[] = []
    const task = withTimeLimit({ clock, ms: 100 }, endless).catch((err: unknown) => { reasons.push(err) })
    await clock.advance(99)
    assert.equal(reasons.length, 0)
    await clock.advance(1)
    await task

    const [reason] = reasons
    assert(reason instanceof DOMException)
    assert.equal(reason.name, 'TimeoutError')
  })

  it('ends a task with a signal, and with its reason', async () => {
    const clock = new FakeClock()
    const stopping = new AbortController()
    const task = withTimeLimit({ clock, ms: 100, signals: [undefined, stopping.signal] }, endless)
    stopping.abort(new Error('stopped'))

    await assert.rejects(task, { message: 'stopped' })
  })

  it('leaves no timer behind a task that has ended, or failed', async () => {
    const clock = new FakeClock()

    assert.equal(await withTimeLimit({ clock, ms: 100 }, async () => 'done'), 'done')
    await assert.rejects(withTimeLimit({ clock, ms: 100 }, async () => { throw new Error('failed') }), { message: 'failed' })
    assert.equal(clock.pending, 0)
  })
})
