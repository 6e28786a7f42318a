import assert from 'node:assert/strict'
import { Assembler } from '../../../src/gossip/compact/assembler.ts'
import { createCompactForm } from '../../../src/gossip/compact/compact-form.ts'
import {
  ASSEMBLER_BOUNDS, FAILED_COMPACT_BLOCK_MS, MAX_ASSEMBLIES, MAX_ASSEMBLIES_PER_PEER, MAX_FAILED_COMPACT_BLOCKS, MAX_SOURCES,
  MAX_WHOLE_WANTS, NEXT_SOURCE_MS, TRANSACTIONS_TIMEOUT_MS, WHOLE_WANTS_TTL_MS, WholeWants
} from '../../../src/gossip/compact/pending.ts'
import {
  INBOUND_HASHES_PER_SECOND, MAX_INBOUND_HASHES, MAX_PEER_HASHES, PEER_HASHES_PER_SECOND
} from '../../../src/gossip/compact/room.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { FrameReader } from '../../../src/codec/frame.ts'
import { encodeBlock, encodeTransaction } from '../../../src/codec/items/items.ts'
import { MAX_FRAME_BYTES, maxItemBytes } from '../../../src/codec/limits.ts'
import { decodeMessage } from '../../../src/codec/message.ts'
import { MAX_ANNOUNCERS } from '../../../src/gossip/fetch/announcer.ts'
import { WANT_HOLD_MS, WANT_PROGRESS_BYTES } from '../../../src/gossip/fetch/want-requests.ts'
import { systemChance } from '../../../src/util/chance.ts'
import { FEATURES } from '../../../src/types/features.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeSession } from '../../support/fake-session.ts'
import { turns } from '../../support/eventually.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import type { AssembledBlock, AssemblerInit, CompactOutcome, ReceivedCompact, TransactionsQuestion } from '../../../src/gossip/compact/types.ts'
import type { KnownTransaction } from '../../../src/gossip/compact/assembly.ts'
import type { CompactBlockMessage } from '../../../src/types/message.ts'

const COUNT = 100

const TRANSACTIONS = Array.from({ length: COUNT }, (_, index) => sampleTransaction({ nonce: BigInt(index), data: new Uint8Array(300) }))
const KNOWN: KnownTransaction[] = TRANSACTIONS.map((transaction) => {
  const item = new Uint8Array(encodeTransaction(transaction))

  return { digest: digestKeyOf(item), item }
})

/** A block of these transactions, and its compact form. */
function blockOf (height: number): { key: string, item: Uint8Array, message: (nonce?: bigint) => CompactBlockMessage } {
  const item = new Uint8Array(encodeBlock(sampleBlock({ height, transactions: TRANSACTIONS })))
  const key = digestKeyOf(item)
  const message = (nonce = 1n): CompactBlockMessage => {
    const frame = createCompactForm({ item, key, nonce, ageOf: () => Infinity })!
    const [body] = new FrameReader({ maxBytes: () => MAX_FRAME_BYTES }).cut(frame)

    return decodeMessage(body!, FEATURES).message as CompactBlockMessage
  }

  return { key, item, message }
}

describe('gossip/compact/assembler', () => {
  const block = blockOf(7)
  let clock: FakeClock
  let known: KnownTransaction[]
  let questions: (TransactionsQuestion & { reject: (err: Error) => void })[]
  let assembled: AssembledBlock[]
  let failed: [key: string, holders: readonly string[]][]
  let withheld: string[]
  let outcomes: CompactOutcome[]
  let received: Record<string, number>
  let ends: string[]
  let assembler: Assembler

  beforeEach(() => {
    clock = new FakeClock()
    known = KNOWN.slice(2)
    questions = []
    assembled = []
    failed = []
    withheld = []
    outcomes = []
    received = {}
    ends = []
    assembler = create()
  })

  function create (init: Partial<AssemblerInit> = {}): Assembler {
    return new Assembler({
      clock,
      chance: systemChance,
      maxItemBytes: maxItemBytes(MAX_FRAME_BYTES),
      known: () => known,
      ask: (question) => new Promise((_resolve, reject) => {
        questions.push({ ...question, reject })
        question.signal.addEventListener('abort', () => { reject(question.signal.reason as Error) })
      }),
      receivedFrom: (id) => received[id] ?? 0,
      endWait: (_key, id) => { ends.push(`the wait, with ${id}`); return undefined },
      noteAnswer: (_key, id) => { ends.push(`the question to ${id}`) },
      onAssembled: (block) => {
        assembled.push(block)

        return undefined
      },
      onFailed: (key, holders) => { failed.push([key, holders]) },
      onWithheld: ({ id }) => { withheld.push(id) },
      onOutcome: (outcome) => { outcomes.push(outcome) },
      ...init
    })
  }

  const sessions = new Map<string, FakeSession>()
  const sessionOf = (id: string): FakeSession['session'] => {
    sessions.set(id, sessions.get(id) ?? new FakeSession(id))

    return sessions.get(id)!.session
  }

  beforeEach(() => { sessions.clear() })

  const compactOf = (id: string, { of = block, ...given }: Partial<ReceivedCompact> & { of?: typeof block } = {}): ReceivedCompact => {
    return { key: of.key, message: of.message(), bytes: 1000, from: sessionOf(id), ...given }
  }

  const take = (...given: Parameters<typeof compactOf>): void => { void assembler.take(compactOf(...given)) }

  const MISSING = KNOWN.slice(0, 2).map(({ item }) => item)
  const answer = (question: number, items = MISSING): void => { questions[question]!.onTransactions(items) }

  it('puts a block together without a question where nothing is missing', () => {
    known = KNOWN
    take('alice')

    assert.deepEqual([questions.length, outcomes, failed], [0, ['complete'], []])
    assert.ok(Buffer.from(assembled[0]!.item).equals(block.item))
    assert.deepEqual([assembled[0]!.from.id, assembled[0]!.facts], ['alice', { at: clock.now(), bytes: 1000, prefilled: 0, asked: 0 }])
    assert.deepEqual([assembler.usage.items, assembler.usage.bytes, assembler.has(block.key)], [0, 0, false])
  })

  it('asks the peer for what is missing', async () => {
    take('alice')
    assert.deepEqual([questions.map(({ session, indexes }) => [session.id, indexes]), assembler.has(block.key)], [[['alice', [0, 1]]], true])
    assert.deepEqual(assembler.usage, { items: 1, maxItems: MAX_ASSEMBLIES, bytes: 1000, maxBytes: ASSEMBLER_BOUNDS.bytes })

    answer(0)
    assert.ok(Buffer.from(assembled[0]!.item).equals(block.item))
    assert.deepEqual([outcomes, assembled[0]!.facts.asked, assembler.usage.items, assembler.usage.bytes], [['asked'], 2, 0, 0])
    await clock.advance(60_000)
    assert.deepEqual([failed, withheld], [[], []])
  })

  it('counts a block until it is judged, with its bytes', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    assembler = create({ onAssembled: () => promise })
    known = KNOWN
    const taken = assembler.take(compactOf('alice'))
    assert.deepEqual([assembler.usage.items, assembler.usage.bytes, assembler.has(block.key)], [1, block.item.byteLength, false])

    resolve()
    await taken
    assert.deepEqual([assembler.usage.items, assembler.usage.bytes], [0, 0])
  })

  it('wants the whole block of the peer first where it turns out to be another one', () => {
    take('alice')
    assembler.noteHolder(block.key, 'bob')
    answer(0, KNOWN.slice(2, 4).map(({ item }) => item))

    assert.deepEqual([failed, withheld, outcomes], [[[block.key, ['alice', 'bob']]], [], ['failed']])
    assert.deepEqual([assembler.isWhole(block.key, 'alice'), assembler.isWhole(block.key, 'bob')], [true, false])
    assert.deepEqual([assembler.usage.items, assembler.usage.bytes], [0, 0])
  })

  it('wants the whole block where the peer does not have it any more, and where it cannot be asked', async () => {
    take('alice')
    answer(0, [])
    assert.deepEqual([failed.length, withheld], [1, []])

    take('bob')
    questions[1]!.reject(new Error('closed'))
    await turns(2)
    assert.deepEqual([failed.length, withheld], [2, []])
  })

  it(`gives a peer up that sends nothing for ${TRANSACTIONS_TIMEOUT_MS} ms, and not before`, async () => {
    take('alice')
    await clock.advance(TRANSACTIONS_TIMEOUT_MS - 1)
    await turns(2)
    assert.deepEqual([failed, withheld], [[], []])

    await clock.advance(1)
    await turns(2)
    assert.deepEqual([failed, withheld, outcomes], [[[block.key, ['alice']]], ['alice'], ['failed']])
    answer(0)
    assert.equal(assembled.length, 0, 'too late')
  })

  it('waits for a peer that is sending, but not for ever', async () => {
    take('alice')

    for (let waited = 0; waited < WANT_HOLD_MS; waited += NEXT_SOURCE_MS) {
      received['alice'] = (received['alice'] ?? 0) + WANT_PROGRESS_BYTES
      await clock.advance(NEXT_SOURCE_MS)
    }

    await turns(2)
    assert.deepEqual(withheld, [])

    for (let waited = 0; waited < TRANSACTIONS_TIMEOUT_MS; waited += NEXT_SOURCE_MS) {
      received['alice']! += WANT_PROGRESS_BYTES
      await clock.advance(NEXT_SOURCE_MS)
    }

    await turns(2)
    assert.deepEqual(withheld, ['alice'])
  })

  it('does not wait for a peer that sends a byte less than that', async () => {
    take('alice')
    received['alice'] = WANT_PROGRESS_BYTES - 1
    await clock.advance(TRANSACTIONS_TIMEOUT_MS)
    await turns(2)
    assert.deepEqual(withheld, ['alice'])
  })

  it(`asks the next peer that has sent a compact block after ${NEXT_SOURCE_MS} ms, and takes the first good answer`, async () => {
    take('alice')
    take('bob', { message: block.message(2n) })
    assert.equal(questions.length, 1)
    await clock.advance(NEXT_SOURCE_MS - 1)
    assert.equal(questions.length, 1)
    await clock.advance(1)
    assert.deepEqual(questions.map(({ session }) => session.id), ['alice', 'bob'])

    answer(1)
    assert.deepEqual([assembled[0]!.from.id, assembled[0]!.holders, questions[0]!.signal.aborted], ['bob', ['alice', 'bob'], true])
    assert.deepEqual([withheld, failed], [[], []])
  })

  it('asks the next peer at once where the first one fails', () => {
    take('alice')
    take('bob')
    answer(0, [])
    assert.deepEqual([questions.map(({ session }) => session.id), failed], [['alice', 'bob'], []])
    answer(1)
    assert.equal(assembled[0]!.from.id, 'bob')
  })

  it(`has those asked that have announced the block after ${NEXT_SOURCE_MS} ms, and not before`, async () => {
    take('alice')
    assembler.noteHolder(block.key, 'bob')
    await clock.advance(NEXT_SOURCE_MS - 1)
    assert.deepEqual(failed, [])
    await clock.advance(1)
    assert.deepEqual([failed, assembler.has(block.key)], [[[block.key, ['bob']]], true])
    assert.equal(assembler.noteHolder(block.key, 'carol'), false, 'she is asked like any other')

    answer(0)
    assert.deepEqual([assembled[0]!.from.id, assembled[0]!.wanted, failed.length], ['alice', undefined, 1])
  })

  it('does not have them asked while the peer is sending', async () => {
    take('alice')
    assembler.noteHolder(block.key, 'bob')
    received['alice'] = WANT_PROGRESS_BYTES
    await clock.advance(NEXT_SOURCE_MS)
    assert.deepEqual(failed, [])
    await clock.advance(NEXT_SOURCE_MS)
    assert.equal(failed.length, 1)
  })

  it('leaves the wait for a block alone where a compact one has come to nothing before', async () => {
    take('alice')
    assert.deepEqual(ends, ['the wait, with alice'])
    answer(0, [])
    take('bob')
    assert.deepEqual([ends[1], assembler.noteHolder(block.key, 'carol')], ['the question to bob', false])
    await clock.advance(TRANSACTIONS_TIMEOUT_MS)
    await turns(2)
    assert.deepEqual(failed, [[block.key, ['alice']], [block.key, ['bob']]])
    take('dave', { of: blockOf(8) })
    assert.equal(ends[2], 'the wait, with dave')
  })

  it('is done without an answer where the compact block of another peer lacks nothing', () => {
    take('alice')
    known = KNOWN
    take('bob')
    assert.deepEqual([assembled[0]!.from.id, questions[0]!.signal.aborted, outcomes], ['bob', true, ['complete']])
  })

  it('leaves a block that has come whole', () => {
    take('alice')
    take('bob')
    assert.deepEqual(assembler.cancel(block.key), { wanted: undefined, holders: ['alice', 'bob'] })
    assert.deepEqual([assembler.has(block.key), questions[0]!.signal.aborted, assembler.usage.bytes], [false, true, 0])
    answer(0)
    assert.deepEqual([assembled.length, assembler.cancel(block.key)], [0, undefined])
  })

  it('throws for a compact block that can be no block, and keeps nothing of it', () => {
    const message = { ...block.message(), shortIds: new Uint8Array(6 * 41_000) }
    assert.throws(() => { take('alice', { message }) }, { name: 'DecodeError', rule: 'item-size' })
    assert.equal(assembler.usage.items, 0)
  })

  it('takes the same compact block of the same peer once', () => {
    take('alice')
    take('alice')
    assert.deepEqual([questions.length, outcomes, assembler.usage.bytes], [1, ['unused'], 1000])
  })

  it(`tries ${MAX_SOURCES} compact blocks of one block, and takes further ones for announcements`, () => {
    for (let index = 0; index <= MAX_SOURCES; index++) {
      take(`peer ${index}`)
    }

    assert.deepEqual([outcomes, assembler.usage.bytes, failed], [['unused'], MAX_SOURCES * 1000, []])
    answer(0)
    assert.equal(assembled[0]!.holders.length, MAX_SOURCES + 1)
  })

  it(`has ${MAX_ASSEMBLIES_PER_PEER} blocks of a peer under way, and wants the next one whole`, () => {
    const blocks = Array.from({ length: MAX_ASSEMBLIES_PER_PEER + 1 }, (_, index) => blockOf(index))
    blocks.forEach((of) => { take('alice', { of }) })

    assert.deepEqual([assembler.usage.items, outcomes, failed], [MAX_ASSEMBLIES_PER_PEER, ['unused'], [[blocks.at(-1)!.key, ['alice']]]])
    assert.equal(assembler.isWhole(blocks.at(-1)!.key, 'alice'), true)
    take('bob', { of: blocks.at(-1)! })
    assert.equal(assembler.usage.items, MAX_ASSEMBLIES_PER_PEER + 1)
  })

  it(`has ${MAX_ASSEMBLIES} blocks under way, and wants the next one whole`, () => {
    for (let index = 0; index <= MAX_ASSEMBLIES; index++) {
      take(`peer ${index}`, { of: blockOf(index) })
    }

    assert.deepEqual([assembler.usage.items, outcomes, failed.length], [MAX_ASSEMBLIES, ['unused'], 1])
  })

  it('has so many bytes under way, and wants a block whole that would be a byte too much', () => {
    assembler = create({ bounds: { ...ASSEMBLER_BOUNDS, bytes: 3000 } })
    take('alice')
    take('bob', { of: blockOf(1), bytes: 2001 })
    assert.deepEqual([assembler.usage.bytes, failed.length], [1000, 1])
    take('carol', { of: blockOf(1), bytes: 2000 })
    assert.deepEqual([assembler.usage.bytes, failed.length], [3000, 1])
  })

  it(`wants whole blocks of a peer of which ${MAX_FAILED_COMPACT_BLOCKS} compact ones came to nothing, until some time has passed`, async () => {
    for (let index = 0; index < MAX_FAILED_COMPACT_BLOCKS; index++) {
      take('alice', { of: blockOf(index) })
      answer(index, [])
    }

    take('alice')
    assert.deepEqual([questions.length, outcomes.at(-1)], [MAX_FAILED_COMPACT_BLOCKS, 'unused'])
    await clock.advance(FAILED_COMPACT_BLOCK_MS)
    take('alice', { of: blockOf(100) })
    assert.equal(questions.length, MAX_FAILED_COMPACT_BLOCKS + 1)
  })

  describe('with a pool as large as there may be', () => {
    const POOL = 16_384
    const [PEER_POOLS, INBOUND_POOLS] = [MAX_PEER_HASHES / POOL, MAX_INBOUND_HASHES / POOL]
    let height = 0

    beforeEach(() => { known = Array.from({ length: POOL }, () => KNOWN[0]!) })

    /** A compact block that costs a hash of all of it, and comes to something. True where it was taken. */
    const costly = (from: FakeSession['session']): boolean => {
      const before = questions.length
      void assembler.take({ ...compactOf('', { of: blockOf(++height) }), from })
      questions[before]?.onTransactions(KNOWN.slice(1).map(({ item }) => item))

      return outcomes.at(-1) === 'asked'
    }

    it(`hashes it ${PEER_POOLS} times for one peer, then wants whole blocks of it, until some time has passed`, async () => {
      const taken = Array.from({ length: PEER_POOLS + 1 }, () => costly(sessionOf('alice')))
      assert.deepEqual(taken, taken.map((_, index) => index < PEER_POOLS))
      assert.deepEqual([failed.length, costly(sessionOf('bob'))], [1, true])
      await clock.advance(POOL / PEER_HASHES_PER_SECOND * 1000)
      assert.deepEqual([costly(sessionOf('alice')), costly(sessionOf('alice'))], [true, false])
    })

    it(`hashes it ${INBOUND_POOLS} times for all inbound peers, whatever these are, and goes on for an outbound one`, async () => {
      const taken = Array.from({ length: INBOUND_POOLS + 1 }, (_, index) => costly(sessionOf(`peer ${index % 8}`)))
      assert.deepEqual(taken, taken.map((_, index) => index < INBOUND_POOLS))
      assert.equal(costly(new FakeSession('alice', 'outbound').session), true)
      await clock.advance(Math.floor(POOL / INBOUND_HASHES_PER_SECOND * 1000))
      assert.deepEqual([costly(sessionOf('bob')), costly(sessionOf('carol'))], [true, false])
    })
  })

  it('wants the whole block of a peer whose compact one came to nothing, whatever it sends', () => {
    take('alice')
    answer(0, [])
    take('alice')
    assert.deepEqual([questions.length, failed.length, outcomes], [1, 2, ['failed', 'unused']])
  })

  it(`remembers ${MAX_ANNOUNCERS} peers that have a block`, () => {
    take('alice')
    const ids = Array.from({ length: MAX_ANNOUNCERS + 1 }, (_, index) => `other ${index}`)
    assert.deepEqual(new Set(ids.map((id) => assembler.noteHolder(block.key, id))), new Set([true]))
    answer(0, [])
    assert.equal(failed[0]![1].length, 1 + MAX_ANNOUNCERS)
    assert.equal(assembler.noteHolder(block.key, 'bob'), false)
  })

  it('forgets all when it stops', async () => {
    take('alice')
    assembler.stop()
    assert.deepEqual([assembler.usage.items, assembler.usage.bytes, questions[0]!.signal.aborted], [0, 0, true])
    await clock.advance(60_000)
    assert.deepEqual([failed, withheld], [[], []])
  })

  describe('wants of whole blocks', () => {
    it(`count for ${WHOLE_WANTS_TTL_MS} ms`, async () => {
      const wants = new WholeWants(clock)
      wants.add('key', 'alice')
      await clock.advance(WHOLE_WANTS_TTL_MS - 1)
      assert.deepEqual([wants.has('key', 'alice'), wants.hasAny('key'), wants.hasAny('other')], [true, true, false])
      await clock.advance(1)
      assert.deepEqual([wants.has('key', 'alice'), wants.hasAny('key')], [false, false])
    })

    it(`are at most ${MAX_WHOLE_WANTS}: the oldest makes room`, () => {
      const wants = new WholeWants(clock)
      Array.from({ length: MAX_WHOLE_WANTS + 1 }, (_, index) => { wants.add('key', String(index)) })
      assert.deepEqual([wants.size, wants.has('key', '0'), wants.has('key', '1')], [MAX_WHOLE_WANTS, false, true])
    })
  })
})
