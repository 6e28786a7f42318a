import assert from 'node:assert/strict'
import { decodeBlock, encodeBlock } from '../../../src/codec/items/items.ts'
import { freeMemory } from '../../../src/memory/free-memory.ts'
import { readChain } from '../../../src/sync/serve/read-chain.ts'
import { ServedBlock } from '../../../src/sync/serve/stored-block.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleChain } from '../../support/sample.ts'
import type { Session } from '../../../src/session/session.ts'
import type { ChainSource, StoredBlock } from '../../../src/types/chain.ts'

const blocks = sampleChain(5)
const peer = {} as Session
const GAP = /^The chain goes on above block 2, and has no block that follows it$/

/** What was given, as the chain has it. */
function toStored (given: StoredBlock | ServedBlock): StoredBlock {
  return given instanceof ServedBlock ? decodeBlock(given.bytes) : given
}

describe('sync/serve/read-chain', () => {
  let asked: number[]
  let clock: FakeClock

  beforeEach(() => {
    asked = []
    clock = new FakeClock()
  })

  function chain (overrides: Partial<ChainSource> = {}): ChainSource {
    return {
      tip: () => ({ height: 4, hash: blocks[4]!.hash }),
      get: (height) => {
        asked.push(height)

        return blocks[height]
      },
      ...overrides
    }
  }

  async function block (source: ChainSource | undefined, height: number): Promise<StoredBlock | undefined> {
    return readChain(source, clock).block({ type: 'requestBlock', height }, peer)
  }

  async function range (source: ChainSource | undefined, startHeight: number, endHeight: number): Promise<StoredBlock[]> {
    const taken: StoredBlock[] = []

    for await (const block of await readChain(source, clock).range({ type: 'requestBlockRange', startHeight, endHeight }, peer)) {
      taken.push(toStored(block))
    }

    return taken
  }

  describe('block', () => {
    it('is the block of the chain, given at once or later, decoded or not', async () => {
      assert.equal(await block(chain(), 3), blocks[3])
      assert.equal(await block(chain({ get: async (height) => blocks[height] }), 3), blocks[3])
      const bytes = encodeBlock(blocks[3]!)
      assert.equal(await block(chain({ get: () => bytes }), 3), bytes)
    })

    it('is none where the chain has none', async () => {
      assert.equal(await block(chain(), 5), undefined)
    })

    it('is none without a chain', async () => {
      assert.equal(await block(undefined, 0), undefined)
    })

    it('rejects where the chain throws', async () => {
      await assert.rejects(block(chain({ get: () => { throw new Error('broken') } }), 0), { message: 'broken' })
    })
  })

  describe('range, of a chain without ranges', () => {
    it('goes on where the memory of a block is given back before the next one is asked for', async () => {
      const get = (height: number): Uint8Array => encodeBlock({ ...blocks[height]!, proof: new Uint8Array(100_000) })
      const heights: number[] = []

      for await (const stored of await readChain(chain({ get }), clock).range({ type: 'requestBlockRange', startHeight: 0, endHeight: 4 }, peer)) {
        const { bytes, links } = stored as ServedBlock
        heights.push(links.height)
        freeMemory(bytes)
        assert.equal(bytes.byteLength, 0)
      }

      assert.deepEqual(heights, [0, 1, 2, 3, 4])
    })

    it('asks for each height in turn', async () => {
      assert.deepEqual(await range(chain(), 1, 3), blocks.slice(1, 4))
      assert.deepEqual(asked, [1, 2, 3])
    })

    it('takes a range of one height', async () => {
      assert.deepEqual(await range(chain(), 4, 4), [blocks[4]])
    })

    it('ends where the chain has changed over to a branch meanwhile', async () => {
      const other = sampleChain(5, 'other')
      let reads = 0
      const changing = chain({ get: (height) => reads++ < 3 ? blocks[height] : encodeBlock(other[height]!) })

      assert.deepEqual(await range(changing, 0, 4), blocks.slice(0, 3))
    })

    it('ends where the chain ends', async () => {
      assert.deepEqual(await range(chain(), 3, 1_000_000), blocks.slice(3))
      assert.deepEqual(asked, [3, 4, 5])
    })

    it('ends where the chain has changed over to a shorter branch meanwhile', async () => {
      const tip = { height: 4, hash: blocks[4]!.hash }
      const shrinking = chain({
        tip: () => tip,
        get: (height) => {
          tip.height = height < 3 ? 4 : 2

          return height < 3 ? blocks[height] : undefined
        }
      })

      assert.deepEqual(await range(shrinking, 0, 4), blocks.slice(0, 3))
    })

    it('begins nowhere where the chain does not have the first block, which it may have pruned', async () => {
      assert.deepEqual(await range(chain({ get: (height) => height < 2 ? undefined : blocks[height] }), 1, 4), [])
    })

    for (const [what, wrong, message] of [
      ['has a gap', () => undefined, GAP],
      ['has a broken link', () => ({ ...blocks[3]!, prevHash: new Uint8Array(32) }), GAP],
      ['has another block', () => blocks[4], /^The chain gave block 4 where block 3 was asked for$/],
      ['has what is no block', () => new Uint8Array(9), /^The chain gave a block 3 that cannot be sent/]
    ] as [string, () => StoredBlock | undefined, RegExp][]) {
      it(`throws where the chain ${what}, after the blocks before`, async () => {
        const taken: StoredBlock[] = []
        const broken = chain({ get: (height) => height === 3 ? wrong() : blocks[height] })

        await assert.rejects(async () => {
          for await (const block of await readChain(broken, clock).range({ type: 'requestBlockRange', startHeight: 1, endHeight: 4 }, peer)) {
            taken.push(toStored(block))
          }
        }, { name: 'StorageError', message })
        assert.deepEqual(taken, blocks.slice(1, 3))
      })
    }

    it('takes blocks that come later', async () => {
      assert.deepEqual(await range(chain({ get: async (height) => blocks[height] }), 0, 9), blocks)
    })

    it('asks for nothing before a block is taken, and for nothing beyond it', async () => {
      const taken = readChain(chain(), clock).range({ type: 'requestBlockRange', startHeight: 0, endHeight: 4 }, peer) as AsyncGenerator<StoredBlock>
      assert.deepEqual(asked, [])
      await taken.next()
      assert.deepEqual(asked, [0])
      await taken.return(undefined)
      assert.deepEqual(asked, [0])
    })

    it('throws where the chain throws, after the blocks before', async () => {
      const broken = chain({ get: (height) => {
        if (height === 2) {
          throw new Error('broken')
        }

        return blocks[height]
      } })
      const taken: StoredBlock[] = []

      const ended = assert.rejects(async () => {
        for await (const block of await readChain(broken, clock).range({ type: 'requestBlockRange', startHeight: 0, endHeight: 4 }, peer)) {
          taken.push(toStored(block))
        }
      }, { message: 'broken' })
      await clock.advance(10_000)
      await ended
      assert.deepEqual(taken, blocks.slice(0, 2))
    })
  })

  describe('range, of a chain with ranges', () => {
    it('asks the chain once, and for no single block', async () => {
      const ranges: number[][] = []
      const source = chain({
        range: (start, end) => {
          ranges.push([start, end])

          return blocks.slice(start, end + 1)
        }
      })

      assert.deepEqual(await range(source, 1, 3), blocks.slice(1, 4))
      assert.deepEqual([ranges, asked], [[[1, 3]], []])
    })

    it('takes blocks that come later', async () => {
      assert.deepEqual(await range(chain({ async * range () { yield * blocks } }), 0, 4), blocks)
    })

    it('calls it as a method of the chain', async () => {
      class Chain {
        readonly blocks = blocks
        tip (): { height: number, hash: Uint8Array } { return { height: 4, hash: this.blocks[4]!.hash } }
        get (height: number): StoredBlock | undefined { return this.blocks[height] }
        range (start: number, end: number): StoredBlock[] { return this.blocks.slice(start, end + 1) }
      }

      assert.deepEqual(await range(new Chain(), 1, 2), blocks.slice(1, 3))
      assert.equal(await block(new Chain(), 1), blocks[1])
    })
  })

  it('has no range without a chain', async () => {
    assert.deepEqual(await range(undefined, 0, 4), [])
  })
})
