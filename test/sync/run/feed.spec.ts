import assert from 'node:assert/strict'
import { Feed } from '../../../src/sync/run/feed.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { turns } from '../../support/eventually.ts'
import type { DownloadRange } from '../../../src/sync/download/window.ts'
import type { Batch } from '../../../src/sync/download/span.ts'

const batch = (): Batch => ({ blocks: [], peer: {} as never })

describe('sync/run/feed', () => {
  let range: DownloadRange | undefined
  let left: boolean

  beforeEach(() => {
    range = undefined
    left = false
  })

  function create (batches: (signal: AbortSignal) => AsyncGenerator<Batch, void, undefined>, signal?: AbortSignal): Feed {
    return new Feed({
      createDownload: (_, given) => {
        range = given
        return {
          busyPeers: 2,
          bufferedBytes: 0,
          batches: async function * () {
            try { yield * batches(given.signal!) } finally { left = true }
          }
        }
      },
      download: { peers: () => [], clock: new FakeClock() },
      range: { startHeight: 1, endHeight: 9, signal }
    })
  }

  /** Gives one, then waits for ever, or until it is told to end. */
  async function * endless (signal: AbortSignal): AsyncGenerator<Batch, void, undefined> {
    yield batch()
    await new Promise((_, reject) => { signal.addEventListener('abort', () => { reject(signal.reason as Error) }) })
  }

  it('gives what the download gives, then nothing', async () => {
    const feed = create(async function * () {
      yield batch()
      yield batch()
    })
    assert.equal(feed.busyPeers, 2)
    assert.deepEqual([range?.startHeight, range?.endHeight], [1, 9])
    assert.deepEqual([await feed.next(), await feed.next(), await feed.next(), await feed.next()], [batch(), batch(), undefined, undefined])
  })

  it('throws what the download throws', async () => {
    const feed = create(async function * () { throw new Error('no luck') })
    await assert.rejects(feed.next(), { message: 'no luck' })
    assert.equal(await feed.next(), undefined)
  })

  it('can be left before it has begun, between two batches and while one is waited for', async () => {
    await create(endless).cancel()
    const between = create(endless)
    await between.next()
    await between.cancel()
    assert.ok(left)
    left = false
    const waiting = create(endless)
    await waiting.next()
    const next = waiting.next()
    next.catch(() => {})
    await turns(1)
    await waiting.cancel()
    assert.ok(left)
    await assert.rejects(next, { name: 'AbortError' })
    await waiting.cancel()
  })

  it('ends with the signal too', async () => {
    const controller = new AbortController()
    const feed = create(endless, controller.signal)
    await feed.next()
    const next = feed.next()
    controller.abort(new Error('no longer'))
    await assert.rejects(next, { message: 'no longer' })
  })
})
