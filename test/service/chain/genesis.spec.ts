import assert from 'node:assert/strict'
import { checkGenesis, GENESIS_TIMEOUT_MS } from '../../../src/service/chain/genesis.ts'
import { encodeBlock } from '../../../src/codec/items/items.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleChain, sampleHash } from '../../support/sample.ts'
import type { ChainSource } from '../../../src/types/chain.ts'

const blocks = sampleChain(30)
const genesisHash = blocks[0]!.hash
const WRONG = { name: 'ConfigError', message: /^Expected `chain` to begin with the block of `genesisHash`, [0-9a-f]{64}, got [0-9a-f]{64}$/ }

describe('service/chain/genesis', () => {
  let clock: FakeClock
  let late: unknown[]

  beforeEach(() => {
    clock = new FakeClock()
    late = []
  })

  const onLate = (error: unknown): void => { late.push(error) }

  async function check (chain: ChainSource | undefined, hash = genesisHash): Promise<void> {
    try {
      await checkGenesis({ chain, genesisHash: hash, clock, onLate })
    } finally {
      assert.deepEqual([clock.pending, late], [0, []])
    }
  }

  const chainOf = (get: ChainSource['get'], tip: ChainSource['tip'] = () => blocks[29]!): ChainSource => ({ tip, get })

  it('takes a chain that begins with the block that peers are told of, and none at all', async () => {
    await check(chainOf((height) => blocks[height]))
    await check(chainOf(async (height) => encodeBlock(blocks[height]!)))
    await check(undefined)
  })

  it('refuses a chain that begins with another', async () => {
    await assert.rejects(check(chainOf((height) => blocks[height]), sampleHash('other')), WRONG)
    await assert.rejects(check(chainOf(async (height) => encodeBlock(blocks[height]!)), sampleHash('other')), WRONG)
  })

  it('refuses a chain of nothing but another first block, also where only its tip is known', async () => {
    await assert.rejects(check(chainOf(() => undefined, () => blocks[0]!), sampleHash('other')), WRONG)
    await check(chainOf(() => undefined, () => blocks[0]!))
  })

  it('takes a chain that has dropped its first blocks', async () => {
    await check(chainOf((height) => height < 20 ? undefined : blocks[height]), sampleHash('other'))
  })

  it('refuses a chain that fails, and says with what', async () => {
    const cause = new Error('disk on fire')
    const expected = {
      name: 'StorageError', cause, message: 'The chain could not give its first block while the node started: disk on fire. Repair the chain, and start again'
    }
    await assert.rejects(check(chainOf(() => { throw cause })), expected)
    await assert.rejects(check(chainOf(() => undefined, async () => { throw cause })), expected)
    await assert.rejects(check(chainOf(() => new Uint8Array(3))), { name: 'StorageError', message: /could not give its first block/ })
    await assert.rejects(check(chainOf(() => blocks[1])), { name: 'StorageError', message: /gave block 1 where block 0 was asked for/ })
    await assert.rejects(check(chainOf(() => null as never, () => null as never)), { name: 'StorageError', message: /`tip` of the chain .*, got null/ })
  })

  it(`waits for its first block for ${GENESIS_TIMEOUT_MS} ms`, async () => {
    const block = Promise.withResolvers<StoredBlockOf>()
    const checked = checkGenesis({ chain: chainOf(async () => block.promise), genesisHash: sampleHash('other'), clock, onLate })
    await clock.advance(GENESIS_TIMEOUT_MS - 1)
    assert.ok(await isPending(checked))
    await clock.advance(1)
    await checked
    const cause = new Error('timed out')
    block.reject(cause)
    await turns(1)
    assert.deepEqual(late, [cause])
  })
})

type StoredBlockOf = Awaited<ReturnType<ChainSource['get']>>
