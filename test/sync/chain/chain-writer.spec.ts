import assert from 'node:assert/strict'
import { InvalidBlockError } from '../../../src/errors.ts'
import { ChainWriter, MAX_BATCH_MS, MAX_WAITING_WRITES } from '../../../src/sync/chain/chain-writer.ts'
import { MAX_VERIFY_MS } from '../../../src/sync/chain/checked-chain.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { growChain, MemoryChain, received } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import type { ReceivedBlock } from '../../../src/types/chain.ts'

const STORE = { name: 'SyncError', code: 'STORE' }
const blocks = sampleChain(12)
const fork = growChain(blocks.slice(0, 6), 6, 'fork')

function from (start: number, end: number, source = blocks): ReceivedBlock[] {
  return source.slice(start, end + 1).map(received)
}

/** As it would be without being valid. */
function spoil ({ block, bytes }: ReceivedBlock): ReceivedBlock {
  return { block: { ...block, timestamp: 1 }, bytes }
}

describe('sync/chain/chain-writer', () => {
  let store: MemoryChain
  let writer: ChainWriter

  beforeEach(() => {
    store = new MemoryChain(blocks.slice(0, 6))
    writer = new ChainWriter(store, new FakeClock())
  })

  describe('append', () => {
    it('verifies each block with its parent, in order, then appends them in one go', async () => {
      const pairs: [number, number][] = []
      store.verify = async (block, parent) => {
        assert.equal(store.head.height, 5)
        pairs.push([block.height, parent.height])
      }

      assert.deepEqual(await writer.append(from(6, 8)), { skipped: 0, appended: 3, isMoved: false, invalid: undefined })
      assert.deepEqual(pairs, [[6, 5], [7, 6], [8, 7]])
      assert.deepEqual(store.appended, [[6, 7, 8]])
    })

    it('reads the parent once, not again for what follows what it has appended', async () => {
      const read: number[] = []
      const get = store.get.bind(store)
      store.get = (height) => {
        read.push(height)
        return get(height)
      }
      await writer.append(from(6, 7))
      await writer.append(from(8, 9))

      assert.deepEqual(read, [5])
      assert.deepEqual(store.blocks, blocks.slice(0, 10))
    })

    it('leaves out what has become part of the chain', async () => {
      assert.deepEqual(await writer.append(from(4, 7)), { skipped: 2, appended: 2, isMoved: false, invalid: undefined })
      assert.deepEqual(await writer.append(from(6, 7)), { skipped: 2, appended: 0, isMoved: false, invalid: undefined })
      assert.deepEqual(store.appended, [[6, 7]])
    })

    it('writes nothing that does not follow the tip, and says that it has moved', async () => {
      for (const wrong of [from(7, 8), from(6, 7, fork).slice(1), from(2, 3), from(6, 7, growChain(blocks.slice(0, 5), 4, 'x'))]) {
        assert.deepEqual(await writer.append(wrong), { skipped: 0, appended: 0, isMoved: true, invalid: undefined })
      }

      assert.deepEqual(store.appended, [])
    })

    it('appends what is before an invalid block, and says at which height that is', async () => {
      const [a, b, c, d] = from(6, 9) as [ReceivedBlock, ReceivedBlock, ReceivedBlock, ReceivedBlock]
      const { invalid, ...rest } = await writer.append([a, b, spoil(c), d])

      assert.deepEqual(rest, { skipped: 0, appended: 2, isMoved: false })
      assert.equal(invalid?.height, 8)
      assert.equal(invalid.error.name, 'InvalidBlockError')
      assert.deepEqual(store.appended, [[6, 7]])
    })

    it('writes nothing where the first block is invalid', async () => {
      const { appended, invalid } = await writer.append([spoil(received(blocks[6]!)), received(blocks[7]!)])

      assert.deepEqual([appended, invalid?.height], [0, 6])
      assert.deepEqual(store.appended, [])
    })

    it(`appends what it has verified after ${MAX_BATCH_MS} ms, one block at least, and leaves the rest`, async () => {
      const clock = new FakeClock()
      writer = new ChainWriter(store, clock)
      const costs = [MAX_BATCH_MS - 1, 1, 0, MAX_BATCH_MS, 5]
      store.verify = () => { clock.stall(costs.shift()!) }
      const verified = async (given: ReceivedBlock[]): Promise<unknown> => {
        const done = writer.append(given)

        while (await isPending(done)) {
          clock.stall(0)
          await clock.advance(0)
        }

        return done
      }

      assert.deepEqual(await verified(from(6, 8)), { skipped: 0, appended: 2, isMoved: false, invalid: undefined })
      assert.deepEqual(await verified(from(8, 10)), { skipped: 0, appended: 2, isMoved: false, invalid: undefined })
      assert.deepEqual(await verified(from(10, 10)), { skipped: 0, appended: 1, isMoved: false, invalid: undefined })
      assert.deepEqual([store.appended, costs], [[[6, 7], [8, 9], [10]], []])
    })

    for (const first of [0, 1, 2]) {
      it(`finds the block that the chain refuses when it is appended, where ${first} of them were appended all the same`, async () => {
        store.append = (given) => {
          const bad = given.findIndex(({ block }) => block.height === 8)

          if (bad < 0) {
            store.push(given)
            return
          }

          store.push(given.slice(0, Math.min(bad, first)))
          throw new InvalidBlockError('spends what is not there')
        }
        const { appended, invalid, isMoved } = await writer.append(from(6, 10))

        assert.deepEqual([appended, invalid?.height, isMoved], [2, 8, false])
        assert.deepEqual([5, 6, 7, 8].map((height) => writer.chain.has(blocks[height]!)), [first === 0, true, true, false])
        assert.deepEqual(store.blocks, blocks.slice(0, 8))
      })
    }

    it('throws where the chain cannot write or verify, with what it threw as the cause', async () => {
      const cause = new Error('disk full')
      store.append = () => { throw cause }
      await assert.rejects(writer.append(from(6, 7)), { ...STORE, message: 'The chain could not append blocks 6 to 7: disk full', cause })
      store.verify = () => { throw cause }
      await assert.rejects(writer.append(from(6, 7)), { ...STORE, message: 'The chain could not verify block 6: disk full', cause })
    })

    it('throws where the chain fails after the first few', async () => {
      store.append = (given) => {
        store.push(given.slice(0, 1))
        throw new Error('disk full')
      }
      await assert.rejects(writer.append(from(6, 8)), STORE)
      assert.equal(store.head.height, 6)
    })

    it('says that the tip has moved where the application has appended a block of its own meanwhile', async () => {
      store.append = () => {
        store.blocks.push(fork[6]!)
        throw new Error('does not fit')
      }
      assert.deepEqual(await writer.append(from(6, 7)), { skipped: 0, appended: 0, isMoved: true, invalid: undefined })
      store.blocks.pop()
      store.append = () => {
        store.blocks.push(fork[6]!)
        throw new InvalidBlockError('does not fit')
      }
      assert.equal((await writer.append(from(6, 7))).isMoved, true)
    })

    it('goes on after a write that failed', async () => {
      store.append = () => { throw new Error('disk full') }
      await assert.rejects(writer.append(from(6, 7)), STORE)
      store.append = (given) => { store.push(given) }
      assert.equal((await writer.append(from(6, 7))).appended, 2)
    })
  })

  describe('the queue', () => {
    /** Lets no write end until it is told to. */
    function hold (): { release: () => void, underWay: () => number, most: () => number } {
      const held = Promise.withResolvers<void>()
      let underWay = 0
      let most = 0
      store.append = async (given) => {
        most = Math.max(most, ++underWay)
        await held.promise
        store.push(given)
        underWay--
      }

      return { release: held.resolve, underWay: () => underWay, most: () => most }
    }

    it('has one write under way at a time', async () => {
      const { release, most } = hold()
      const branch = { common: store.tip(), height: 9, blocks: [] as never }
      const writes = [writer.append(from(6, 7)), writer.append(from(8, 9)), writer.reorganise(branch)]
      await turns(3)
      assert.equal(writer.waiting, 2)
      assert.deepEqual(store.branches, [])
      release()
      await Promise.all(writes)

      assert.equal(most(), 1)
      assert.deepEqual(store.appended, [[6, 7], [8, 9]])
      assert.equal(store.branches.length, 1)
    })

    it(`lets ${MAX_WAITING_WRITES} blocks of peers wait, and takes no more`, async () => {
      const { release } = hold()
      const writes = Array.from({ length: MAX_WAITING_WRITES + 1 }, () => writer.tryAppend(from(6, 6)))
      assert.ok(writes.every((write) => write != null))
      assert.equal(writer.waiting, MAX_WAITING_WRITES)
      assert.equal(writer.tryAppend(from(6, 6)), undefined)
      const own = writer.append(from(7, 7))
      release()
      await Promise.all([...writes, own])

      // the same block again and again, of which the first was appended
      assert.deepEqual(store.appended, [[6], [7]])
      assert.notEqual(writer.tryAppend(from(8, 8)), undefined)
      await turns(2)
    })

    it('does not write what was given up while it waited', async () => {
      const { release } = hold()
      const first = writer.append(from(6, 7))
      const controller = new AbortController()
      const second = writer.append(from(8, 9), controller.signal)
      controller.abort(new Error('no longer'))
      await assert.rejects(second, { message: 'no longer' })
      release()
      await first

      assert.deepEqual(store.appended, [[6, 7]])
    })

    it('writes nothing after it was stopped, but what has begun', async () => {
      const { release } = hold()
      const first = writer.append(from(6, 7))
      const second = writer.append(from(8, 9))
      await turns(1)
      writer.stop()
      await assert.rejects(second, STORE)
      await assert.rejects(async () => writer.append(from(8, 9)), STORE)
      release()
      await first
      writer.start()
      await writer.append(from(8, 9))

      assert.deepEqual(store.appended, [[6, 7], [8, 9]])
    })
  })

  describe('verify', () => {
    it('finds the first block of a branch that is invalid, each looked at with its parent', async () => {
      const pairs: [number, number][] = []
      store.verify = (block, parent) => {
        pairs.push([block.height, parent.height])
        store.check(block)
      }
      assert.equal(await writer.verify(from(6, 8, fork), fork[5]!), undefined)
      const [a, b, c] = from(6, 8, fork) as [ReceivedBlock, ReceivedBlock, ReceivedBlock]
      const invalid = await writer.verify([a, spoil(b), c], fork[5]!)
      assert.deepEqual([invalid?.height, invalid?.error.name], [7, 'InvalidBlockError'])
      assert.deepEqual(pairs, [[6, 5], [7, 6], [8, 7], [6, 5], [7, 6]])
      assert.equal(store.head.height, 5)
      Object.assign(store, { verify: undefined })
      assert.equal(await writer.verify([spoil(a)], fork[5]!), undefined)
      store.verify = () => { throw new Error('disk on fire') }
      await assert.rejects(writer.verify([a], fork[5]!), STORE)
    })

    it(`lets what is to be written go first after ${MAX_VERIFY_MS} ms`, async () => {
      const clock = new FakeClock()
      writer = new ChainWriter(store, clock)
      const order: string[] = []
      store.verify = async (block) => {
        order.push(`verify ${block.height}`)
        await turns(1)
        clock.stall(block.height < 8 ? 1 : MAX_VERIFY_MS)
      }
      store.append = (given) => {
        order.push('append')
        store.push(given)
      }
      const verified = writer.verify(from(6, 11, fork), fork[5]!)
      await turns(1)
      // with our own block it is verified once more
      const written = writer.append(from(6, 6))
      const done = Promise.all([verified, written])

      while (await isPending(done)) {
        clock.stall(0)
        await turns(1)
      }

      assert.deepEqual(order.slice(0, 5), ['verify 6', 'verify 7', 'verify 8', 'verify 6', 'append'])
    })
  })

  describe('reorganise', () => {
    it('offers the branch, and says what the chain has decided', async () => {
      const branch = (height: number): Parameters<ChainWriter['reorganise']>[0] => ({
        common: { height: 5, hash: blocks[5]!.hash },
        height,
        blocks: (async function * () { yield * from(6, height, fork) })()
      })
      store = new MemoryChain(blocks.slice(0, 9))
      writer = new ChainWriter(store, new FakeClock())

      assert.equal(await writer.reorganise(branch(7)), 'refused')
      assert.equal(await writer.reorganise(branch(9)), 'adopted')
      assert.deepEqual(store.blocks, fork.slice(0, 10))
      // what follows the branch follows the tip
      assert.equal((await writer.append(from(10, 11, fork))).appended, 2)
    })

    it('takes nothing else than true for a yes, and throws what the chain throws', async () => {
      store.reorganise = (() => 'yes') as never
      const branch = { common: store.tip(), height: 9, blocks: [] as never }
      assert.equal(await writer.reorganise(branch), 'refused')
      store.reorganise = async () => true
      assert.equal(await writer.reorganise(branch), 'refused', 'the tip has not moved')
      store.reorganise = () => { throw new TypeError('oops') }
      await assert.rejects(writer.reorganise(branch), { name: 'TypeError', message: 'oops' })
    })

    it('offers nothing that does not begin on our chain', async () => {
      store.reorganise = () => assert.fail('offered')
      assert.equal(await writer.reorganise({ common: fork[6]!, height: 9, blocks: [] as never }), 'stale')
      assert.equal(await writer.reorganise({ common: { ...fork[5]!, height: 50 }, height: 60, blocks: [] as never }), 'stale')
    })

    it('waits until nothing else is to be written', async () => {
      const order: string[] = []
      store.reorganise = async () => {
        order.push('reorganise')
        return false
      }
      store.append = (given) => {
        order.push(`append ${given[0]!.block.height}`)
        store.push(given)
      }
      const branch = { common: store.tip(), height: 9, blocks: [] as never }
      await Promise.all([writer.append(from(6, 6)), writer.reorganise(branch), writer.append(from(7, 7)), writer.append(from(8, 8))])
      assert.deepEqual(order, ['append 6', 'append 7', 'append 8', 'reorganise'])
    })

    it('knows whether the chain can change over', () => {
      assert.equal(writer.canReorganise, true)
      const chain = { tip: () => store.tip(), get: () => undefined, append: () => {} }
      assert.equal(new ChainWriter(chain, new FakeClock()).canReorganise, false)
    })
  })

  it('tells the tip after each write: one that goes on, one that fails half way, and a change to a branch', async () => {
    const tips: [number, string][] = []
    const dropped: number[] = []
    store = new MemoryChain(blocks.slice(0, 6))
    writer = new ChainWriter(store, new FakeClock(), ({ height, hash }, count) => {
      tips.push([height, Buffer.from(hash).toString('hex')])
      dropped.push(count)
    })
    const hexOf = (chain: typeof blocks, height: number): [number, string] => [height, Buffer.from(chain[height]!.hash).toString('hex')]
    await writer.append(from(6, 7))
    await writer.append(from(6, 7))
    assert.deepEqual(tips.splice(0), [hexOf(blocks, 7)])
    store.append = (given) => {
      store.push(given.slice(0, 1))
      throw new Error('disk on fire')
    }
    await assert.rejects(writer.append(from(8, 9)), STORE)
    assert.deepEqual(tips.splice(0), [hexOf(blocks, 8)])
    const branch = { common: { height: 5, hash: blocks[5]!.hash }, height: 9, blocks: (async function * () { yield * from(6, 9, fork) })() }
    assert.equal(await writer.reorganise(branch), 'adopted')
    assert.deepEqual(tips, [hexOf(fork, 9)])
    assert.deepEqual(dropped, [0, 0, 3], 'blocks 6 to 8 have made room')
  })
})
