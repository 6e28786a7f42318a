import assert from 'node:assert/strict'
import { encodeBlock, encodeTransaction } from '../../../src/codec/items/items.ts'
import { HandlerTable } from '../../../src/service/dispatch/handlers.ts'
import { Importer } from '../../../src/service/dispatch/importer.ts'
import { Validator } from '../../../src/service/dispatch/validator.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryChain } from '../../support/memory-chain.ts'
import { sampleChain, sampleTransaction } from '../../support/sample.ts'
import type { Session } from '../../../src/session/session.ts'
import type { ChainSource } from '../../../src/types/chain.ts'
import type { BroadcastMessage } from '../../../src/types/message.ts'
import type { Logger } from '@libp2p/interface'

const blocks = sampleChain(4)
const from = { id: 'alice', state: 'ready', noteHeight: () => {} } as unknown as Session
const transaction: BroadcastMessage = { type: 'newTransaction', transaction: sampleTransaction() }
const transactionItem = encodeTransaction(transaction.transaction)

describe('service/dispatch/importer', () => {
  let handlers: HandlerTable
  let appended: number[]

  beforeEach(() => {
    handlers = new HandlerTable({
      log: { error: () => {} } as unknown as Logger,
      clock: new FakeClock(),
      onError: (type) => { assert.fail(type) }
    })
    appended = []
  })

  function create (chain: ChainSource | undefined): Importer {
    const importer = new Importer({
      chain,
      validator: new Validator(handlers),
      clock: new FakeClock(),
      log: Object.assign(() => {}, { error: () => {} }) as unknown as Logger,
      onStoreError: (err) => { assert.fail(String(err)) }
    })
    importer.store?.blocks.attach({
      release: () => {}, forget: () => {}, onHeld: () => {}, onRival: () => {}, onAppended: (_, { height }) => { appended.push(height) }
    })

    return importer
  }

  it('has the application judge a transaction, and leaves the chain alone', () => {
    const chain = new MemoryChain(blocks.slice(0, 3))
    chain.append = () => assert.fail('appended')
    handlers.handle('newTransaction', () => 'reject')

    assert.equal(create(chain).judge({ message: transaction, item: transactionItem, from }), 'reject')
  })

  it('appends a block that the application accepts', async () => {
    const chain = new MemoryChain(blocks.slice(0, 3))
    const block = blocks[3]!

    assert.equal(await create(chain).judge({ message: { type: 'newBlock', block }, item: encodeBlock(block), from }), 'accept')
    assert.deepEqual([appended, chain.head], [[3], block])
  })

  it('appends no block that the application rejects', async () => {
    const chain = new MemoryChain(blocks.slice(0, 3))
    const block = blocks[3]!
    handlers.handle('newBlock', () => 'reject')

    assert.equal(await create(chain).judge({ message: { type: 'newBlock', block }, item: encodeBlock(block), from }), 'reject')
    assert.deepEqual([appended, chain.head], [[], blocks[2]])
  })

  for (const [title, chain] of [
    ['no chain', undefined], ['a chain for reading', { tip: () => ({ height: 2, hash: blocks[2]!.hash }), get: (height: number) => blocks[height] }]
  ] as const) {
    it(`asks the application alone where it has ${title}`, () => {
      const importer = create(chain)
      const block = blocks[1]!
      handlers.handle('newBlock', () => 'ignore')

      assert.equal(importer.store, undefined)
      assert.equal(importer.judge({ message: { type: 'newBlock', block }, item: encodeBlock(block), from }), 'ignore')
    })
  }
})
