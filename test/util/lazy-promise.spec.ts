import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { LazyPromise } from '../../src/util/lazy-promise.ts'
import { isPending } from '../support/eventually.ts'

const ERROR = new Error('the end')

describe('util/lazy-promise', () => {
  it('is pending until it is settled, and one promise for all that ask', async () => {
    const lazy = new LazyPromise()
    const { promise } = lazy
    assert.equal(await isPending(promise), true)
    lazy.resolve()
    await promise
    assert.equal(lazy.promise, promise)
  })

  it('tells what asks afterwards how it was settled', async () => {
    const [resolved, rejected] = [new LazyPromise(), new LazyPromise()]
    resolved.resolve()
    rejected.reject(ERROR)

    await resolved.promise
    await assert.rejects(rejected.promise, ERROR)
  })

  it('stays as it was settled first', async () => {
    const [resolved, rejected] = [new LazyPromise(), new LazyPromise()]
    resolved.resolve()
    resolved.reject(ERROR)
    rejected.reject(ERROR)
    rejected.resolve()

    await resolved.promise
    await assert.rejects(rejected.promise, ERROR)
  })

  it('leaves no rejection unhandled', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (err: unknown): void => { unhandled.push(err) }
    process.on('unhandledRejection', onUnhandled)

    try {
      const lazy = new LazyPromise()
      const { promise } = lazy
      lazy.reject(ERROR)
      await setImmediate()
      assert.deepEqual(unhandled, [])
      await assert.rejects(promise, ERROR)
    } finally {
      process.off('unhandledRejection', onUnhandled)
    }
  })
})
