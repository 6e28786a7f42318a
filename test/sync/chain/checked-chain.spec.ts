import assert from 'node:assert/strict'
import { encodeBlock } from '../../../src/codec/items/items.ts'
import { InvalidBlockError } from '../../../src/errors.ts'
import { CheckedChain, isInvalidBlock, MAX_VERIFY_MS } from '../../../src/sync/chain/checked-chain.ts'
import { isPending } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryChain, received } from '../../support/memory-chain.ts'
import { sampleChain, sampleHash } from '../../support/sample.ts'
import type { Tip } from '../../../src/types/block.ts'

const blocks = sampleChain(6)
const STORE = { name: 'SyncError', code: 'STORE' }

describe('sync/chain/checked-chain', () => {
  let store: MemoryChain
  let chain: CheckedChain

  beforeEach(() => {
    store = new MemoryChain(blocks)
    chain = new CheckedChain(store, new FakeClock())
  })

  describe('tip', () => {
    it('gives the tip, whether the chain takes its time or not', async () => {
      assert.deepEqual(await chain.tip(), { height: 5, hash: blocks[5]!.hash })
      const later = new CheckedChain({ tip: async () => store.tip(), get: () => undefined, append: () => {} }, new FakeClock())
      assert.deepEqual(await later.tip(), { height: 5, hash: blocks[5]!.hash })
    })

    const bad: [what: string, tip: unknown][] = [
      ['a negative height', { height: -1, hash: sampleHash(1) }],
      ['half a height', { height: 0.5, hash: sampleHash(1) }],
      ['a height that is no safe integer', { height: 2 ** 53, hash: sampleHash(1) }],
      ['a bigint', { height: 5n, hash: sampleHash(1) }],
      ['a short hash', { height: 5, hash: new Uint8Array(31) }],
      ['a hash that is no bytes', { height: 5, hash: '00'.repeat(32) }],
      ['nothing', undefined],
      ['null', null]
    ]

    for (const [what, tip] of bad) {
      it(`throws where the chain gives ${what}`, async () => {
        store.tip = () => tip as Tip
        await assert.rejects(chain.tip(), STORE)
      })
    }

    it('throws what the chain throws, as the cause', async () => {
      const cause = new Error('disk on fire')
      store.tip = () => { throw cause }
      await assert.rejects(chain.tip(), { ...STORE, message: 'The chain could not tell its tip: disk on fire', cause })
    })

    it('gives a copy: a chain may change what it gave', async () => {
      const live = { ...store.tip() }
      store.tip = () => live
      const tip = await chain.tip()
      live.height++

      assert.equal(tip.height, 5)
    })
  })

  describe('block', () => {
    it('gives a block that is stored as bytes or as one, and nothing where there is none', async () => {
      assert.deepEqual(await chain.block(3), blocks[3])
      store.get = (height) => blocks[height] as never
      assert.deepEqual(await chain.block(3), blocks[3])
      assert.equal(await chain.block(6), undefined)
    })

    it('throws where it is not decoded, is another one, or cannot be read', async () => {
      store.get = () => Uint8Array.of(1, 2, 3)
      await assert.rejects(chain.block(3), STORE)
      store.get = () => encodeBlock(blocks[4]!)
      await assert.rejects(chain.block(3), STORE)
      store.get = () => { throw new Error('disk on fire') }
      await assert.rejects(chain.block(3), { ...STORE, message: 'The chain could not give block 3: disk on fire' })
    })
  })

  describe('head', () => {
    it('gives the block that is the tip', async () => {
      assert.deepEqual(await chain.head(store.tip()), blocks[5])
    })

    it('gives nothing where the tip has moved', async () => {
      assert.equal(await chain.head({ height: 5, hash: sampleHash('other') }), undefined)
      assert.equal(await chain.head({ height: 6, hash: sampleHash('other') }), undefined)
    })

    it('throws where the chain does not have its own tip', async () => {
      const tip = store.tip()
      store.get = () => undefined
      await assert.rejects(chain.head(tip), STORE)
      store.tip = () => ({ height: 4, hash: tip.hash })
      store.get = () => encodeBlock(blocks[4]!)
      await assert.rejects(chain.head(store.tip()), STORE)
    })
  })

  describe('verify', () => {
    it('gives what is wrong with a block, if anything', async () => {
      assert.equal(await chain.verify(received(blocks[3]!), blocks[2]!), undefined)
      const error = await chain.verify(received({ ...blocks[3]!, timestamp: 1 }), blocks[2]!)
      assert.equal(error?.name, 'InvalidBlockError')
    })

    it(`lets other work go first after ${MAX_VERIFY_MS} ms, and not before`, async () => {
      const clock = new FakeClock()
      const chain = new CheckedChain(store, clock)
      await clock.advance(MAX_VERIFY_MS - 1)
      await chain.takeTurn()
      assert.equal(clock.pending, 0)
      await clock.advance(1)
      const turn = chain.takeTurn()
      assert.equal(await isPending(turn), true)
      await clock.advance(0)
      await turn
      await chain.takeTurn()
    })

    it('hands over the bytes of the block', async () => {
      const given = received(blocks[3]!)
      store.verify = (...args) => { assert.deepEqual(args, [given.block, blocks[2], given.bytes]) }
      assert.equal(await chain.verify(given, blocks[2]!), undefined)
    })

    it('takes a promise, and a chain that does not verify', async () => {
      store.verify = async () => { throw new InvalidBlockError('bad') }
      assert.equal((await chain.verify(received(blocks[3]!), blocks[2]!))?.message, 'bad')
      const plain = new CheckedChain({ tip: () => store.tip(), get: () => undefined, append: () => {} }, new FakeClock())
      assert.equal(await plain.verify(received({ ...blocks[3]!, timestamp: 1 }), blocks[2]!), undefined)
    })

    it('throws where anything else goes wrong', async () => {
      store.verify = () => { throw new TypeError('oops') }
      await assert.rejects(chain.verify(received(blocks[3]!), blocks[2]!), { ...STORE, message: 'The chain could not verify block 3: oops' })
    })
  })

  describe('has', () => {
    it('knows the tip that was seen and what was appended since, and nothing else', async () => {
      assert.ok(!chain.has(blocks[5]!))
      await chain.tip()
      assert.ok(chain.has(blocks[5]!))
      assert.ok(!chain.has(blocks[4]!))
      const more = sampleChain(9)
      store.blocks.push(...more.slice(6))
      chain.noteAppended(more.slice(6))
      await chain.tip()
      assert.ok([5, 6, 7, 8].every((height) => chain.has(more[height]!)))
    })

    it('forgets what it knew where the tip is another one', async () => {
      await chain.tip()
      store.blocks.pop()
      await chain.tip()
      assert.ok(!chain.has(blocks[5]!))
    })
  })

  it('tells an invalid block by the name of the error, wherever its class is from', () => {
    assert.ok(isInvalidBlock(new InvalidBlockError('bad')))
    assert.ok(isInvalidBlock(Object.assign(new Error('bad'), { name: 'InvalidBlockError' })))
    assert.ok(isInvalidBlock(new (class Bad extends InvalidBlockError {})('bad')))
    assert.ok(!isInvalidBlock(new Error('InvalidBlockError')))
    assert.ok(!isInvalidBlock('InvalidBlockError'))
  })
})
