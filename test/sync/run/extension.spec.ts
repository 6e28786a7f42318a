import assert from 'node:assert/strict'
import { RequestError } from '../../../src/errors.ts'
import { ChainWriter } from '../../../src/sync/chain/chain-writer.ts'
import { FetchedBlock, FetchedFrame } from '../../../src/sync/download/fetched-block.ts'
import { Extension, MAX_APPEND_BLOCKS, MAX_APPEND_BYTES } from '../../../src/sync/run/extension.ts'
import { eventually, isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { growChain, MemoryChain, received } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import type { Session } from '../../../src/session/session.ts'
import type { ExtensionEnd, SentBlock } from '../../../src/sync/run/extension.ts'
import type { Batch } from '../../../src/sync/download/span.ts'
import type { ReceivedBlock } from '../../../src/types/chain.ts'

const chain = growChain(sampleChain(1), 2500, 'main')
const alice = { id: 'alice' } as Session
const bob = { id: 'bob' } as Session

/** A feed in the hands of the test. */
class FakeFeed {
  asked = 0
  left = false
  #waiting: PromiseWithResolvers<Batch | undefined> | undefined
  readonly #ready: (Batch | undefined | Error)[] = []

  give (blocks: ReceivedBlock[], peer = alice): this {
    return this.#push({ blocks, peer })
  }

  end (error?: Error): this {
    return this.#push(error)
  }

  async next (): Promise<Batch | undefined> {
    this.asked++
    assert.ok(!this.left && this.#waiting == null)

    if (this.#ready.length > 0) {
      const next = this.#ready.shift()

      if (next instanceof Error) {
        throw next
      }

      return next
    }

    this.#waiting = Promise.withResolvers()

    return this.#waiting.promise
  }

  async cancel (): Promise<void> {
    this.left = true
    this.#waiting?.reject(new Error('left'))
  }

  #push (next: Batch | undefined | Error): this {
    const waiting = this.#waiting
    this.#waiting = undefined

    if (waiting == null) {
      this.#ready.push(next)
    } else if (next instanceof Error) {
      waiting.reject(next)
    } else {
      waiting.resolve(next)
    }

    return this
  }
}

function blocks (start: number, end: number): ReceivedBlock[] {
  return chain.slice(start, end + 1).map(received)
}

describe('sync/run/extension', () => {
  let store: MemoryChain
  let feed: FakeFeed
  let appended: SentBlock[]
  let controller: AbortController

  beforeEach(() => {
    store = new MemoryChain(chain.slice(0, 1))
    feed = new FakeFeed()
    appended = []
    controller = new AbortController()
  })

  afterEach(() => {
    assert.ok(feed.left)
  })

  function create (): Extension {
    return new Extension({
      writer: new ChainWriter(store, new FakeClock()), feed, signal: controller.signal, onAppended: (blocks) => { appended.push(...blocks) }
    })
  }

  async function run (): Promise<ExtensionEnd> {
    return create().run()
  }

  it('ends early when asked to, after the write under way', async () => {
    const release = hold()
    const extension = create()
    const end = extension.run()
    feed.give(blocks(1, 3))
    await eventually(() => feed.asked === 2, 'the next question')
    extension.end()
    await turns(2)
    assert.ok(await isPending(end))
    release()
    assert.deepEqual(await end, { error: undefined, isMoved: false, invalid: undefined })
    assert.equal(store.head.height, 3)
  })

  /** Lets no write end until it is told to. */
  function hold (): () => void {
    const held = Promise.withResolvers<void>()
    store.append = async (given) => {
      await held.promise
      store.push(given)
    }

    return held.resolve
  }

  it('appends what the feed gives and says who sent what', async () => {
    feed.give(blocks(1, 3)).give(blocks(4, 5), bob).end()

    assert.deepEqual(await run(), { error: undefined, isMoved: false, invalid: undefined })
    assert.deepEqual(store.blocks, chain.slice(0, 6))
    assert.deepEqual(appended.map(({ peer, received }) => [peer.id, received.block.height]), [['alice', 1], ['alice', 2], ['alice', 3], ['bob', 4], ['bob', 5]])
  })

  for (const sharesMemory of [undefined, true, false]) {
    const isFreed = sharesMemory === false

    it(`${isFreed ? 'gives back' : 'leaves alone'} the memory of what was written where \`sharesMemory\` is ${sharesMemory}`, async () => {
      const fetched = chain.slice(1, 6).map((block) => {
        const bytes = new Uint8Array(100_000)

        return new FetchedBlock(block, bytes, new FetchedFrame(bytes, 1))
      })
      const sizes = (): number[] => fetched.map(({ bytes }) => bytes.byteLength)
      const seen: number[][] = []
      const release = hold()
      const append = store.append.bind(store)
      Object.assign(store, sharesMemory == null ? {} : { sharesMemory }, {
        append: async (given: readonly ReceivedBlock[]) => {
          await append(given)
          seen.push(sizes())
        }
      })
      feed.give(fetched.slice(0, 2))
      const done = run()
      await turns(2)
      feed.give(fetched.slice(2, 4)).give(fetched.slice(4)).end()
      release()
      await done

      const whole = Array.from(fetched, () => 100_000)
      assert.equal(store.head.height, 5)
      // what is written is whole, and so is the last block, which the next one would be checked against
      assert.deepEqual(seen, isFreed ? [whole, [0, ...whole.slice(1)]] : [whole, whole])
      assert.deepEqual(sizes(), isFreed ? [0, 0, 0, 0, 100_000] : whole)
      assert.deepEqual(appended.map(({ received }) => received.block.height), [1, 2, 3, 4, 5])
    })
  }

  it('appends what a slow chain has verified, goes on with the rest, and tells of each part', async () => {
    const clock = new FakeClock()
    store.verify = () => { clock.stall(100) }
    const parts: number[][] = []
    const extension = new Extension({
      writer: new ChainWriter(store, clock),
      feed,
      signal: controller.signal,
      onAppended: (blocks) => { parts.push(blocks.map(({ received }) => received.block.height)) }
    })
    feed.give(blocks(1, 4)).give(blocks(5, 7), bob).end()
    const end = extension.run()

    await eventually(() => {
      clock.stall(0)

      return feed.left
    }, 'the end')

    assert.deepEqual(await end, { error: undefined, isMoved: false, invalid: undefined })
    assert.deepEqual(parts, [[1, 2, 3], [4, 5, 6], [7]])
    assert.deepEqual(store.blocks, chain.slice(0, 8))
  })

  it('ends where there is nothing', async () => {
    feed.end()
    assert.deepEqual(await run(), { error: undefined, isMoved: false, invalid: undefined })
  })

  it('goes on receiving while a batch is written, and writes in one go what has come', async () => {
    const release = hold()
    feed.give(blocks(1, 2))
    const done = run()
    await turns(2)
    feed.give(blocks(3, 10))
    await turns(2)
    feed.give(blocks(11, 20), bob)
    await turns(2)
    release()
    feed.end()
    await done

    assert.deepEqual(store.appended.map((heights) => [heights[0], heights.at(-1)]), [[1, 2], [3, 20]])
  })

  it(`appends ${MAX_APPEND_BLOCKS} blocks at a time, and receives no more than that and a batch while it writes`, async () => {
    const release = hold()
    feed.give(blocks(1, 1)).give(blocks(2, 800)).give(blocks(801, 1600)).give(blocks(1601, 2400)).end()
    const done = run()
    await turns(3)
    assert.equal(feed.asked, 3)
    release()
    await done

    assert.deepEqual(store.appended.map(({ length }) => length), [1, MAX_APPEND_BLOCKS, MAX_APPEND_BLOCKS, 351])
  })

  it(`does not go on receiving where ${MAX_APPEND_BLOCKS} blocks wait`, async () => {
    const release = hold()
    feed.give(blocks(1, 1)).give(blocks(2, MAX_APPEND_BLOCKS)).give(blocks(1025, 1025)).give(blocks(1026, 1026)).end()
    const done = run()
    await turns(3)
    // one less, and then as many
    assert.equal(feed.asked, 3)
    release()
    await done
    assert.deepEqual(store.appended.map(({ length }) => length), [1, MAX_APPEND_BLOCKS, 1])
  })

  it(`appends ${MAX_APPEND_BYTES} bytes at a time, and one block that is larger`, async () => {
    const release = hold()
    const sized = (height: number, bytes: number): ReceivedBlock => ({ block: chain[height]!, bytes: new Uint8Array(bytes) })
    const half = MAX_APPEND_BYTES / 2
    feed.give(blocks(1, 1))
    feed.give([sized(2, half), sized(3, half), sized(4, 1), sized(5, MAX_APPEND_BYTES + 1), sized(6, 1)])
    feed.give(blocks(7, 7)).end()
    const done = run()
    await turns(3)
    assert.equal(feed.asked, 2)
    release()
    await done

    assert.deepEqual(store.appended, [[1], [2, 3], [4], [5], [6, 7]])
  })

  it('appends what came before the feed failed, and gives its error', async () => {
    const release = hold()
    const error = new RequestError('TIMEOUT', 'no luck')
    feed.give(blocks(1, 2)).give(blocks(3, 4)).end(error)
    const done = run()
    await turns(3)
    release()

    assert.deepEqual(await done, { error, isMoved: false, invalid: undefined })
    assert.equal(store.head.height, 4)
  })

  it('names the sender of an invalid block, and writes nothing after it', async () => {
    const release = hold()
    const bad = { ...received(chain[5]!), block: { ...chain[5]!, timestamp: 1 } }
    feed.give(blocks(1, 1)).give(blocks(2, 4)).give([bad, received(chain[6]!)], bob).give(blocks(7, 8))
    const done = run()
    await turns(4)
    release()
    const { invalid, isMoved, error } = await done

    assert.deepEqual([invalid?.peer, invalid?.height, invalid?.error.name, isMoved, error], [bob, 5, 'InvalidBlockError', false, undefined])
    assert.equal(store.head.height, 4)
    assert.deepEqual(appended.map(({ received }) => received.block.height), [1, 2, 3, 4])
  })

  it('ends where the tip has moved', async () => {
    feed.give(blocks(1, 2))
    const done = run()
    await eventually(() => store.head.height === 2, 'the first blocks')
    store.blocks.push(growChain(chain.slice(0, 3), 1, 'own')[3]!)
    feed.give(blocks(3, 4))

    assert.deepEqual(await done, { error: undefined, isMoved: true, invalid: undefined })
    assert.deepEqual(store.appended, [[1, 2]])
  })

  it('goes on where the tip has moved to one of its blocks', async () => {
    feed.give(blocks(1, 2))
    const done = run()
    await eventually(() => store.head.height === 2, 'the first blocks')
    store.blocks.push(chain[3]!)
    feed.give(blocks(3, 4)).end()

    assert.equal((await done).isMoved, false)
    assert.deepEqual(store.appended, [[1, 2], [4]])
    assert.equal(appended.length, 4)
  })

  it('throws where the chain fails', async () => {
    store.append = () => { throw new Error('disk full') }
    feed.give(blocks(1, 2))
    await assert.rejects(run(), { name: 'SyncError', code: 'STORE' })
  })

  it('ends when its signal is aborted, after the write under way', async () => {
    const release = hold()
    feed.give(blocks(1, 2)).give(blocks(3, 4))
    const done = run()
    await turns(2)
    controller.abort(new Error('no longer'))
    assert.ok(await isPending(done))
    release()
    feed.end(new Error('no longer'))
    await assert.rejects(done, { message: 'no longer' })
    assert.deepEqual(store.appended, [[1, 2]])
  })
})
