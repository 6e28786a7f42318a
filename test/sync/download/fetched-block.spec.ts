import assert from 'node:assert/strict'
import { FetchedBlock, FetchedFrame } from '../../../src/sync/download/fetched-block.ts'
import { received } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'

describe('sync/download/fetched-block', () => {
  const [first, second] = sampleChain(2)

  it('gives the memory of a frame back with the last of its blocks', () => {
    const memory = new Uint8Array(100_000)
    const frame = new FetchedFrame(memory.subarray(10), 2)
    const blocks = [new FetchedBlock(first!, memory.subarray(20, 30), frame), new FetchedBlock(second!, memory.subarray(30, 40), frame)]
    FetchedBlock.release(blocks[1]!)
    assert.deepEqual([memory.byteLength, blocks[0]!.bytes.byteLength], [100_000, 10])
    FetchedBlock.release(blocks[0]!)
    assert.deepEqual([memory.byteLength, blocks[0]!.bytes.byteLength], [0, 0])
  })

  it('leaves blocks alone that came in another way', () => {
    const bytes = new Uint8Array(100_000)
    FetchedBlock.release({ ...received(first!), bytes })
    assert.equal(bytes.byteLength, 100_000)
  })
})
