import assert from 'node:assert/strict'
import { Assembly } from '../../../src/gossip/compact/assembly.ts'
import {
  createCompactForm, MAX_PREFILLED_BYTES, MIN_SAMPLED_KNOWN, MIN_TRANSACTIONS_TO_SAMPLE, SAMPLED_TRANSACTIONS, SPREAD_MS
} from '../../../src/gossip/compact/compact-form.ts'
import { digestToKey } from '../../../src/gossip/digest-key.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { FrameReader } from '../../../src/codec/frame.ts'
import { encodeBlock, encodeTransaction } from '../../../src/codec/items/items.ts'
import { MAX_FRAME_BYTES, maxItemBytes } from '../../../src/codec/limits.ts'
import { decodeMessage } from '../../../src/codec/message.ts'
import { FEATURES } from '../../../src/types/features.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import type { KnownTransaction } from '../../../src/gossip/compact/assembly.ts'
import type { Transaction } from '../../../src/types/block.ts'
import type { CompactBlockMessage } from '../../../src/types/message.ts'

const MOST = maxItemBytes(MAX_FRAME_BYTES)
const COUNT = 200
const SECRET = [0x9e3779b9, 0x85ebca6b] as const

function transactionsOf (count: number, bytes = 300): Transaction[] {
  return Array.from({ length: count }, (_, index) => sampleTransaction({ nonce: BigInt(index), data: new Uint8Array(bytes) }))
}

function knownOf (transactions: Transaction[]): KnownTransaction[] {
  return transactions.map((transaction) => {
    const item = new Uint8Array(encodeTransaction(transaction))

    return { digest: digestKeyOf(item), item }
  })
}

function messageOf (frame: Uint8Array): CompactBlockMessage {
  const [body] = new FrameReader({ maxBytes: () => MAX_FRAME_BYTES }).cut(frame)

  return decodeMessage(body!, FEATURES).message as CompactBlockMessage
}

describe('gossip/compact: a block in its compact form, put together again', () => {
  const transactions = transactionsOf(COUNT)
  const known = knownOf(transactions)
  const item = new Uint8Array(encodeBlock(sampleBlock({ transactions })))
  const key = digestKeyOf(item)
  const ageOf = (): number => SPREAD_MS

  const formOf = (init: Partial<Parameters<typeof createCompactForm>[0]> = {}): Uint8Array => {
    return createCompactForm({ item, key, nonce: 7n, ageOf, ...init })!
  }

  const assemblyOf = (form = formOf(), maxBytes = MOST): Assembly => new Assembly(messageOf(form), maxBytes, SECRET)

  it('is the block where all of its transactions are there, among others and in any order', () => {
    const assembly = assemblyOf()
    assembly.fill([...knownOf(transactionsOf(50, 200)), ...known.toReversed()])

    assert.deepEqual(assembly.missing, [])
    const joined = assembly.join()!
    assert.ok(Buffer.from(joined.item).equals(item))
    assert.deepEqual(joined.origin.digests, known.map(({ digest }) => digest))
  })

  it('takes 6 bytes for each transaction, and little more', () => {
    assert.ok(formOf().byteLength < 6 * COUNT + 300, String(formOf().byteLength))
  })

  it('has the same transactions with a nonce of another sender, in other short ids', () => {
    const [first, second] = [messageOf(formOf({ nonce: 1n })), messageOf(formOf({ nonce: 2n }))]
    assert.notDeepEqual(first.shortIds, second.shortIds)
    assert.deepEqual([first.before, first.after], [second.before, second.after])
  })

  it('lacks what is not there, and takes it in the order of the block', () => {
    const assembly = assemblyOf()
    assembly.fill(known.filter((_, index) => ![0, 17, 199].includes(index)))
    assert.deepEqual(assembly.missing, [0, 17, 199])
    assembly.supply([0, 17, 199].map((index) => known[index]!.item))
    assert.ok(Buffer.from(assembly.join()!.item).equals(item))
  })

  it('has in full what the sender lacked', () => {
    const lacked = new Set([3, 4, 150].map((index) => known[index]!.digest))
    const assembly = assemblyOf(formOf({ ageOf: (digest) => lacked.has(digest) ? undefined : SPREAD_MS }))
    assert.equal(assembly.prefilled, 3)
    assembly.fill(known.filter(({ digest }) => !lacked.has(digest)))
    assert.deepEqual(assembly.missing, [])
    assert.ok(Buffer.from(assembly.join()!.item).equals(item))
  })

  it(`has in full what the node has had for less than ${SPREAD_MS} ms, and what it has had for longer in short ids`, () => {
    const ages = new Map(known.map(({ digest }, index) => [digest, index < 3 ? SPREAD_MS - 1 : SPREAD_MS]))
    assert.deepEqual(messageOf(formOf({ ageOf: (digest) => ages.get(digest) })).prefilled.map(({ index }) => index), [0, 1, 2])
  })

  it('has the youngest in full where not all fit, and what the node lacked before them', () => {
    const ages = new Map(known.map(({ digest }, index) => [digest, index === 5 ? undefined : COUNT - index]))
    const indexes = messageOf(formOf({ ageOf: (digest) => ages.get(digest) })).prefilled.map(({ index }) => index)
    assert.deepEqual(indexes, [5, ...Array.from({ length: indexes.length - 1 }, (_, at) => COUNT - indexes.length + 1 + at)])
  })

  it(`has at most ${MAX_PREFILLED_BYTES} bytes of it in full`, () => {
    const lacked = new Set(known.slice(0, 50).map(({ digest }) => digest))
    const { prefilled } = messageOf(formOf({ ageOf: (digest) => lacked.has(digest) ? undefined : SPREAD_MS }))
    const bytes = prefilled.reduce((sum, { transaction }) => sum + transaction.byteLength, 0)
    const each = known[0]!.item.byteLength

    assert.ok(bytes <= MAX_PREFILLED_BYTES && bytes > MAX_PREFILLED_BYTES - each - 1, String(bytes))
  })

  it('is none where it and what did not fit into it are more than half of the block, by a transaction', () => {
    const formWithout = (count: number): Uint8Array | undefined => {
      const lacked = new Set(known.slice(0, count).map(({ digest }) => digest))

      return createCompactForm({ item, key, nonce: 1n, ageOf: (digest) => lacked.has(digest) ? undefined : SPREAD_MS })
    }
    const most = known.findIndex((_, count) => formWithout(count + 1) == null)

    assert.ok(formWithout(most) != null && formWithout(most + 1) == null)
    assert.ok(most > 0.45 * COUNT && most < 0.5 * COUNT, String(most))
  })

  it(`is none, after a look at ${SAMPLED_TRANSACTIONS} transactions, where the node has fewer than ${MIN_SAMPLED_KNOWN} of these`, () => {
    for (const [given, looked] of [[MIN_SAMPLED_KNOWN - 1, 0], [MIN_SAMPLED_KNOWN, COUNT]] as const) {
      let lookups = 0
      const ageOf = (): number | undefined => ++lookups > SAMPLED_TRANSACTIONS || lookups <= given ? SPREAD_MS : undefined
      assert.equal(createCompactForm({ item, key, nonce: 1n, ageOf }) == null, looked === 0)
      assert.equal(lookups, SAMPLED_TRANSACTIONS + looked)
    }
  })

  it('looks at transactions all over the block for that', () => {
    const seen: string[] = []
    createCompactForm({ item, key, nonce: 1n, ageOf: (digest) => { seen.push(digest); return undefined } })
    const expected = Array.from({ length: SAMPLED_TRANSACTIONS }, (_, number) => Math.floor(number * COUNT / SAMPLED_TRANSACTIONS))
    assert.deepEqual(seen, expected.map((index) => known[index]!.digest))
  })

  it(`looks at all where there are fewer than ${MIN_TRANSACTIONS_TO_SAMPLE}`, () => {
    const few = MIN_TRANSACTIONS_TO_SAMPLE - 1

    for (const [count, looked] of [[few, few], [MIN_TRANSACTIONS_TO_SAMPLE, SAMPLED_TRANSACTIONS]] as const) {
      const item = new Uint8Array(encodeBlock(sampleBlock({ transactions: transactions.slice(0, count) })))
      let lookups = 0
      createCompactForm({ item, key: digestKeyOf(item), nonce: 1n, ageOf: () => { lookups++; return undefined } })
      assert.equal(lookups, looked)
    }
  })

  it('is the same with digests that are known already', () => {
    assert.deepEqual(formOf({ digests: known.map(({ digest }) => digest) }), formOf())
    assert.deepEqual(formOf({ digests: known.map(({ digest }, index) => index % 2 === 0 ? digest : undefined) }), formOf())
  })

  it('is none where little would be saved', () => {
    const few = new Uint8Array(encodeBlock(sampleBlock({ transactions: transactionsOf(3), proof: new Uint8Array(2000) })))
    assert.equal(createCompactForm({ item: few, key: digestKeyOf(few), nonce: 1n, ageOf }), undefined)
    assert.equal(createCompactForm({ item: few, key: digestKeyOf(few), nonce: 1n, ageOf: () => undefined }), undefined)
  })

  it('is not the block where one transaction is another', () => {
    const assembly = assemblyOf()
    assembly.fill(known.slice(1))
    assembly.supply([knownOf(transactionsOf(1, 299))[0]!.item])
    assert.equal(assembly.join(), undefined)
  })

  it('is not the block of another digest', () => {
    const assembly = new Assembly({ ...messageOf(formOf()), digest: new Uint8Array(32) }, MOST, SECRET)
    // other short ids: the digest is a part of their key
    assembly.fill(known)
    assert.equal(assembly.missing.length, COUNT)
    assembly.supply(known.map(({ item }) => item))
    assert.equal(assembly.join(), undefined)
  })

  it('takes no transaction for short ids that are equal', () => {
    const message = messageOf(formOf())
    message.shortIds = message.shortIds.slice()
    message.shortIds.copyWithin(6, 0, 6)
    const assembly = new Assembly(message, MOST, SECRET)
    assembly.fill(known)
    assert.deepEqual(assembly.missing, [0, 1])
  })

  it('takes the same transaction twice', () => {
    const assembly = assemblyOf()
    assembly.fill([...known, ...known])
    assert.deepEqual(assembly.missing, [])
  })

  it('takes neither of two transactions with one short id', () => {
    // found by trying 2^24 of them: no digest of a transaction is known that has another one's short id
    const digests = [4_008_638, 5_066_911].map((number) => {
      const digest = new Uint8Array(32)
      new DataView(digest.buffer).setUint32(0, number, true)

      return digestToKey(digest)
    })
    let shortIds = Uint8Array.from([0x38, 0x9a, 0x7b, 0xf0, 0xdd, 0x5c])
    const [{ item } = { item: new Uint8Array() }] = known
    const fill = (...known: (string | undefined)[]): number[] => {
      const message = { ...messageOf(formOf()), digest: new Uint8Array(32), nonce: 0n, shortIds, prefilled: [] }
      const assembly = new Assembly(message, MOST, SECRET)
      assembly.fill(known.map((digest) => ({ digest: digest!, item })))

      return assembly.missing
    }

    assert.deepEqual([fill(digests[0]), fill(digests[1])], [[], []])
    // it looks no further when it has all
    assert.deepEqual([fill(digests[0], digests[1]), fill(digests[1], digests[0], digests[1])], [[], []])
    shortIds = Uint8Array.from([...shortIds, 1, 2, 3, 4, 5, 6])
    assert.deepEqual([fill(digests[0], digests[1]), fill(digests[1], digests[0], digests[1])], [[0, 1], [0, 1]])
  })

  it('is refused where its block would be larger than a block may be, by a byte', () => {
    const { before, after } = messageOf(formOf())
    const least = before.byteLength + after.byteLength + COUNT * 104

    assemblyOf(formOf(), least)
    assert.throws(() => assemblyOf(formOf(), least - 1), { name: 'DecodeError', rule: 'item-size' })
  })

  it('is not put together where it turns out to be too large, by a byte', () => {
    for (const [maxBytes, isJoined] of [[item.byteLength, true], [item.byteLength - 1, false]] as const) {
      const assembly = assemblyOf(formOf(), maxBytes)
      assembly.fill(known)
      assert.equal(assembly.join() != null, isJoined)
    }
  })
})
