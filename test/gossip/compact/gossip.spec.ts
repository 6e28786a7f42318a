import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeSession } from '../../support/fake-session.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import { knownBodies, readEnvelope } from '../../../src/codec/envelope.ts'
import { digestOf } from '../../../src/codec/digest.ts'
import { FrameReader } from '../../../src/codec/frame.ts'
import { encodeBlock, encodeTransaction, writeItem } from '../../../src/codec/items/items.ts'
import { MAX_FRAME_BYTES } from '../../../src/codec/limits.ts'
import { decodeBody } from '../../../src/codec/message.ts'
import { FEATURES } from '../../../src/types/features.ts'
import { cutBlock } from '../../../src/codec/items/block-parts.ts'
import { shortIdHash } from '../../../src/gossip/compact/siphash.ts'
import { writeShortId } from '../../../src/gossip/compact/short-ids.ts'
import { MAX_TRANSACTION_ANSWER_BYTES, MAX_TRANSACTION_ANSWERS } from '../../../src/gossip/compact/compact-forms.ts'
import { FEWEST_WHOLE_BLOCKS } from '../../../src/gossip/compact/lacking-peers.ts'
import { MAX_PREFILLED_BYTES, SPREAD_MS } from '../../../src/gossip/compact/compact-form.ts'
import { WANT_DELAY_MS } from '../../../src/gossip/fetch/fetcher.ts'
import { Gossip } from '../../../src/gossip/gossip.ts'
import { systemChance } from '../../../src/util/chance.ts'
import type { CompactOutcome } from '../../../src/gossip/compact/types.ts'
import type { RequestInit } from '../../../src/session/requests.ts'
import type { Block, Transaction } from '../../../src/types/block.ts'
import type { CompactBlockMessage, MessageType, WireMessage } from '../../../src/types/message.ts'
import type { BlockTimeline } from '../../../src/types/timeline.ts'

const COUNT = 100

const transactions: Transaction[] = Array.from({ length: COUNT }, (_, index) => {
  return sampleTransaction({ nonce: BigInt(index), data: new Uint8Array(300) })
})

const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)
const transactionItems = transactions.map((transaction) => plain(encodeTransaction(transaction)))
const block: Block = sampleBlock({ transactions })
const item = plain(encodeBlock(block))

/** A session of a peer that takes compact blocks, and is asked for transactions. */
class CompactSession extends FakeSession {
  override features = FEATURES
  requests: (RequestInit & { indexes: number[] })[] = []

  async request (init: RequestInit): Promise<void> {
    init.send(1n)
    const { indexes } = this.messages('requestTransactions').at(-1)!
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    init.signal?.addEventListener('abort', () => { reject(init.signal?.reason as Error) })
    this.requests.push({
      ...init,
      indexes,
      onResponse: (body) => {
        const isLast = init.onResponse(body)
        resolve()

        return isLast
      }
    })

    await promise
  }

  /** What was sent of one kind. */
  messages<Type extends MessageType> (type: Type): Extract<WireMessage, { type: Type }>[] {
    return this.queue.filter((queued) => queued.type === type).map(({ frame }) => {
      const [body] = new FrameReader({ maxBytes: () => MAX_FRAME_BYTES }).cut(frame.slice())

      return decodeBody(type, readEnvelope(body!, knownBodies(FEATURES)).body)
    })
  }
}

/** The compact block that another node sends, which has had the transactions for a while. */
async function makeCompact (): Promise<CompactBlockMessage> {
  const clock = new FakeClock()
  const other = new Gossip({
    ...{ clock, chance: systemChance, maxFrameBytes: MAX_FRAME_BYTES, maxPeers: 2, importer: { judge: () => 'accept' } },
    ...{ onOutcome: () => {}, onRefused: () => {} }
  })
  const [from, to] = [new CompactSession('source'), new CompactSession('sink')]
  other.onReady(from.session)
  transactionItems.forEach((item) => { void other.onMessage('newTransaction', plain(writeItem(item)), from.session) })
  await clock.advance(SPREAD_MS)
  other.onReady(to.session)
  other.broadcast({ type: 'newBlock', block })
  const [message] = to.messages('compactBlock')
  other.stop()

  return message!
}

describe('gossip: compact blocks', () => {
  let message: CompactBlockMessage
  const made = (): CompactBlockMessage => ({ ...message })

  before(async () => { message = await makeCompact() })

  let clock: FakeClock
  let gossip: Gossip
  let judged: Uint8Array[]
  let compact: CompactOutcome[]
  let refused: string[]
  let timelines: BlockTimeline[]
  let sessions: Map<string, CompactSession>

  beforeEach(() => { create() })

  function create (): void {
    clock = new FakeClock()
    judged = []
    compact = []
    refused = []
    timelines = []
    sessions = new Map()
    gossip = new Gossip({
      clock,
      chance: systemChance,
      maxFrameBytes: MAX_FRAME_BYTES,
      maxPeers: 40,
      importer: {
        judge: ({ message, item }) => {
          if (message.type === 'newBlock') { judged.push(plain(item)) }

          return 'accept'
        }
      },
      onOutcome: () => {},
      onCompact: (outcome) => { compact.push(outcome) },
      onTimeline: (timeline) => { timelines.push(timeline()) },
      onRefused: (_type, { id }) => { refused.push(id) }
    })
  }

  afterEach(() => {
    gossip.stop()
    assert.equal(clock.pending, 0)
  })

  function ready (id: string, features = FEATURES): CompactSession {
    const session = new CompactSession(id, 'outbound')
    session.features = features
    sessions.set(id, session)
    gossip.onReady(session.session)

    return session
  }

  const sessionOf = (id: string): CompactSession => sessions.get(id)!

  /** Has the node get transactions from a peer. */
  async function learn (from: string, items = transactionItems): Promise<void> {
    items.forEach((item) => { void gossip.onMessage('newTransaction', plain(writeItem(item)), sessionOf(from).session) })
    // young ones would be prefilled
    await clock.advance(SPREAD_MS)
    sessions.forEach(({ queue }) => { queue.length = 0 })
  }

  function receive (from: string, message: CompactBlockMessage): void {
    void gossip.onCompactBlock(message, 1000, sessionOf(from).session)
  }

  describe('what goes out', () => {
    it('is compact for peers that take it, and whole for the others', async () => {
      const [alice, bob] = [ready('alice'), ready('bob', [])]
      await learn('alice')
      gossip.broadcast({ type: 'newBlock', block })

      assert.deepEqual([alice.types, bob.types], [['compactBlock'], ['newBlock']])
      assert.ok(alice.queue[0]!.frame.byteLength < item.byteLength / 20)
      assert.deepEqual(bob.queue[0]!.item, item)
    })

    it('is whole for peers that take other features alone', async () => {
      ready('alice', ['short-digests', 'peers'])
      await learn('alice')
      gossip.broadcast({ type: 'newBlock', block })
      assert.deepEqual(sessionOf('alice').types, ['newBlock'])
    })

    it('has in full what the node itself lacked, as far as that fits', async () => {
      ready('alice')
      await learn('alice', transactionItems.slice(2))
      gossip.broadcast({ type: 'newBlock', block })
      assert.deepEqual(sessionOf('alice').messages('compactBlock')[0]!.prefilled.map(({ index }) => index), [0, 1])
    })

    it('is whole where the node lacked most of it: peers would ask for it', () => {
      ready('alice')
      gossip.broadcast({ type: 'newBlock', block })
      assert.deepEqual(sessionOf('alice').types, ['newBlock'])
    })

    it('is compact where the node lacked little more than fits', async () => {
      ready('alice')
      await learn('alice', transactionItems.slice(30))
      gossip.broadcast({ type: 'newBlock', block })
      const [message] = sessionOf('alice').messages('compactBlock')
      const bytes = message!.prefilled.reduce((sum, { transaction }) => sum + transaction.byteLength, 0)
      assert.ok(bytes <= MAX_PREFILLED_BYTES && message!.prefilled.length < 30, `${bytes} bytes of ${message!.prefilled.length}`)
    })

    it(`is whole for a peer that has asked for most of a compact one, ${FEWEST_WHOLE_BLOCKS} times, and compact for others`, async () => {
      const [alice, bob] = [ready('alice'), ready('bob')]
      await learn('alice')
      const blocks = Array.from({ length: FEWEST_WHOLE_BLOCKS + 2 }, (_, height) => sampleBlock({ height, transactions }))
      gossip.broadcast({ type: 'newBlock', block: blocks[0]! })
      const digest = digestOf(encodeBlock(blocks[0]!))
      const most = Array.from({ length: COUNT / 2 + 2 }, (_, index) => index)
      gossip.onRequestTransactions({ type: 'requestTransactions', digest, indexes: most.slice(3) }, 1n, bob.session)
      gossip.onRequestTransactions({ type: 'requestTransactions', digest, indexes: most }, 1n, alice.session)
      blocks.slice(1).forEach((block) => { gossip.broadcast({ type: 'newBlock', block }) })
      const blocksOf = ({ types }: CompactSession): unknown[] => types.filter((type) => type !== 'responseTransactions')

      assert.deepEqual(blocksOf(alice), ['compactBlock', ...Array.from({ length: FEWEST_WHOLE_BLOCKS }, () => 'newBlock'), 'compactBlock'])
      assert.deepEqual(blocksOf(bob), blocks.map(() => 'compactBlock'))
    })

    it('is made compact once, for the first peer that is sent it', async () => {
      const [alice, bob] = [ready('alice'), ready('bob')]
      await learn('alice')
      gossip.broadcast({ type: 'newBlock', block })
      assert.equal(alice.queue[0]!.frame, bob.queue[0]!.frame)
    })

    it('is compact for who wants it so, and whole for who does not', async () => {
      ready('alice')
      await learn('alice')
      const others = ['a', 'b', 'c', 'd', 'e'].map((id) => ready(id))
      gossip.broadcast({ type: 'newBlock', block })
      const told = [sessionOf('alice'), ...others].filter(({ types }) => types.includes('have'))
      assert.equal(told.length, 3)
      gossip.onCompactWant([digestOf(item)], told[0]!.session)
      gossip.onWant([digestOf(item)], told[1]!.session)
      assert.deepEqual(told.map(({ types }) => types), [['have', 'compactBlock'], ['have', 'newBlock'], ['have']])
    })

    it('is whole, once, for a peer whose compact block came to nothing', async () => {
      const alice = ready('alice')
      await learn('alice')
      gossip.broadcast({ type: 'newBlock', block })
      gossip.onWant([digestOf(item)], alice.session)
      gossip.onWant([digestOf(item)], alice.session)
      gossip.onCompactWant([digestOf(item)], alice.session)
      assert.deepEqual(alice.types, ['compactBlock', 'newBlock'])
    })

    it('is taken back in the form in which it waits, where the peer has it', async () => {
      const alice = ready('alice')
      await learn('alice')
      gossip.broadcast({ type: 'newBlock', block })
      const { frame } = alice.queue[0]!
      gossip.onHave([digestOf(item)], alice.session)
      assert.deepEqual([alice.types, alice.cancelled], [[], [frame]])
    })
  })

  describe('questions for transactions', () => {
    const ask = (session: FakeSession, indexes: number[], digest = digestOf(item)): void => {
      gossip.onRequestTransactions({ type: 'requestTransactions', digest, indexes }, 5n, session.session)
    }

    beforeEach(async () => {
      ready('alice')
      await learn('alice')
      gossip.broadcast({ type: 'newBlock', block })
      sessionOf('alice').queue.length = 0
    })

    const answers = (): Uint8Array[][] => sessionOf('alice').messages('responseTransactions').map(({ transactions }) => transactions.map(plain))

    it('are answered with these, in the order of the question', () => {
      ask(sessionOf('alice'), [0, 17, COUNT - 1])
      assert.deepEqual(answers(), [[0, 17, COUNT - 1].map((index) => transactionItems[index]!)])
      assert.equal(sessionOf('alice').queue[0]!.priority, 'response')
    })

    it('are answered with none for an index beyond the block, and for another block', () => {
      ask(sessionOf('alice'), [0, COUNT])
      ask(sessionOf('alice'), [0], new Uint8Array(32))
      assert.deepEqual(answers(), [[], []])
    })

    it('are answered with none while too much waits for the peer', () => {
      sessionOf('alice').isBusy = true
      ask(sessionOf('alice'), [0])
      assert.deepEqual(answers(), [[]])
    })

    it(`are answered with ${MAX_TRANSACTION_ANSWER_BYTES} bytes, and with none where it would be a byte more`, () => {
      const least = encodeTransaction(sampleTransaction({ data: new Uint8Array(100_000) })).byteLength - 100_000
      const transactionOf = (bytes: number): Transaction => sampleTransaction({ data: new Uint8Array(bytes - least) })
      const half = MAX_TRANSACTION_ANSWER_BYTES / 2
      const large = sampleBlock({ height: 9, transactions: [transactionOf(half), transactionOf(half), transactionOf(half + 1)] })
      gossip.broadcast({ type: 'newBlock', block: large })
      const digest = digestOf(encodeBlock(large))
      ask(sessionOf('alice'), [0, 1], digest)
      ask(sessionOf('alice'), [1, 2], digest)
      const sums = answers().map((transactions) => transactions.reduce((sum, { byteLength }) => sum + byteLength, 0))
      assert.deepEqual(sums, [MAX_TRANSACTION_ANSWER_BYTES, 0])
    })

    it(`are answered ${MAX_TRANSACTION_ANSWERS} times for each peer, and then with none`, () => {
      for (let index = 0; index <= MAX_TRANSACTION_ANSWERS; index++) {
        ask(sessionOf('alice'), [index])
      }

      assert.deepEqual(answers().map(({ length }) => length), [...Array.from({ length: MAX_TRANSACTION_ANSWERS }, () => 1), 0])
      ask(ready('bob'), [0])
      assert.equal(sessionOf('bob').messages('responseTransactions')[0]!.transactions.length, 1)
    })
  })

  describe('what comes', () => {
    it('is put together, judged and sent on, without a question where nothing is missing', async () => {
      const [, bob] = [ready('alice'), ready('bob')]
      await learn('alice')
      receive('alice', made())
      assert.deepEqual([judged, compact, bob.types], [[item], ['complete'], ['compactBlock']])
      assert.deepEqual(timelines[0]!.compact, { at: clock.date(), bytes: 1000, prefilled: 0, asked: 0 })
      assert.equal(timelines[0]!.from, 'alice')
    })

    it('is handed on as it came where nothing is missing, and in another form where something is', async () => {
      for (const [known, isSame] of [[transactionItems, true], [transactionItems.slice(1), false]] as const) {
        const [alice, bob] = [ready('alice'), ready('bob')]
        await learn('alice', known)
        receive('alice', made())
        void alice.requests[0]?.onResponse(responseOf(transactionItems.slice(0, 1)))
        const [sent] = bob.messages('compactBlock')
        assert.deepEqual([sent!.nonce === message.nonce, sent!.shortIds.length === message.shortIds.length], [isSame, isSame])
        assert.equal(isDeepStrictEqual(sent, message), isSame)
        gossip.stop()
        create()
      }
    })

    it(`is not handed on as it came where more than ${MAX_PREFILLED_BYTES} bytes of it are in full, by one`, async () => {
      for (const more of [0, 1]) {
        const [, bob] = [ready('alice'), ready('bob')]
        const data = 10_000 - transactionItems[0]!.byteLength
        const large = [sampleTransaction({ nonce: 1000n, data: new Uint8Array(data) }), ...transactions]
        const size = encodeTransaction(large[0]!).byteLength
        large[0] = sampleTransaction({ nonce: 1000n, data: new Uint8Array(data + MAX_PREFILLED_BYTES - size + more) })
        const other = plain(encodeBlock(sampleBlock({ transactions: large })))
        await learn('alice')
        const { before, after, transactions: items } = cutBlock(other)!
        assert.equal(items[0]!.byteLength, MAX_PREFILLED_BYTES + more)
        const digest = digestOf(other)
        const hash = shortIdHash(digest, 1n)
        const shortIds = new Uint8Array(6 * COUNT)
        transactionItems.forEach((item, number) => {
          hash.digest(digestOf(item))
          writeShortId(shortIds, number, hash)
        })
        receive('alice', { type: 'compactBlock', digest, before, after, nonce: 1n, shortIds, prefilled: [{ index: 0, transaction: items[0]! }] })
        assert.deepEqual(compact, ['complete'])
        assert.equal(bob.messages('compactBlock')[0]?.nonce === 1n, more === 0)
        gossip.stop()
        create()
      }
    })

    it('is the same block for a node that has got it whole', async () => {
      ready('alice')
      await learn('alice')
      receive('alice', made())
      void gossip.onMessage('newBlock', plain(writeItem(item)), sessionOf('alice').session)
      assert.equal(judged.length, 1)
      receive('alice', made())
      assert.deepEqual([judged.length, compact], [1, ['complete']])
    })

    it('is asked for what is missing, and has that in full for the next peer', async () => {
      const [alice, bob] = [ready('alice'), ready('bob')]
      await learn('alice', transactionItems.slice(3))
      receive('alice', made())
      assert.deepEqual([alice.messages('requestTransactions').map(({ indexes }) => indexes), judged], [[[0, 1, 2]], []])

      void alice.requests[0]!.onResponse(responseOf(transactionItems.slice(0, 3)))
      assert.deepEqual([judged, compact], [[item], ['asked']])
      assert.deepEqual(bob.messages('compactBlock')[0]!.prefilled.map(({ index }) => index), [0, 1, 2])
      assert.deepEqual(timelines[0]!.compact?.asked, 3)
    })

    it('breaks the protocol where another number of transactions comes than was asked for', async () => {
      const alice = ready('alice')
      await learn('alice', transactionItems.slice(3))
      receive('alice', made())

      for (const count of [1, 2, 4]) {
        assert.throws(() => { void alice.requests[0]!.onResponse(responseOf(transactionItems.slice(0, count))) }, { name: 'ProtocolViolationError' })
      }
    })

    it('is wanted whole, of the peer that has sent it first, where it is another block', async () => {
      const [alice, bob] = [ready('alice'), ready('bob')]
      await learn('alice', transactionItems.slice(1))
      receive('alice', made())
      gossip.onHave([digestOf(item)], bob.session)
      assert.deepEqual(bob.types, [], 'nothing is asked while it is put together')
      void alice.requests[0]!.onResponse(responseOf([transactionItems[1]!]))
      assert.deepEqual([compact, judged, refused], [['failed'], [], []])

      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual(alice.messages('want').map(({ compact }) => compact), [undefined])
      assert.deepEqual(bob.messages('want'), [])
      void gossip.onMessage('newBlock', plain(writeItem(item)), alice.session)
      assert.deepEqual(judged, [item])
    })

    it('is wanted of another peer, in its compact form, where the first does not send what is missing', async () => {
      const [alice, bob] = [ready('alice'), ready('bob')]
      await learn('alice', transactionItems.slice(1))
      receive('alice', made())
      gossip.onHave([digestOf(item)], bob.session)
      await clock.advance(1000 + WANT_DELAY_MS)
      assert.deepEqual([alice.messages('want'), bob.messages('want').map(({ compact }) => compact)], [[], [true]])
      receive('bob', made())
      void bob.requests[0]!.onResponse(responseOf([transactionItems[0]!]))
      assert.deepEqual([judged, compact], [[item], ['failed', 'asked']])
    })

    it('is left when the block comes whole meanwhile', async () => {
      const [alice, bob] = [ready('alice'), ready('bob')]
      await learn('alice', transactionItems.slice(1))
      receive('alice', made())
      void gossip.onMessage('newBlock', plain(writeItem(item)), bob.session)
      assert.deepEqual([judged, alice.requests[0]!.signal!.aborted, gossip.usage.compactBlocks.items], [[item], true, 0])
      // alice has it too
      assert.deepEqual(alice.types, ['requestTransactions'])
    })

    it('is no block that can be decoded: it is refused like any other, and no more', async () => {
      ready('alice')
      await learn('alice')
      const broken = new Uint8Array(200).fill(0xff)
      receive('alice', { ...made(), digest: digestOf(broken), before: broken, after: new Uint8Array(0), shortIds: new Uint8Array(0), prefilled: [] })
      assert.deepEqual([refused, judged, compact], [['alice'], [], ['complete']])
    })

    it('throws for what can be no block', async () => {
      ready('alice')
      assert.throws(() => { receive('alice', { ...made(), shortIds: new Uint8Array(6 * 41_000) }) }, { name: 'DecodeError', rule: 'item-size' })
    })
  })

  describe('what is announced', () => {
    it('is asked for in its compact form of peers that have one', async () => {
      const [alice, bob] = [ready('alice'), ready('bob', [])]
      gossip.onHave([digestOf(item)], alice.session)
      gossip.onHave([digestOf(Uint8Array.of(1))], bob.session)
      await clock.advance(WANT_DELAY_MS)
      assert.deepEqual([...alice.messages('want'), ...bob.messages('want')].map(({ compact }) => compact), [true, undefined])
    })
  })
})

function responseOf (transactions: Uint8Array[]): Uint8Array {
  return Buffer.concat(transactions.map((transaction) => writeItem(transaction)))
}
