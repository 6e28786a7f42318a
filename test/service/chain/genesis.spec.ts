import assert from 'node:assert/strict'
import { checkGenesis, GENESIS_TIMEOUT_MS } from '../../../src/service/chain/genesis.ts'
import { encodeBlock } from '../../../src/codec/items/items.ts'
import { isPending } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleChain, sampleHash } from '../../support/sample.ts'
import type { ChainSource } from '../../../src/types/chain.ts'
import type { Logger } from '@libp2p/interface'

const blocks = sampleChain(30)
const genesisHash = blocks[0]!.hash
const WRONG = { name: 'ConfigError', message: /^Expected `chain` to begin with the block of `genesisHash`, [0-9a-f]{64}, got [0-9a-f]{64}$/ }

describe('service/chain/genesis', () => {
  let clock: FakeClock
  let errors: number

  beforeEach(() => {
    clock = new FakeClock()
    errors = 0
  })

  async function check (chain: ChainSource | undefined, hash = genesisHash): Promise<void> {
    const log = { error: () => { errors++ } } as unknown as Logger

    try {
      await checkGenesis({ chain, genesisHash: hash, clock, log })
    } finally {
      assert.equal(clock.pending, 0)
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
    assert.equal(errors, 0)
  })

  it('takes a chain that fails, which is logged', async () => {
    await check(chainOf(() => { throw new Error('disk on fire') }), sampleHash('other'))
    await check(chainOf(() => undefined, () => { throw new Error('disk on fire') }), sampleHash('other'))
    await check(chainOf(() => new Uint8Array(3)), sampleHash('other'))
    assert.equal(errors, 3)
  })

  it(`waits for its first block for ${GENESIS_TIMEOUT_MS} ms`, async () => {
    const block = Promise.withResolvers<StoredBlockOf>()
    const checked = checkGenesis({ chain: chainOf(async () => block.promise), genesisHash: sampleHash('other'), clock, log: {} as Logger })
    await clock.advance(GENESIS_TIMEOUT_MS - 1)
    assert.ok(await isPending(checked))
    await clock.advance(1)
    await checked
  })
})

type StoredBlockOf = Awaited<ReturnType<ChainSource['get']>>
