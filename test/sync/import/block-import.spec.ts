import assert from 'node:assert/strict'
import { encodeBlock } from '../../../src/codec/items/items.ts'
import { InvalidBlockError } from '../../../src/errors.ts'
import { ChainWriter, MAX_WAITING_WRITES } from '../../../src/sync/chain/chain-writer.ts'
import { BlockImport } from '../../../src/sync/import/block-import.ts'
import { MAX_ORPHAN_DEPTH, MAX_ORPHANS, MAX_PEER_ORPHANS, ORPHAN_TTL_MS } from '../../../src/sync/import/orphans.ts'
import { eventually, isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { growChain, MemoryChain } from '../../support/memory-chain.ts'
import { sampleChain, sampleHash } from '../../support/sample.ts'
import type { BlockSender } from '../../../src/sync/import/block-import.ts'
import type { Outcome, Verdict } from '../../../src/types/handlers.ts'
import type { Awaitable } from '../../../src/types/chain.ts'
import type { Block } from '../../../src/types/block.ts'
import type { BlockSteps } from '../../../src/types/timeline.ts'
import type { Logger } from '@libp2p/interface'

const chain = sampleChain(120)
const fork = growChain(chain.slice(0, 10), 10, 'fork')

class Sender implements BlockSender {
  readonly id: string
  state: BlockSender['state'] = 'ready'
  readonly noted: number[] = []

  constructor (id: string) {
    this.id = id
  }

  noteHeight (height: number): void {
    this.noted.push(height)
  }
}

describe('sync/import/block-import', () => {
  let clock: FakeClock
  let store: MemoryChain
  let writer: ChainWriter
  let intake: BlockImport<Sender>
  let alice: Sender
  /** What was asked of the application, and what it says. */
  let asked: number[]
  let ask: (block: Block) => Awaitable<Verdict>
  /** What was judged once more, and forgotten. */
  let resumed: [height: number, Outcome][]
  let forgotten: number
  let held: [string, number][]
  let rivals: [string, Block][]
  let appended: number[]
  let errors: unknown[]
  let storeErrors: unknown[]
  /** How many are judged once more at a time. */
  let nested: number
  let mostNested: number
  /** The steps that came with the blocks that were judged once more. */
  let resumedSteps: (BlockSteps | undefined)[]

  beforeEach(() => {
    clock = new FakeClock()
    store = new MemoryChain(chain.slice(0, 11))
    writer = new ChainWriter(store, clock)
    alice = new Sender('alice')
    asked = []
    ask = () => 'accept'
    resumed = []
    forgotten = 0
    held = []
    rivals = []
    appended = []
    errors = []
    storeErrors = []
    nested = 0
    mostNested = 0
    resumedSteps = []
    intake = new BlockImport<Sender>({
      writer,
      clock,
      log: Object.assign(() => {}, { error: (_: string, ...rest: unknown[]) => { errors.push(rest.at(-1)) } }) as unknown as Logger,
      validator: {
        judge: ({ block }) => {
          asked.push(block.height)
          return ask(block)
        }
      },
      onStoreError: (err) => { storeErrors.push(err) }
    })
    intake.attach({
      release: async (held) => {
        const { message, item, steps } = held
        mostNested = Math.max(mostNested, ++nested)
        assert.deepEqual(item, new Uint8Array(encodeBlock(message.block)))
        resumedSteps.push(steps)
        const outcome = await intake.judge(held)
        resumed.push([message.block.height, outcome])
        nested--
      },
      forget: () => { forgotten++ },
      onHeld: (from, height) => { held.push([from.id, height]) },
      onRival: (from, block) => { rivals.push([from.id, block]) },
      onAppended: (_, block) => { appended.push(block.height) }
    })
  })

  afterEach(() => {
    intake.stop()
    assert.equal(clock.pending, 0)
  })

  async function judge (block: Block, from = alice, steps?: BlockSteps): Promise<Outcome> {
    return intake.judge({ message: { type: 'newBlock', block }, item: new Uint8Array(encodeBlock(block)), from, steps })
  }

  /** As {@link judge}, where other work goes first: time has passed since the last verification. */
  async function judgeLater (block: Block): Promise<Outcome> {
    const judged = judge(block)
    await clock.advance(0)

    return judged
  }

  describe('a block that follows the tip', () => {
    it('is shown to the application, verified, appended and accepted', async () => {
      const order: string[] = []
      ask = () => {
        order.push('ask')
        return 'accept'
      }
      store.verify = (block) => {
        order.push('verify')
        store.check(block)
      }
      store.append = (blocks) => {
        order.push('append')
        store.push(blocks)
      }

      assert.equal(await judge(chain[11]!), 'accept')
      assert.deepEqual(order, ['ask', 'verify', 'append'])
      assert.deepEqual(store.head, chain[11])
      assert.deepEqual(appended, [11])
      assert.deepEqual([held, alice.noted], [[], []])
    })

    for (const verdict of ['ignore', 'reject'] as const) {
      it(`is not written where the application says ${verdict}`, async () => {
        ask = async () => verdict
        store.verify = () => assert.fail('verified')
        assert.equal(await judge(chain[11]!), verdict)
        assert.deepEqual(store.appended, [])
      })
    }

    it('is rejected where the chain finds it invalid, when it is verified or appended', async () => {
      assert.equal(await judge({ ...chain[11]!, timestamp: 1 }), 'reject')
      store.append = () => { throw new InvalidBlockError('spends what is not there') }
      assert.equal(await judge(chain[11]!), 'reject')
      assert.deepEqual([appended, errors], [[], []])
    })

    it('is ignored where the chain fails, and the error is logged', async () => {
      store.append = () => { throw new Error('disk full') }
      assert.equal(await judge(chain[11]!), 'ignore')
      store.tip = () => { throw new Error('disk full') }
      assert.equal(await judge(chain[11]!), 'ignore')
      assert.deepEqual(errors.map((error) => (error as Error).name), ['SyncError', 'SyncError'])
      assert.deepEqual(storeErrors.map((error) => (error as Error).message), ['disk full', 'disk full'])
    })

    it('is reported as one to fetch later where the chain fails', async () => {
      store.append = () => { throw new Error('disk full') }
      await judge(chain[11]!)
      assert.deepEqual(held, [['alice', 11]])
      assert.deepEqual(alice.noted, [11])
    })

    it('is ignored where asking fails', async () => {
      ask = () => { throw new Error('oops') }
      assert.equal(await judge(chain[11]!), 'ignore')
      assert.deepEqual([errors.length, storeErrors, held], [1, [], []])
    })

    it('is appended once where it comes twice at the same time', async () => {
      assert.deepEqual(await Promise.all([judge(chain[11]!), judge(chain[11]!, new Sender('bob'))]), ['accept', 'known'])
      assert.deepEqual(store.appended, [[11]])
    })

    it('loses against another one that is appended while the application thinks', async () => {
      const answer = Promise.withResolvers<Verdict>()
      const other = growChain(chain.slice(0, 11), 1, 'other')[11]!
      ask = async (block) => block === other ? answer.promise : 'accept'
      const late = judge(other)
      assert.equal(await judge(chain[11]!), 'accept')
      answer.resolve('accept')

      assert.equal(await late, 'ignore')
      assert.deepEqual(rivals, [['alice', other]])
      assert.deepEqual(store.appended, [[11]])
    })

    it('waits for the write under way, and is judged again', async () => {
      const write = Promise.withResolvers<void>()
      store.append = async (blocks) => {
        await write.promise
        store.push(blocks)
      }
      const sync = writer.append(chain.slice(11, 14).map((block) => ({ block, bytes: encodeBlock(block) })))
      const outcome = judge(chain[11]!)
      assert.ok(await isPending(outcome))
      write.resolve()
      await sync

      assert.equal(await outcome, 'known')
      assert.deepEqual(store.appended, [[11, 12, 13]])
    })

    it(`is ignored where ${MAX_WAITING_WRITES} writes wait already`, async () => {
      const write = Promise.withResolvers<void>()
      store.append = async () => write.promise
      const blocks = Array.from({ length: MAX_WAITING_WRITES + 2 }, (_, i) => growChain(chain.slice(0, 11), 1, `rival ${i}`)[11]!)
      const outcomes = blocks.map(async (block) => judge(block))
      await turns(2)
      assert.equal(await outcomes.at(-1), 'ignore')
      assert.ok(await isPending(outcomes.at(-2)!))
      write.resolve()
      await Promise.all(outcomes)
    })
  })

  describe('the steps of a block', () => {
    function begin (height: number): BlockSteps {
      const at = clock.now()

      return {
        ...{ height, hash: new Uint8Array(32), transactions: 0, bytes: 0, announced: undefined, asked: undefined },
        ...{ received: { at, peer: 'alice' }, judged: undefined, appended: undefined }
      }
    }

    async function later<Result> (ms: number, result: Result): Promise<Result> {
      return new Promise((resolve) => { clock.setTimeout(() => { resolve(result) }, ms) })
    }

    it('are when the application had its verdict, and when the chain had the block', async () => {
      const steps = begin(11)
      const begun = clock.now()
      ask = async () => later(20, 'accept')
      store.append = async (blocks) => {
        await later(30, undefined)
        store.push(blocks)
      }
      const outcome = judge(chain[11]!, alice, steps)
      await clock.advance(60)
      assert.equal(await outcome, 'accept')
      assert.deepEqual([steps.judged, steps.appended], [begun + 20, begun + 50])
    })

    it('are without the append where the application or the chain refuses the block', async () => {
      const [refused, invalid] = [begin(11), begin(11)]
      ask = () => 'reject'
      assert.equal(await judge(chain[11]!, alice, refused), 'reject')
      ask = () => 'accept'
      assert.equal(await judge({ ...chain[11]!, timestamp: 1 }, alice, invalid), 'reject')
      assert.deepEqual([refused, invalid].map(({ judged, appended }) => [judged, appended]), [
        [clock.now(), undefined], [clock.now(), undefined]
      ])
    })

    it(`wait with a block that is held for less than ${ORPHAN_TTL_MS} ms, and are forgotten with it`, async () => {
      const [kept, late] = [begin(12), begin(14)]
      assert.equal(await judge(chain[12]!, alice, kept), 'held')
      await clock.advance(ORPHAN_TTL_MS - 1)
      assert.equal(await judgeLater(chain[11]!), 'accept')
      await eventually(() => resumed.length === 1, 'the block to be judged once more')
      assert.equal(resumedSteps[0], kept)
      assert.deepEqual([kept.judged, kept.appended], [clock.now(), clock.now()])

      assert.equal(await judge(chain[14]!, alice, late), 'held')
      await clock.advance(ORPHAN_TTL_MS)
      assert.equal(await judgeLater(chain[13]!), 'accept')
      await turns(3)
      assert.deepEqual([resumedSteps.length, late.judged, forgotten], [1, undefined, 1])
    })
  })

  describe('a block at or below the tip', () => {
    it('is known where it is our tip', async () => {
      assert.equal(await judge(chain[10]!), 'known')
    })

    it('is known where it was appended a while ago, without reading the chain', async () => {
      for (const block of chain.slice(11, 40)) {
        await judge(block)
      }

      store.get = () => assert.fail('read')
      assert.equal(await judge(chain[12]!), 'known')
    })

    it('is ignored where it is older than that, or another one', async () => {
      store.get = () => assert.fail('read')
      assert.equal(await judge(chain[3]!), 'ignore')
      assert.equal(await judge({ ...chain[3]!, hash: sampleHash('other') }), 'ignore')
      assert.deepEqual([asked, rivals, held], [[], [], []])
    })

    it('is ignored and reported as a rival where it is another one at the height of our tip', async () => {
      assert.equal(await judge(fork[10]!), 'ignore')
      assert.deepEqual(rivals, [['alice', fork[10]]])
      assert.deepEqual(alice.noted, [10])
      assert.deepEqual(asked, [])
    })
  })

  describe('a block whose parent is not known', () => {
    it('is held, and its height is noted', async () => {
      assert.equal(await judge(chain[13]!), 'held')
      assert.deepEqual([held, alice.noted, intake.held, asked], [[['alice', 13]], [13], 1, []])
    })

    it('is held where it comes next with another parent than our tip', async () => {
      assert.equal(await judge(fork[11]!), 'held')
      assert.deepEqual(held, [['alice', 11]])
    })

    it('is ignored where it is too far away to be held, and its height is noted all the same', async () => {
      const height = 10 + MAX_ORPHAN_DEPTH
      assert.equal(await judge({ ...chain[13]!, height }), 'held')
      assert.equal(await judge({ ...chain[13]!, height: height + 1 }), 'ignore')
      assert.deepEqual(held, [['alice', height], ['alice', height + 1]])
    })

    it('costs no more than a look at the tip', async () => {
      let looks = 0
      const tip = store.tip.bind(store)
      store.tip = () => {
        looks++
        return tip()
      }
      store.get = () => assert.fail('read')
      store.verify = () => assert.fail('verified')

      for (const block of [chain[13]!, fork[10]!, fork[11]!, chain[2]!, { ...chain[11]!, height: 2 ** 53 - 1 }]) {
        await judge(block)
      }

      assert.equal(looks, 5)
    })

    it('is judged again after its parent has come, as often as it takes', async () => {
      for (const height of [14, 12, 13]) {
        assert.equal(await judge(chain[height]!), 'held')
      }

      assert.equal(await judge(chain[11]!), 'accept')
      await eventually(() => resumed.length === 3, 'all to be judged again')
      assert.deepEqual(resumed, [[12, 'accept'], [13, 'accept'], [14, 'accept']])
      assert.deepEqual([asked, store.head.height, intake.held, forgotten], [[11, 12, 13, 14], 14, 0, 0])
    })

    it('is judged again after the tip has moved without its doing', async () => {
      await judge(chain[14]!)
      store.blocks.push(...chain.slice(11, 14))
      intake.onGrown()
      await eventually(() => resumed.length === 1, 'it to be judged again')
      assert.deepEqual(resumed, [[14, 'accept']])
    })

    it('is forgotten where the chain has passed it, and where nothing comes in time', async () => {
      await judge(chain[12]!)
      await judge(chain[30]!)
      store.blocks.push(...chain.slice(11, 14))
      intake.onGrown()
      await eventually(() => forgotten === 1, 'it to be forgotten')
      assert.equal(intake.held, 1)
      await clock.advance(ORPHAN_TTL_MS)
      assert.deepEqual([intake.held, forgotten, resumed], [0, 2, []])
    })

    it('is forgotten when its sender goes, and everything when it is stopped', async () => {
      const bob = new Sender('bob')
      await judge(chain[12]!)
      await judge(chain[13]!, bob)
      intake.onClosed(alice)
      assert.deepEqual([intake.held, forgotten], [1, 1])
      intake.stop()
      assert.deepEqual([intake.held, forgotten], [0, 2])
    })

    it('is not held where its sender has gone meanwhile', async () => {
      const outcome = judge(chain[12]!)
      alice.state = 'closed'
      intake.onClosed(alice)
      assert.equal(await outcome, 'ignore')
      assert.equal(intake.held, 0)
    })

    it('is judged at once where its parent came while the tip was looked up', async () => {
      const tip = store.tip()
      const looked = Promise.withResolvers<void>()
      let looks = 0
      const current = store.tip.bind(store)
      store.tip = (() => looks++ === 0 ? looked.promise.then(() => tip) : current()) as never
      const early = judge(chain[12]!)
      await judge(chain[11]!)
      looked.resolve()
      await early
      await eventually(() => resumed.length === 1, 'it to be judged again')

      assert.deepEqual(resumed, [[12, 'accept']])
    })

    it('is judged one after the other, however many wait for the same parent', async () => {
      const siblings = Array.from({ length: 5 }, (_, i) => growChain(chain.slice(0, 12), 1, `sibling ${i}`)[12]!)

      for (const [i, block] of siblings.entries()) {
        await judge(block, new Sender(`peer ${i}`))
      }

      await judge(chain[11]!)
      await eventually(() => resumed.length === 5, 'all to be judged again')
      assert.deepEqual(resumed.map(([, outcome]) => outcome), ['accept', 'ignore', 'ignore', 'ignore', 'ignore'])
      assert.equal(rivals.length, 4)
      assert.equal(mostNested, 1)
    })

    it(`does not nest where ${MAX_ORPHANS} wait in a row`, async () => {
      for (let i = MAX_ORPHANS; i > 0; i--) {
        const peer = new Sender(`peer ${Math.floor(i / MAX_PEER_ORPHANS)}`)
        assert.equal(await judge(chain[11 + i]!, peer), 'held')
      }

      await judge(chain[11]!)
      await eventually(() => resumed.length === MAX_ORPHANS, 'all to be judged again')
      assert.equal(store.head.height, 11 + MAX_ORPHANS)
      assert.equal(mostNested, 1)
    })

    it('goes on with the others where one is refused or fails', async () => {
      await judge(chain[12]!)
      await judge(chain[13]!)
      ask = (block) => block.height === 12 ? 'reject' : 'accept'
      await judge(chain[11]!)
      await eventually(() => resumed.length === 1, 'it to be judged again')
      assert.deepEqual([resumed, intake.held], [[[12, 'reject']], 1])
      store.blocks.push(chain[12]!)
      intake.onGrown()
      await eventually(() => resumed.length === 2, 'the other to be judged again')
      assert.equal(store.head.height, 13)
    })
  })
})
