import assert from 'node:assert/strict'
import { InvalidBlockError } from '../../../src/errors.ts'
import { CheckedChain, MAX_VERIFY_CONCURRENCY } from '../../../src/sync/chain/checked-chain.ts'
import { verifyBlocks } from '../../../src/sync/chain/verification.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryChain, received } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import type { Verified } from '../../../src/sync/chain/verification.ts'

const MAX_MS = 100
const blocks = sampleChain(12)

/** A chain whose calls of `verify` end when the test ends them. */
class HeldChain extends MemoryChain {
  readonly verifyConcurrency: number
  /** The calls under way, by height. */
  readonly calls = new Map<number, PromiseWithResolvers<void>>()
  readonly parents: [number, number][] = []

  constructor (verifyConcurrency: number) {
    super(blocks.slice(0, 1))
    this.verifyConcurrency = verifyConcurrency
    this.verify = async ({ height }, parent) => {
      const call = Promise.withResolvers<void>()
      this.calls.set(height, call)
      this.parents.push([height, parent.height])
      await call.promise.finally(() => { this.calls.delete(height) })
    }
  }

  get underWay (): number[] { return [...this.calls.keys()] }

  async end (height: number, error?: Error): Promise<void> {
    const call = this.calls.get(height)
    assert.ok(call != null, `block ${height} is not under way, but ${this.underWay.join(', ')}`)

    if (error == null) {
      call.resolve()
    } else {
      call.reject(error)
    }

    await turns(2)
  }
}

describe('sync/chain/verification', () => {
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  async function verify (chain: MemoryChain, count: number): Promise<Verified> {
    const init = { chain: new CheckedChain(chain, clock), clock, maxMs: MAX_MS }

    return verifyBlocks(blocks.slice(1, count + 1).map(received), blocks[0]!, init)
  }

  it('has one call under way where the chain says nothing', async () => {
    const chain = new HeldChain(1)
    Object.assign(chain, { verifyConcurrency: undefined })
    const verified = verify(chain, 3)

    for (const height of [1, 2, 3]) {
      await turns(2)
      assert.deepEqual(chain.underWay, [height])
      await chain.end(height)
    }

    assert.deepEqual(await verified, { valid: 3, invalid: undefined })
    assert.deepEqual(chain.parents, [[1, 0], [2, 1], [3, 2]])
  })

  for (const given of [0, -1, NaN, 1.5, '3']) {
    it(`has one call under way where the chain comes to say ${JSON.stringify(given)}, and verifies all`, async () => {
      const chain = new HeldChain(3)
      Object.assign(chain, { verifyConcurrency: given })
      const verified = verify(chain, 2)

      for (const height of [1, 2]) {
        await turns(2)
        assert.deepEqual(chain.underWay, [height])
        await chain.end(height)
      }

      assert.deepEqual(await verified, { valid: 2, invalid: undefined })
    })
  }

  it('has no more under way than MAX_VERIFY_CONCURRENCY, whatever the chain comes to say', () => {
    const concurrencyOf = (given: number): number => new CheckedChain(new HeldChain(given), clock).verifyConcurrency
    const [most, more] = [MAX_VERIFY_CONCURRENCY, MAX_VERIFY_CONCURRENCY + 1]
    assert.deepEqual([most, more, Infinity].map(concurrencyOf), [most, most, 1])
  })

  it('has as many under way as the chain takes, in order, each with its parent', async () => {
    const chain = new HeldChain(3)
    const verified = verify(chain, 5)
    await turns(2)
    assert.deepEqual(chain.underWay, [1, 2, 3])
    // the first one is waited for: blocks are counted in order
    await chain.end(2)
    assert.deepEqual(chain.underWay, [1, 3])
    await chain.end(1)
    assert.deepEqual(chain.underWay, [3, 4, 5])
    await chain.end(5)
    await chain.end(4)
    assert.equal(await isPending(verified), true)
    await chain.end(3)

    assert.deepEqual(await verified, { valid: 5, invalid: undefined })
    assert.deepEqual(chain.parents, [[1, 0], [2, 1], [3, 2], [4, 3], [5, 4]])
  })

  it('blames the first invalid block, though a later one was refused before, and waits for what is under way', async () => {
    const chain = new HeldChain(4)
    const verified = verify(chain, 8)
    await turns(2)
    await chain.end(3, new InvalidBlockError('third'))
    await chain.end(1)
    await chain.end(2, new InvalidBlockError('second'))
    assert.deepEqual(chain.underWay, [4, 5])
    assert.equal(await isPending(verified), true)
    await chain.end(5)
    await chain.end(4, new TypeError('heard of by nobody'))

    const { valid, invalid } = await verified
    assert.deepEqual([valid, invalid?.height, invalid?.error.message], [1, 2, 'second'])
  })

  it('throws what the chain fails with at the first block, when nothing is under way', async () => {
    const chain = new HeldChain(4)
    const verified = verify(chain, 3)
    verified.catch(() => {})
    await turns(2)
    await chain.end(2, new InvalidBlockError('second'))
    await chain.end(1, new TypeError('oops'))
    assert.equal(await isPending(verified), true)
    await chain.end(3)

    await assert.rejects(verified, { name: 'SyncError', code: 'STORE', message: 'The chain could not verify block 1: oops' })
  })

  it(`begins no call after ${MAX_MS} ms, and waits for those that have begun`, async () => {
    const chain = new HeldChain(2)
    const verified = verify(chain, 6)
    await turns(2)
    clock.stall(MAX_MS - 1)
    await chain.end(1)
    // a turn of other work goes first
    await clock.advance(0)
    await turns(2)
    assert.deepEqual(chain.underWay, [2, 3])
    clock.stall(1)
    await chain.end(2)
    assert.deepEqual(chain.underWay, [3])
    await chain.end(3)

    assert.deepEqual(await verified, { valid: 3, invalid: undefined })
  })
})
