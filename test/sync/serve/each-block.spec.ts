import assert from 'node:assert/strict'
import { eachBlock } from '../../../src/sync/serve/each-block.ts'
import { turns } from '../../support/eventually.ts'
import { sampleChain } from '../../support/sample.ts'
import type { StoredBlock } from '../../../src/types/chain.ts'

const BLOCKS = sampleChain(5)

describe('sync/serve/each-block', () => {
  let taken: StoredBlock[]
  let returned: number

  beforeEach(() => {
    taken = []
    returned = 0
  })

  function * atOnce (): Generator<StoredBlock> {
    try {
      yield * BLOCKS
    } finally {
      returned++
    }
  }

  async function * later (): AsyncGenerator<StoredBlock> {
    try {
      yield * BLOCKS
    } finally {
      returned++
    }
  }

  /** Takes so many blocks. */
  function take (count: number): (block: StoredBlock) => boolean {
    return (block) => {
      taken.push(block)

      return taken.length < count
    }
  }

  for (const [name, create] of [['at once', atOnce], ['one after the other', later]] as const) {
    describe(`with blocks that are given ${name}`, () => {
      it('takes all of them, in order', async () => {
        await eachBlock(create(), take(Infinity))
        assert.deepEqual([taken, returned], [BLOCKS, 1])
      })

      it('ends with the block that was enough, and ends the source', async () => {
        await eachBlock(create(), take(2))
        assert.deepEqual([taken, returned], [BLOCKS.slice(0, 2), 1])
      })

      it('takes no other block while the last one is being taken, and ends where it was enough', async () => {
        const gates = BLOCKS.map(() => Promise.withResolvers<boolean>())
        const done = eachBlock(create(), async (block) => gates[taken.push(block) - 1]!.promise)

        for (const [i, { resolve }] of gates.slice(0, 3).entries()) {
          await turns(3)
          assert.equal(taken.length, i + 1)
          resolve(i < 2)
        }

        await done
        assert.deepEqual([taken.length, returned], [3, 1])
      })

      it('rejects with what is thrown, and ends the source', async () => {
        const error = new Error('no block')
        await assert.rejects(eachBlock(create(), () => { throw error }), error)
        await assert.rejects(eachBlock(create(), async () => Promise.reject(error)), error)
        assert.equal(returned, 2)
      })
    })
  }

  it('takes in one go what is given at once', () => {
    void eachBlock(BLOCKS, take(Infinity))
    assert.equal(taken.length, BLOCKS.length)
  })
})
