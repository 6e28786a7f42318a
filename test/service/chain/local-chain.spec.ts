import assert from 'node:assert/strict'
import { LocalChain } from '../../../src/service/chain/local-chain.ts'
import { CALL_OVERDUE_MS } from '../../../src/sync/chain/chain-calls.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleChain } from '../../support/sample.ts'
import type { Block } from '../../../src/types/block.ts'
import type { ChainSource } from '../../../src/types/chain.ts'
import type { Logger } from '@libp2p/interface'

const blocks = sampleChain(12)
const BELOW = { name: 'StorageError', message: /^Block 6 is above the chain, which ends at block 5: / }

describe('service/chain/local-chain', () => {
  let errors: unknown[]

  beforeEach(() => {
    errors = []
  })

  function create (tip?: ChainSource['tip']): LocalChain {
    const log = { error: () => {} } as unknown as Logger
    const chain = tip == null ? undefined : { tip, get: (height: number) => blocks[height] }

    return new LocalChain({ chain, genesisHash: blocks[0]!.hash, clock: new FakeClock(), log, onError: (error) => { errors.push(error) } })
  }

  const own = (height: number): Block => blocks[height]!

  it('takes blocks of the application up to its tip, and refuses the next', () => {
    const chain = create(() => blocks[5]!)
    chain.checkOwn(own(5))
    assert.throws(() => { chain.checkOwn(own(6)) }, BELOW)
    assert.deepEqual(errors, [])
  })

  it('tells of a block above its tip where the chain tells that later', async () => {
    const chain = create(async () => blocks[5]!)
    chain.checkOwn(own(5))
    await turns(1)
    assert.deepEqual(errors, [])
    chain.checkOwn(own(6))
    await turns(1)
    assert.throws(() => { throw errors[0] as Error }, BELOW)
    assert.equal(errors.length, 1)
  })

  it('leaves it to those who read the tip to tell that the chain fails', async () => {
    create(() => { throw new Error('disk on fire') }).checkOwn(own(6))
    create(async () => { throw new Error('disk on fire') }).checkOwn(own(6))
    await turns(1)
    assert.deepEqual(errors, [])
  })

  it('says in the log and the status which call the chain does not answer, also while the node starts', async () => {
    const clock = new FakeClock()
    const lines: string[] = []
    const log = { error: (text: string, ...values: unknown[]) => { lines.push(`${text} ${values.join(' ')}`) } } as unknown as Logger
    const chain = new LocalChain({
      chain: { tip: () => blocks[5]!, get: (height) => blocks[height], lowestHeight: async () => new Promise(() => {}) },
      ...{ genesisHash: blocks[0]!.hash, clock, log, onError: (error) => { errors.push(error) } }
    })
    const started = chain.start()
    await clock.advance(CALL_OVERDUE_MS)
    await started
    assert.deepEqual(lines, ['the chain has not answered `%s` for %d s: the node waits for it lowestHeight 10'])
    assert.deepEqual(chain.overdueCalls, [{ method: 'lowestHeight', ms: CALL_OVERDUE_MS }])
    chain.leave()
  })

  it('says nothing without a chain, and where the chain says nothing', () => {
    create().checkOwn(own(6))
    create(() => undefined as never).checkOwn(own(6))
    assert.deepEqual(errors, [])
  })
})
