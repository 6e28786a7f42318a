import assert from 'node:assert/strict'
import { untilAborted } from '../../src/util/race-signal.ts'
import { isPending, turns } from '../support/eventually.ts'

describe('util/race-signal, of an iterable', () => {
  let abort: AbortController
  let ended: boolean

  beforeEach(() => {
    abort = new AbortController()
    ended = false
  })

  async function * count (to: number): AsyncGenerator<number, void, undefined> {
    try {
      for (let i = 1; i <= to; i++) {
        yield i
      }
    } finally {
      ended = true
    }
  }

  /** One that takes no notice of anything. */
  const deaf: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: async () => new Promise(() => {}) }) }

  async function collect (source: AsyncIterable<number>): Promise<number[]> {
    const items: number[] = []

    for await (const item of untilAborted(source, abort.signal)) {
      items.push(item)
    }

    return items
  }

  it('yields everything and ends with its source', async () => {
    assert.deepEqual(await collect(count(3)), [1, 2, 3])
    assert.equal(ended, true)
  })

  it('throws what its source throws', async () => {
    await assert.rejects(collect((async function * () { yield 1; throw new TypeError('no more') })()), { name: 'TypeError' })
  })

  it('ends its source when the caller takes no more', async () => {
    for await (const item of untilAborted(count(3), abort.signal)) {
      assert.equal(item, 1)
      break
    }

    await turns(1)
    assert.equal(ended, true)
  })

  it('throws the reason when it is aborted, though its source never answers', async () => {
    const collected = collect(deaf)
    assert.equal(await isPending(collected), true)
    abort.abort(new RangeError('too late'))
    await assert.rejects(collected, { name: 'RangeError' })
  })

  it('yields nothing when it was aborted before', async () => {
    abort.abort(new RangeError('too late'))
    await assert.rejects(collect(count(3)), { name: 'RangeError' })
  })
})
