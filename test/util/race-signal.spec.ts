import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { raceSignal } from '../../src/util/race-signal.ts'
import { turns } from '../support/eventually.ts'

describe('util/race-signal', () => {
  it('gives what the promise gives, and throws what it throws', async () => {
    const { signal } = new AbortController()

    assert.equal(await raceSignal(Promise.resolve(1), signal, undefined), 1)
    await assert.rejects(raceSignal(Promise.reject(new Error('no luck')), signal), { message: 'no luck' })
    assert.equal(await raceSignal(Promise.resolve(1)), 1)
  })

  it('throws the reason of the signal that is aborted first, and ignores what the promise does later', async () => {
    const [a, b] = [new AbortController(), new AbortController()]
    const late = Promise.withResolvers<number>()
    const result = raceSignal(late.promise, a.signal, b.signal)
    b.abort(new Error('b'))
    a.abort(new Error('a'))
    await assert.rejects(result, { message: 'b' })
    late.reject(new Error('too late'))
    // fails the run where nobody handles it
    await turns(2)
  })

  it('throws at once where a signal is aborted already', async () => {
    const never = new Promise<void>(() => {})
    await assert.rejects(raceSignal(never, new AbortController().signal, AbortSignal.abort(new Error('gone'))), { message: 'gone' })
  })

  it('leaves no listeners', async () => {
    const [a, b] = [new AbortController(), new AbortController()]
    await raceSignal(Promise.resolve(1), a.signal, b.signal)
    await raceSignal(new Promise(() => {}), a.signal, AbortSignal.abort()).catch(() => {})

    assert.equal(getEventListeners(a.signal, 'abort').length, 0)
    assert.equal(getEventListeners(b.signal, 'abort').length, 0)
  })
})
