import assert from 'node:assert/strict'
import { RequestError } from '../../src/errors.ts'
import { CheckedChain } from '../../src/sync/checked-chain.ts'
import { SyncBranch } from '../../src/sync/sync-branch.ts'
import { isPending, turns } from '../eventually.ts'
import { growChain, MemoryChain, received } from '../memory-chain.ts'
import { sampleChain } from '../sample.ts'
import type { Feed } from '../../src/sync/feed.ts'
import type { Session } from '../../src/peer/handler.ts'
import type { Batch } from '../../src/sync/span.ts'
import type { ReceivedBlock } from '../../src/types/chain.ts'

const chain = growChain(sampleChain(6), 6, 'theirs')
const peer = { id: 'alice' } as Session

describe('sync/sync-branch', () => {
  let store: MemoryChain
  let branch: SyncBranch
  let feeds: number
  let left: number
  let taken: number[]
  let next: () => Promise<Batch | undefined>

  beforeEach(() => {
    store = new MemoryChain(sampleChain(8))
    feeds = 0
    left = 0
    taken = []
    give([6, 8], [9, 10])
    branch = new SyncBranch({
      chain: new CheckedChain(store),
      common: chain[5]!,
      height: 10,
      onTaken: ({ block }) => { taken.push(block.height) },
      createFeed: () => {
        feeds++
        return { next: async () => next(), leave: async () => { left++ }, busyPeers: 1 } as unknown as Feed
      }
    })
  })

  function give (...ranges: [number, number][]): void {
    next = async () => {
      const range = ranges.shift()
      return range == null ? undefined : { peer, blocks: chain.slice(range[0], range[1] + 1).map(received) }
    }
  }

  async function takeAll (): Promise<number[]> {
    const heights: number[] = []

    for await (const { block } of branch.blocks) {
      heights.push(block.height)
    }

    return heights
  }

  it('says where it begins and how far it goes', () => {
    assert.deepEqual(branch.common, { height: 5, hash: chain[5]!.hash })
    assert.equal(branch.height, 10)
  })

  it('gives the blocks, each verified with its parent', async () => {
    const pairs: [number, number][] = []
    store.verify = (block, parent) => { pairs.push([block.height, parent.height]) }

    assert.deepEqual(await takeAll(), [6, 7, 8, 9, 10])
    assert.deepEqual(pairs, [[6, 5], [7, 6], [8, 7], [9, 8], [10, 9]])
    assert.deepEqual(taken, [6, 7, 8, 9, 10])
    assert.ok(branch.taken.has(chain[10]!))
    assert.ok(left > 0)
  })

  it('fetches nothing before it is taken', async () => {
    await branch.end()
    assert.equal(feeds, 0)
  })

  it('fetches no more than is taken, and leaves when the taker does', async () => {
    for await (const { block } of branch.blocks) {
      if (block.height === 7) {
        break
      }
    }

    assert.deepEqual(taken, [6, 7])
    assert.equal(left, 1)
    assert.equal(branch.failure, undefined)
  })

  it('can be taken once', async () => {
    await takeAll()
    await assert.rejects(takeAll(), { name: 'VibeCoinError' })
    assert.equal(feeds, 1)
  })

  it('ends where the offer has ended, before it was taken, between two blocks and while one is waited for', async () => {
    const blocks = branch.blocks[Symbol.asyncIterator]()
    await blocks.next()
    await branch.end()
    assert.deepEqual(await blocks.next(), { done: true, value: undefined })
    assert.deepEqual(taken, [6])
    assert.ok(left > 0)
  })

  it('ends at once where it is taken after the offer has ended', async () => {
    await branch.end()
    assert.deepEqual(await takeAll(), [])
    assert.equal(feeds, 0)
  })

  it('ends without an error where the offer ends while a block is waited for', async () => {
    const waiting = Promise.withResolvers<undefined>()
    next = async () => waiting.promise
    const blocks = branch.blocks[Symbol.asyncIterator]()
    const result = blocks.next()
    await turns(1)
    assert.ok(await isPending(result))
    await branch.end()
    waiting.reject(new Error('left'))
    assert.deepEqual(await result, { done: true, value: undefined })
    assert.equal(branch.failure, undefined)
  })

  it('throws where a block is invalid, and says who sent it', async () => {
    store.verify = (block) => { store.check(block.height === 9 ? { ...block, timestamp: 1 } : block) }
    await assert.rejects(takeAll(), { name: 'InvalidBlockError' })
    assert.deepEqual([branch.refused?.peer, branch.refused?.height, taken], [peer, 9, [6, 7, 8]])
    assert.equal((branch.failure as Error).name, 'InvalidBlockError')
  })

  it('throws where nobody can go on', async () => {
    const error = new RequestError('TIMEOUT', 'no luck')
    next = async () => { throw error }
    await assert.rejects(takeAll(), error)
    assert.equal(branch.failure, error)
    assert.equal(branch.refused, undefined)
  })

  it('throws where the chain fails', async () => {
    store.verify = () => { throw new Error('disk on fire') }
    await assert.rejects(takeAll(), { name: 'SyncError', code: 'STORE' })
  })

  it('knows who is asked', async () => {
    assert.equal(branch.busyPeers, 0)
    const blocks = branch.blocks[Symbol.asyncIterator]() as AsyncGenerator<ReceivedBlock>
    await blocks.next()
    assert.equal(branch.busyPeers, 1)
    await blocks.return(undefined)
  })
})
