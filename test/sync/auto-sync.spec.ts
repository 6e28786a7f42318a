import assert from 'node:assert/strict'
import { FIRST_RETRY_MS, GRACE_BLOCKS, GRACE_MS, AutoSync, LONGEST_RETRY_MS } from '../../src/sync/auto-sync.ts'
import { SyncError } from '../../src/errors.ts'
import { turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { sampleHash } from '../support/sample.ts'
import type { Session } from '../../src/session/session.ts'
import type { Candidate } from '../../src/sync/run/candidates.ts'
import type { SyncResult } from '../../src/types/sync.ts'
import type { Logger } from '@libp2p/interface'

describe('sync/auto-sync', () => {
  let clock: FakeClock
  let height: number
  let ahead: Candidate[]
  let tipError: Error | undefined
  let inStep: AutoSync
  /** Each synchronisation, in the hands of the test. */
  let runs: (PromiseWithResolvers<SyncResult> & { signal: AbortSignal })[]
  let looks: number
  /** What was told of a chain that could not tell its tip. */
  let told: string[]

  beforeEach(() => {
    clock = new FakeClock()
    height = 10
    ahead = []
    runs = []
    looks = 0
    told = []
    tipError = undefined
    inStep = new AutoSync({
      clock,
      log: Object.assign(() => {}, { error: () => {} }) as unknown as Logger,
      chain: {
        tip: async () => {
          looks++
          if (tipError != null) {
            throw tipError
          }
          return { height, hash: sampleHash(height) }
        }
      },
      synchroniser: {
        ahead: () => ahead,
        onTipFailed: ({ message }) => { told.push(message) },
        sync: async (options) => {
          const signal = options!.signal!
          const run = { ...Promise.withResolvers<SyncResult>(), signal }
          signal.addEventListener('abort', () => { run.reject(signal.reason) })
          runs.push(run)
          return run.promise
        }
      }
    })
  })

  afterEach(async () => {
    inStep.stop()
    await turns(2)
    assert.equal(clock.pending, 0)
  })

  const peer = (id: string): Session => ({ id } as Session)

  /** Somebody is ahead, and it is looked at. */
  async function find (...found: [peer: Session, height: number][]): Promise<void> {
    ahead = found.map(([peer, height]) => ({ peer, height }))
    inStep.check()
    await turns(2)
  }

  async function end (to: number, { reorganised = false } = {}): Promise<void> {
    const from = height
    height = to
    ahead = ahead.filter((candidate) => candidate.height > to)
    runs.at(-1)!.resolve({ from, height: to, reorganised })
    await turns(2)
  }

  async function fail (error = new Error('no luck')): Promise<void> {
    runs.at(-1)!.reject(error)
    await turns(2)
  }

  it('does nothing where no peer is ahead', async () => {
    await find()
    assert.equal(looks, 1)
    assert.deepEqual([runs.length, clock.pending], [0, 0])
  })

  it('begins at once where a peer is far ahead', async () => {
    await find([peer('alice'), height + GRACE_BLOCKS + 1])
    assert.equal(runs.length, 1)
  })

  it(`gives the last ${GRACE_BLOCKS} blocks ${GRACE_MS} ms to come on their own`, async () => {
    await find([peer('alice'), height + GRACE_BLOCKS])
    await clock.advance(GRACE_MS - 1)
    assert.equal(runs.length, 0)
    await clock.advance(1)
    assert.equal(runs.length, 1)
  })

  it('gives that time once for each tip, however often it is checked', async () => {
    const alice = peer('alice')
    await find([alice, 11])
    await clock.advance(300)
    await find([alice, 11])
    await clock.advance(GRACE_MS - 301)
    assert.equal(runs.length, 0)
    await clock.advance(1)
    assert.equal(runs.length, 1)
  })

  it('does nothing where they have come', async () => {
    await find([peer('alice'), 11])
    height = 11
    ahead = []
    await clock.advance(GRACE_MS)
    assert.deepEqual([runs.length, clock.pending], [0, 0])
  })

  it('gives more time where the tip moves', async () => {
    const alice = peer('alice')
    await find([alice, 11])
    await clock.advance(GRACE_MS - 1)
    height = 11
    await find([alice, 12])
    await clock.advance(GRACE_MS - 1)
    assert.equal(runs.length, 0)
    await clock.advance(1)
    assert.equal(runs.length, 1)
  })

  it('gives that time to a block beside our tip too', async () => {
    await find([peer('alice'), 10])
    await clock.advance(GRACE_MS - 1)
    assert.equal(runs.length, 0)
    await clock.advance(1)
    assert.equal(runs.length, 1)
  })

  it('does not wait any longer where a peer is found to be far ahead meanwhile', async () => {
    await find([peer('alice'), 11])
    await find([peer('bob'), 100], [peer('alice'), 11])
    assert.equal(runs.length, 1)
  })

  it('has one under way, and looks again when that has ended', async () => {
    const alice = peer('alice')
    await find([alice, 100])
    await find([alice, 200])
    inStep.check()
    await turns(2)
    assert.equal(runs.length, 1)
    await end(100)
    assert.equal(runs.length, 2)
    await end(200)
    assert.equal(runs.length, 2)
  })

  it('checks once more, however often it is called meanwhile', async () => {
    for (let i = 0; i < 100; i++) {
      inStep.check()
    }

    await turns(3)
    assert.equal(looks, 2)
  })

  describe('after a failure', () => {
    it(`waits ${FIRST_RETRY_MS} ms, and twice as long each time, ${LONGEST_RETRY_MS} ms at most`, async () => {
      await find([peer('alice'), 100])

      for (const wait of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
        const before = runs.length
        await fail()
        await clock.advance(wait - 1)
        assert.equal(runs.length, before, `${wait} ms`)
        await clock.advance(1)
        assert.equal(runs.length, before + 1, `${wait} ms`)
      }
    })

    it('waits no longer than the first time where something has come of it', async () => {
      await find([peer('alice'), 100])
      await fail()
      await clock.advance(FIRST_RETRY_MS)
      height = 50
      await fail()
      assert.equal(clock.next, FIRST_RETRY_MS)
    })

    it('is not hurried by peers that were ahead then', async () => {
      const alice = peer('alice')
      await find([alice, 100])
      await fail()
      await find([alice, 200])
      assert.equal(runs.length, 1)
    })

    it('begins at once where another peer is ahead', async () => {
      const alice = peer('alice')
      await find([alice, 100])
      await fail()
      await find([alice, 100], [peer('bob'), 100])
      assert.equal(runs.length, 2)
      await fail()
      assert.equal(clock.next, 2 * FIRST_RETRY_MS)
    })

    it('is not cut short by another peer that is ahead where the chain is what failed', async () => {
      await find([peer('alice'), 100])
      await fail(new SyncError('STORE', 'disk full'))
      await find([peer('bob'), 100])
      await clock.advance(FIRST_RETRY_MS - 1)
      assert.equal(runs.length, 1)
      await clock.advance(1)
      assert.equal(runs.length, 2)
    })

    it('begins with the first wait again after a success', async () => {
      await find([peer('alice'), 100])
      await fail()
      await clock.advance(FIRST_RETRY_MS)
      await end(100)
      await find([peer('bob'), 200])
      await fail()
      assert.equal(clock.next, FIRST_RETRY_MS)
    })

    it('does nothing where no peer is ahead any more', async () => {
      await find([peer('alice'), 100])
      await fail()
      ahead = []
      await clock.advance(FIRST_RETRY_MS)
      assert.deepEqual([runs.length, clock.pending], [1, 0])
    })

    it('waits too where a success has changed nothing', async () => {
      await find([peer('alice'), 100])
      await end(10)
      assert.equal(runs.length, 1)
      await clock.advance(FIRST_RETRY_MS - 1)
      assert.equal(runs.length, 1)
      await clock.advance(1)
      assert.equal(runs.length, 2)
    })

    it('waits too where the chain cannot tell its tip', async () => {
      tipError = new SyncError('STORE', 'disk on fire')
      await find([peer('alice'), 100])
      tipError = undefined
      assert.equal(clock.next, FIRST_RETRY_MS)
      await clock.advance(FIRST_RETRY_MS)
      assert.equal(runs.length, 1)
    })

    it('tells that the chain cannot tell its tip, and leaves it alone meanwhile, however often peers grow', async () => {
      tipError = new SyncError('STORE', 'disk on fire')
      await find([peer('alice'), 100])
      await find([peer('alice'), 101])
      await clock.advance(FIRST_RETRY_MS - 1)
      await find([peer('bob'), 102])
      assert.deepEqual([looks, told, inStep.status.failures], [1, ['disk on fire'], 1])
      await clock.advance(1)
      assert.deepEqual([looks, told.length, inStep.status], [2, 2, { failures: 2, retryIn: 2 * FIRST_RETRY_MS }])
    })

    it('says nothing of a chain that fails when it is stopped', async () => {
      tipError = new SyncError('STORE', 'left')
      ahead = [{ peer: peer('alice'), height: 100 }]
      inStep.check()
      inStep.stop()
      await turns(2)
      assert.deepEqual(told, [])
    })
  })

  describe('stop', () => {
    it('ends what is under way', async () => {
      await find([peer('alice'), 100])
      inStep.stop()
      await turns(2)
      assert.ok(runs[0]!.signal.aborted)
      assert.equal(clock.pending, 0)
    })

    it('ends what is waited for', async () => {
      await find([peer('alice'), 11])
      inStep.stop()
      assert.equal(clock.pending, 0)
    })

    it('begins nothing that was being looked at', async () => {
      ahead = [{ peer: peer('alice'), height: 100 }]
      inStep.check()
      inStep.stop()
      await turns(3)
      assert.deepEqual([runs.length, clock.pending], [0, 0])
    })

    it('may be followed by more', async () => {
      await find([peer('alice'), 100])
      inStep.stop()
      inStep.check()
      await turns(3)
      assert.equal(runs.length, 2)
    })
  })
})
