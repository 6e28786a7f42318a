import assert from 'node:assert/strict'
import fc from 'fast-check'
import { findCommonAncestor } from '../../../src/sync/fork/common-ancestor.ts'
import { growChain } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import type { Block } from '../../../src/types/block.ts'

const ours = growChain(sampleChain(1), 300, 'ours')
const forks = new Map<number, Block[]>()

/** A chain that leaves ours after the block at `common`. */
function forkAt (common: number): Block[] {
  const fork = forks.get(common) ?? growChain(ours.slice(0, common + 1), 300 - common, `fork ${common}`)
  forks.set(common, fork)

  return fork
}

describe('sync/fork/common-ancestor', () => {
  let asked: number[]

  beforeEach(() => {
    asked = []
  })

  interface Heights { ours: number, theirs: number, lowest?: number }

  async function find (theirs: readonly Block[], heights: Heights, signal?: AbortSignal): Promise<Block> {
    return findCommonAncestor({
      ...heights,
      own: async (height) => ours[height],
      ask: async (height) => {
        asked.push(height)
        return theirs[height]
      },
      signal
    })
  }

  it('steps back from the top, twice as far each time, then looks in between', async () => {
    assert.equal((await find(forkAt(70), { ours: 100, theirs: 200 })).height, 70)
    assert.deepEqual(asked, [100, 99, 98, 96, 92, 84, 68, 76, 72, 70, 71])
  })

  it('begins at their top where that is lower', async () => {
    assert.equal((await find(forkAt(80), { ours: 100, theirs: 82 })).height, 80)
    assert.deepEqual(asked, [82, 81, 80])
  })

  it('asks once where they have our tip', async () => {
    assert.equal((await find(ours, { ours: 100, theirs: 200 })).height, 100)
    assert.deepEqual(asked, [100])
  })

  it('takes the genesis block for granted', async () => {
    assert.deepEqual(await find(forkAt(0), { ours: 5, theirs: 9 }), ours[0])
    assert.deepEqual(asked, [5, 4, 3, 1])
    asked = []
    assert.equal((await find(forkAt(0), { ours: 0, theirs: 9 })).height, 0)
    assert.deepEqual(asked, [])
  })

  it('finds it, whatever the chains are like, with few questions', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(300), fc.nat(300), fc.nat(300), async (common, top, claim) => {
      asked = []
      const limit = Math.min(top, claim)
      const found = await find(forkAt(common), { ours: top, theirs: claim })

      assert.equal(found.height, Math.min(common, limit))
      assert.ok(asked.length <= 2 * Math.ceil(Math.log2(limit + 2)) + 2, `${asked.length} questions for ${limit}`)
      assert.ok(!asked.includes(0))
      assert.equal(new Set(asked).size, asked.length)
    }))
  })

  it('asks a peer for no block that it does not keep, and finds the ancestor where the peer keeps it', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(300), fc.nat(300), fc.nat(300), fc.nat(310), async (common, top, claim, lowest) => {
      asked = []
      const shared = Math.min(common, top, claim)
      const isKept = lowest <= 1 || shared >= lowest

      if (isKept || Math.min(top, claim) === 0) {
        assert.equal((await find(forkAt(common), { ours: top, theirs: claim, lowest })).height, shared)
      } else {
        await assert.rejects(find(forkAt(common), { ours: top, theirs: claim, lowest }), { name: 'RequestError', code: 'UNAVAILABLE' })
      }

      assert.deepEqual(asked.filter((height) => height < lowest), [])
      assert.equal(new Set(asked).size, asked.length)
    }))
  })

  it('ends where a peer makes up its answers', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(300), fc.infiniteStream(fc.boolean()), async (top, same) => {
      let questions = 0
      const found = await findCommonAncestor({
        ours: top,
        theirs: top,
        own: async (height) => ours[height],
        ask: async (height) => {
          questions++
          return same.next().value === true ? ours[height] : forkAt(0)[height]
        }
      })

      assert.ok(found.height >= 0 && found.height <= top)
      assert.ok(questions <= 2 * Math.ceil(Math.log2(top + 2)) + 2)
    }))
  })

  it('throws where the peer does not have what it says to have', async () => {
    await assert.rejects(find(forkAt(10).slice(0, 50), { ours: 100, theirs: 200 }), { name: 'RequestError', code: 'UNAVAILABLE' })
    assert.deepEqual(asked, [100])
  })

  it('throws where our own chain lacks one of its blocks', async () => {
    const found = findCommonAncestor({ ours: 10, theirs: 10, own: async () => undefined, ask: async () => assert.fail('asked') })
    await assert.rejects(found, { name: 'SyncError', code: 'STORE' })
  })

  it('asks nothing more when its signal is aborted', async () => {
    const controller = new AbortController()
    const found = findCommonAncestor({
      ours: 100,
      theirs: 100,
      own: async (height) => ours[height],
      ask: async (height) => {
        asked.push(height)
        controller.abort(new Error('no longer'))
        return forkAt(0)[height]
      },
      signal: controller.signal
    })
    await assert.rejects(found, { message: 'no longer' })
    assert.deepEqual(asked, [100])
  })
})
