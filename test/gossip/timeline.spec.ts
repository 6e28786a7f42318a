import assert from 'node:assert/strict'
import { FakeSession } from '../support/fake-session.ts'
import { digestOf } from '../../src/codec/digest.ts'
import { encodeBlock, encodeTransaction, writeItem } from '../../src/codec/items/items.ts'
import { WANT_DELAY_MS, WANT_SLACK_MS } from '../../src/gossip/fetch/fetcher.ts'
import { WANT_TIMEOUT_MS } from '../../src/gossip/fetch/want-requests.ts'
import { MAX_WANTED_PER_PEER } from '../../src/gossip/fetch/wanted-items.ts'
import { Gossip } from '../../src/gossip/gossip.ts'
import { TRANSACTION_SAMPLE } from '../../src/gossip/timeline.ts'
import { ANNOUNCE_BYTES } from '../../src/gossip/send/distribution.ts'
import { bytesToHex } from '../../src/util/bytes.ts'
import { systemChance } from '../../src/util/chance.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import type { Block } from '../../src/types/block.ts'
import type { GossipInit, ItemImporter, RelayedType } from '../../src/gossip/types.ts'
import type { BlockSteps, BlockTimeline, TransactionTimeline } from '../../src/types/timeline.ts'

/** A clock whose time of day a test changes. */
class SetClock extends FakeClock {
  changedBy = 0

  override date (): number {
    return super.date() + this.changedBy
  }
}

const large = sampleBlock({ height: 7, proof: new Uint8Array(ANNOUNCE_BYTES) })
const largeItem = Uint8Array.from(encodeBlock(large))

describe('gossip/timeline', () => {
  let clock: SetClock
  let begun: number
  let sessions: Map<string, FakeSession>
  let timelines: BlockTimeline[]
  let judge: ItemImporter['judge']
  let gossip: Gossip

  beforeEach(() => {
    clock = new SetClock()
    begun = clock.date()
    timelines = []
    judge = () => 'accept'
    gossip = start({ onTimeline: (timeline) => { timelines.push(timeline()) } })
  })

  afterEach(() => {
    gossip.stop()
    assert.equal(clock.pending, 0)
  })

  function start (init: Pick<GossipInit, 'onTimeline' | 'onTransactionTimeline' | 'hasTransactionTimelines'>): Gossip {
    const started = new Gossip({
      ...{ clock, chance: systemChance, maxFrameBytes: 64 * 1024, maxPeers: 40, onOutcome: () => {}, onRefused: () => assert.fail() },
      importer: { judge: (received) => judge(received) },
      ...init
    })
    sessions = new Map(['alice', 'bob', 'carol'].map((id) => [id, new FakeSession(id, 'inbound')]))
    sessions.forEach(({ session }) => { started.onReady(session) })

    return started
  }

  function have (from: string, ...items: Uint8Array[]): void {
    gossip.onHave(items.map(digestOf), sessions.get(from)!.session)
  }

  function receive (from: string, item: Uint8Array, type: RelayedType = 'newBlock'): Promise<void> | undefined {
    return gossip.onMessage(type, Uint8Array.from(writeItem(item)), sessions.get(from)!.session)
  }

  /** The only timeline that there is, without what is the same in all. */
  function only (): Omit<BlockTimeline, 'height' | 'hash' | 'transactions' | 'bytes'> {
    assert.equal(timelines.length, 1)
    const { height, hash, transactions, bytes, ...steps } = timelines[0]!
    assert.deepEqual([height, hash, transactions, bytes], [7, bytesToHex(large.hash), large.transactions.length, largeItem.byteLength])

    return steps
  }

  it('has the first announcement, the request that brought the block, and all that followed', async () => {
    judge = async ({ steps }) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      clock.setTimeout(resolve, 8)
      await promise
      steps!.judged = clock.now()
      clock.setTimeout(() => { steps!.appended = clock.now() }, 5)

      return new Promise((resolve) => { clock.setTimeout(() => { resolve('accept') }, 6) })
    }
    have('alice', largeItem)
    await clock.advance(10)
    have('bob', largeItem)
    await clock.advance(WANT_DELAY_MS + 10)
    const done = receive('alice', largeItem)
    await clock.advance(20)
    await done
    const received = begun + WANT_DELAY_MS + 20

    assert.deepEqual(only(), {
      from: 'alice',
      announced: { at: begun, peer: 'alice' },
      asked: { at: begun + WANT_DELAY_MS, peer: 'alice' },
      received: { at: received, peer: 'alice' },
      judged: received + 8,
      appended: received + 13,
      relayed: { at: received + 14, peers: 1 }
    })
    assert.deepEqual(JSON.parse(JSON.stringify(timelines[0])), timelines[0])
  })

  it('has no request where another peer sends the block than the one that was asked', async () => {
    have('alice', largeItem)
    await clock.advance(WANT_DELAY_MS)
    void receive('bob', largeItem)
    const at = begun + WANT_DELAY_MS

    assert.deepEqual(only(), {
      from: 'bob', announced: { at: begun, peer: 'alice' }, received: { at, peer: 'bob' }, judged: at, relayed: { at, peers: 1 }
    })
  })

  it('has neither announcement nor request of a block that was pushed', () => {
    void receive('alice', largeItem)

    assert.deepEqual(only(), {
      from: 'alice', received: { at: begun, peer: 'alice' }, judged: begun, relayed: { at: begun, peers: 2 }
    })
  })

  for (const outcome of ['ignore', 'reject', 'known', 'held'] as const) {
    it(`there is none of a block whose outcome is ${outcome}`, () => {
      judge = () => outcome
      void receive('alice', largeItem)
      assert.deepEqual(timelines, [])
    })
  }

  it('goes on where it was when a block that was held is judged once more', async () => {
    let held: BlockSteps | undefined
    judge = ({ steps }) => {
      held = steps
      return 'held'
    }
    have('alice', largeItem)
    await clock.advance(WANT_DELAY_MS)
    void receive('alice', largeItem)
    await clock.advance(100)
    judge = () => 'accept'
    void gossip.release({ message: { type: 'newBlock', block: large }, item: largeItem, from: sessions.get('alice')!.session, steps: held })
    const asked = begun + WANT_DELAY_MS

    assert.deepEqual(only(), {
      from: 'alice',
      announced: { at: begun, peer: 'alice' },
      asked: { at: asked, peer: 'alice' },
      received: { at: asked, peer: 'alice' },
      judged: asked + 100,
      relayed: { at: asked + 100, peers: 2 }
    })
  })

  describe('of a transaction', () => {
    let ways: TransactionTimeline[]
    let isUsed: boolean

    beforeEach(() => {
      ways = []
      isUsed = true
      gossip.stop()
      gossip = start({
        onTransactionTimeline: (timeline) => { ways.push(timeline()) }, hasTransactionTimelines: () => isUsed
      })
    })

    /** Transactions whose digests have these first bytes. */
    const itemOf = (fits: (first: number) => boolean): { item: Uint8Array, id: string } => {
      for (let nonce = 0n; ; nonce++) {
        const transaction = sampleTransaction({ nonce })
        const item = Uint8Array.from(encodeTransaction(transaction))

        if (fits(digestOf(item)[0]!)) {
          return { item, id: bytesToHex(transaction.id) }
        }
      }
    }

    it('is there for 1 in 64, by the digest, with all steps', async () => {
      const { item, id } = itemOf((first) => first === TRANSACTION_SAMPLE)
      judge = async () => new Promise((resolve) => { clock.setTimeout(() => { resolve('accept') }, 6) })
      have('alice', item)
      await clock.advance(WANT_DELAY_MS + 5)
      const done = receive('alice', item, 'newTransaction')
      await clock.advance(6)
      await done
      const received = begun + WANT_DELAY_MS + 5

      assert.deepEqual(ways, [{
        id,
        bytes: item.byteLength,
        from: 'alice',
        announced: { at: begun, peer: 'alice' },
        asked: { at: begun + WANT_DELAY_MS, peer: 'alice' },
        received: { at: received, peer: 'alice' },
        judged: received + 6,
        relayed: { at: received + 6, peers: 2 }
      }])
    })

    it('is not there for the others, nor for one that is not accepted', () => {
      void receive('alice', itemOf((first) => first % TRANSACTION_SAMPLE !== 0).item, 'newTransaction')
      judge = () => 'ignore'
      void receive('alice', itemOf((first) => first % TRANSACTION_SAMPLE === 0).item, 'newTransaction')
      assert.deepEqual(ways, [])
    })

    it('is not noted where there is no use for it', () => {
      isUsed = false
      let asked = 0
      const now = clock.now.bind(clock)
      clock.now = () => {
        asked++
        return now()
      }
      void receive('alice', itemOf((first) => first % TRANSACTION_SAMPLE !== 0).item, 'newTransaction')
      const before = asked
      void receive('alice', itemOf((first) => first === 0).item, 'newTransaction')
      clock.now = now
      assert.deepEqual([ways, asked - before], [[], before])
    })
  })

  it('is right when the application gives the memory of the block away', () => {
    judge = ({ item }) => {
      structuredClone(item, { transfer: [item.buffer] })
      return 'accept'
    }
    void receive('alice', largeItem)
    assert.deepEqual(only().relayed, { at: begun, peers: 0 })
  })

  it('has how many transactions a block has, and makes none of them', () => {
    const block = sampleBlock({ transactions: [sampleTransaction({ nonce: 1n }), sampleTransaction({ nonce: 1n })] })
    const item = Uint8Array.from(encodeBlock(block))
    let given: Block | undefined
    judge = ({ message }) => {
      given = message.type === 'newBlock' ? message.block : undefined
      return 'accept'
    }
    void receive('alice', item)
    assert.equal(timelines[0]!.transactions, 2)
    // an integer is no view of the bytes: it shows when it was read
    const content = Buffer.from(given!.hash.buffer)
    content[content.indexOf(Uint8Array.of(5 << 3, 1, 6 << 3)) + 1] = 7
    assert.equal(given!.transactions[0]!.nonce, 7n)
  })

  it('keeps the time between steps when the time of day changes', async () => {
    have('alice', largeItem)
    await clock.advance(10)
    clock.changedBy = -3_600_000
    void receive('alice', largeItem)
    const { announced, received, relayed } = only()

    assert.deepEqual([received.at - announced!.at, relayed.at], [10, begun + 10 - 3_600_000])
  })

  it('is not made for a listener that has no use for it', () => {
    gossip.stop()
    const given: (() => BlockTimeline)[] = []
    gossip = start({ onTimeline: (timeline) => { given.push(timeline) } })
    clock.date = () => assert.fail('made')
    void receive('alice', largeItem)
    assert.equal(given.length, 1)
  })

  it(`has the announcement until ${WANT_TIMEOUT_MS} ms after the request, and not after that`, async () => {
    const end = WANT_DELAY_MS + WANT_TIMEOUT_MS

    for (const [wait, isThere] of [[end - WANT_SLACK_MS - 1, true], [end, false]] as const) {
      timelines = []
      gossip.stop()
      gossip = start({ onTimeline: (timeline) => { timelines.push(timeline()) } })
      have('alice', largeItem)
      await clock.advance(wait)
      void receive('alice', largeItem)
      assert.equal(only().announced != null, isThere, `after ${wait} ms`)
    }
  })

  it(`has the announcement of the ${MAX_WANTED_PER_PEER} items of a peer that the node waits for, and of none beyond`, () => {
    const items = Array.from({ length: MAX_WANTED_PER_PEER + 1 }, (_, i) => {
      return Uint8Array.from(encodeBlock(sampleBlock({ height: i + 1, hash: sampleHash(`${i}`) })))
    })
    have('alice', ...items)
    void receive('bob', items.at(-1)!)
    void receive('bob', items.at(-2)!)

    assert.deepEqual(timelines.map(({ height, announced }) => [height, announced?.peer]), [
      [MAX_WANTED_PER_PEER + 1, undefined], [MAX_WANTED_PER_PEER, 'alice']
    ])
  })
})
