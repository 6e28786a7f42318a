import assert from 'node:assert/strict'
import { OfferedBranch } from '../../../src/sync/fork/offered-branch.ts'
import { growChain, received } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'

const chain = growChain(sampleChain(6), 5, 'theirs')

describe('sync/fork/offered-branch', () => {
  let branch: OfferedBranch
  let taken: number[]

  beforeEach(() => {
    taken = []
    branch = new OfferedBranch({
      common: chain[5]!, blocks: chain.slice(6).map(received), onTaken: ({ block }) => { taken.push(block.height) }
    })
  })

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

  it('gives its blocks, and knows the last ones that were taken', async () => {
    assert.deepEqual(await takeAll(), [6, 7, 8, 9, 10])
    assert.deepEqual(taken, [6, 7, 8, 9, 10])
    assert.ok(branch.taken.has(chain[10]!))
  })

  it('gives no more than is taken', async () => {
    for await (const { block } of branch.blocks) {
      if (block.height === 7) {
        break
      }
    }

    assert.deepEqual(taken, [6, 7])
  })

  it('can be taken once', async () => {
    await takeAll()
    await assert.rejects(takeAll(), { name: 'VibeCoinError' })
  })

  it('ends where the offer has ended, before it was taken and between two blocks', async () => {
    const blocks = branch.blocks[Symbol.asyncIterator]()
    await blocks.next()
    branch.end()
    assert.deepEqual(await blocks.next(), { done: true, value: undefined })
    assert.deepEqual(taken, [6])
  })

  it('is empty where it is taken after the offer has ended', async () => {
    branch.end()
    assert.deepEqual(await takeAll(), [])
  })
})
