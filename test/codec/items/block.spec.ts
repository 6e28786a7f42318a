import assert from 'node:assert/strict'
import fc from 'fast-check'
import { countTransactions } from '../../../src/codec/items/block.ts'
import { block as anyBlock } from '../../support/arbitraries.ts'
import { decodeEagerly } from '../../support/eager-block.ts'
import { fromHex } from '../../support/read-frames.ts'
import { block, bytes, HASH, transaction, uint, varint } from '../../../scripts/fixtures/raw.ts'
import { decodeBlock, encodeBlock } from '../../../src/codec/items/items.ts'
import { decodeBody } from '../../../src/codec/message.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../../support/sample.ts'
import type { Block } from '../../../src/types/block.ts'

type Result = { block: Block } | { refused: string }

function decodeWith (decode: (bytes: Uint8Array) => Block, data: Uint8Array): Result {
  try {
    return { block: decode(data) }
  } catch (err) {
    const { message, cause } = err as Error

    return { refused: cause instanceof Error ? cause.message : message }
  }
}

/** The same bytes with others before and after them, which are no part of the block and would fit well. */
function amongOthers (data: Uint8Array): Uint8Array {
  const memory = new Uint8Array(3 * data.byteLength)
  memory.set(data)
  memory.set(data, data.byteLength)
  memory.set(data, 2 * data.byteLength)

  return memory.subarray(data.byteLength, 2 * data.byteLength)
}

/** Holds `decodeBlock` to the generated code: the same block, or none. Says whether it was a block. */
function assertSame (bytes: Uint8Array): boolean {
  const data = amongOthers(bytes)
  const expected = decodeWith(decodeEagerly, data)
  const actual = decodeWith(decodeBlock, data)

  assert.equal('block' in actual, 'block' in expected, JSON.stringify([actual, expected].map((result) => 'refused' in result && result.refused)))

  if ('block' in expected) {
    assert.deepEqual(actual, expected)
  }

  return 'block' in expected
}

/** An encoded block of one transaction, or of none, with its odd parts where they stand. */
const withTransaction = (fields: string, ...after: string[]): Uint8Array => fromHex(block() + bytes(6, fields) + after.join(''))
const group = (depth: number): string => varint(20 << 3 | 3).repeat(depth) + varint(20 << 3 | 4).repeat(depth)
const plain = (data: Uint8Array): Uint8Array => new Uint8Array(data)

/** What a block or transaction may be made of, most of it as it should be. */
const MAX_UINT64 = 2n ** 64n - 1n
const integer = fc.oneof(fc.bigInt({ min: 0n, max: MAX_UINT64 }), fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 2n ** 53n, MAX_UINT64))
const encodedInteger = fc.oneof(
  { arbitrary: integer.map(varint), weight: 5 },
  fc.constantFrom('8000', '80808080808080808000', '80808080808080808001', 'ffffffffffffffffff7f', '8080808080808080808000', '80')
)
const hashField = (field: number): fc.Arbitrary<string> => fc.oneof(
  { arbitrary: fc.constant(bytes(field, HASH)), weight: 12 },
  fc.constantFrom(bytes(field), bytes(field, HASH.slice(2)), bytes(field, HASH + '11'), varint(field << 3 | 2) + 'a000' + HASH, '')
)
const bytesField = (field: number): fc.Arbitrary<string> => fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((data) => bytes(field, Buffer.from(data).toString('hex'))),
  fc.constantFrom('', bytes(field), varint(field << 3 | 2) + '82000102', varint(field << 3 | 2) + 'ffffffff07', varint(field << 3 | 2) + '8280808000' + '0102')
)
const integerField = (field: number): fc.Arbitrary<string> => fc.option(encodedInteger.map((value) => varint(field << 3) + value), { nil: '' })
const oddField = fc.oneof(
  fc.nat({ max: 3 }).map(group),
  fc.constantFrom(uint(1, 5), uint(6, 5), uint(100, 1), bytes(100, '0102'), bytes(1, '00'), '92000105', '0d01020304', '090102030405060708', '00', '0c', '0e', '0f', 'ff')
)

const rawTransaction = fc.tuple(
  fc.tuple(hashField(1), hashField(2), hashField(3), ...[4, 5, 6, 7].map(integerField), bytesField(8), bytesField(9)),
  fc.array(fc.oneof(hashField(1), hashField(3), integerField(4), bytesField(8), oddField), { maxLength: 1 }),
  fc.constantFrom('in order', 'in order', 'in order', 'reversed')
).map(([fields, more, order]) => (order === 'in order' ? [...fields, ...more] : [...more, ...fields.toReversed()]).join(''))

const transactionField = rawTransaction.map((fields) => bytes(6, fields))
const rawBlock = fc.tuple(
  fc.tuple(integerField(1), hashField(2), hashField(3), integerField(4), hashField(5)),
  fc.array(transactionField, { maxLength: 3 }),
  bytesField(7),
  fc.array(fc.oneof(integerField(1), hashField(2), integerField(4), bytesField(7), transactionField, oddField), { maxLength: 1 })
).map(([header, transactions, proof, more]) => [...header, ...transactions, proof, ...more].join(''))

describe('codec/items/block', () => {
  describe('takes what the generated code takes, and gives the same', () => {
    it('for every valid block', () => {
      fc.assert(fc.property(anyBlock, (block) => {
        const data = plain(encodeBlock(block))

        assert.ok(assertSame(data))
        assert.deepEqual(decodeBlock(data), block)
      }), { numRuns: 300 })
    })

    it('for every part of a block', () => {
      const data = plain(encodeBlock(sampleBlock({ transactions: [sampleTransaction(), sampleTransaction({ nonce: 2n ** 64n - 1n })] })))

      for (let size = 0; size <= data.byteLength; size++) {
        assertSame(data.subarray(0, size))
      }
    })

    it('with a bit flipped', () => {
      const taken = new Set<boolean>()

      fc.assert(fc.property(anyBlock, fc.nat(), fc.nat({ max: 7 }), (block, location, bit) => {
        const data = plain(encodeBlock(block))
        data[location % data.byteLength]! ^= 1 << bit
        taken.add(assertSame(data))
      }), { numRuns: 3000 })

      assert.deepEqual(taken, new Set([true, false]))
    })

    it('with bytes replaced, removed or put in', () => {
      const some = fc.uint8Array({ maxLength: 12 })

      fc.assert(fc.property(anyBlock, fc.nat(), fc.nat({ max: 12 }), some, (block, location, removed, inserted) => {
        const whole = plain(encodeBlock(block))
        const start = location % whole.byteLength
        assertSame(Uint8Array.from([...whole.subarray(0, start), ...inserted, ...whole.subarray(start + removed)]))
      }), { numRuns: 3000 })
    })

    it('with fields that are absent, repeated, in another order, unknown, of another type, badly written or too long', () => {
      const taken = [0, 0]

      fc.assert(fc.property(rawBlock, (hex) => { taken[Number(assertSame(fromHex(hex)))]!++ }), { numRuns: 6000 })

      assert.ok(Math.min(...taken) > 300, `${taken[0]} refused, ${taken[1]} taken`)
    })

    it('for random bytes', () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (data) => { assertSame(data) }), { numRuns: 2000 })
    })

    const ODD: [title: string, data: Uint8Array, taken: boolean][] = [
      ['a transaction of the three hashes alone', withTransaction(transaction({ 4: '', 8: '' })), true],
      ['a transaction with its hashes last', withTransaction(uint(4, 9) + bytes(8, '01') + transaction({ 4: '', 8: '' })), true],
      ['a hash written twice, the first of one byte', withTransaction(bytes(1, '01') + transaction()), false],
      ['a hash written twice', withTransaction(bytes(1, HASH) + transaction()), true],
      ['a hash written twice, the last of 31 bytes', withTransaction(transaction() + bytes(1, HASH.slice(2))), false],
      ['a hash without bytes after one of 32', withTransaction(transaction() + bytes(3)), false],
      ['data written twice', withTransaction(transaction() + bytes(8, 'ff')), true],
      ['data that is emptied', withTransaction(transaction() + bytes(8)), true],
      ['data of 16,384 bytes', withTransaction(transaction({ 8: bytes(8, '07'.repeat(16_384)) })), true],
      ['a value written twice', withTransaction(transaction() + uint(4, 2n ** 64n - 1n)), true],
      ['a value in ten bytes', withTransaction(transaction({ 4: '20' + 'ff'.repeat(9) + '01' })), true],
      ['a value in ten bytes, of more than 64 bits', withTransaction(transaction({ 4: '20' + 'ff'.repeat(9) + '02' })), false],
      ['a value in eleven bytes', withTransaction(transaction({ 4: '20' + '80'.repeat(10) + '00' })), false],
      ['a value that goes on where the transaction ends', withTransaction(transaction({ 8: '' }) + '20ff', '00'), false],
      ['data that goes on where the transaction ends', withTransaction(transaction() + '4a04', bytes(7, '0102')), false],
      ['a length that goes on where the transaction ends', withTransaction(transaction() + '4a80', bytes(7)), false],
      ['a transaction that goes on where the block ends', fromHex(block() + '32ff01' + transaction()), false],
      ['a tag in two bytes', fromHex(block() + 'b200' + bytes(6, transaction()).slice(2)), false],
      ['an integer where a transaction should be', fromHex(block() + uint(6, 5)), false],
      ['a height above 2^53 - 1 before a lower one', fromHex(uint(1, 2n ** 60n) + block()), false],
      ['a height above 2^53 - 1 after a lower one', fromHex(block() + uint(1, 2n ** 60n)), false],
      ['a proof that is emptied', fromHex(block() + bytes(7, '01') + bytes(7)), true],
      ['a group', fromHex(block() + group(1)), false],
      ['a group in a transaction', withTransaction(transaction() + group(1)), false]
    ]

    for (const [title, data, taken] of ODD) {
      it(`with ${title}: ${taken ? 'taken' : 'refused'}`, () => {
        assert.equal(assertSame(data), taken)
      })
    }
  })

  describe('gives a block', () => {
    const original = sampleBlock({ transactions: [sampleTransaction(), sampleTransaction({ id: sampleHash(2), data: new Uint8Array(0) })] })
    let data: Uint8Array
    let decoded: Block

    beforeEach(() => {
      data = plain(encodeBlock(original))
      decoded = decodeBlock(data)
    })

    it('that is an object like any other, whether its transactions were looked at or not', () => {
      const names = ['height', 'hash', 'prevHash', 'timestamp', 'stateRoot', 'transactions', 'proof']

      for (let time = 0; time < 2; time++) {
        assert.deepEqual(Object.keys(decoded), names)
        assert.deepEqual(Object.getOwnPropertyNames(decoded), names)
        assert.equal(Object.getPrototypeOf(decoded), Object.prototype)
        assert.deepEqual(decoded, original)
      }
    })

    const COPIES: [title: string, copy: (block: Block) => Block][] = [
      ['spread', (block) => ({ ...block })],
      ['structuredClone', structuredClone],
      ['Object.assign', (block) => Object.assign({}, block)],
      ['Object.fromEntries', (block) => Object.fromEntries(Object.entries(block)) as unknown as Block]
    ]

    for (const [title, copy] of COPIES) {
      it(`that ${title} copies whole, to plain values`, () => {
        const copied = copy(decoded)

        assert.deepEqual(copied, original)
        assert.equal(Object.getOwnPropertyDescriptor(copied, 'transactions')?.value, copied.transactions)
      })
    }

    it('that JSON has whole', () => {
      const toJson = (block: Block): string => JSON.stringify(block, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))

      assert.equal(toJson(decoded), toJson(original))
    })

    it('that is encoded to the same bytes', () => {
      assert.deepEqual(plain(encodeBlock(decoded)), data)
    })

    it('with the same transactions each time, which are the taker\'s to change', () => {
      const { transactions } = decoded
      assert.equal(decoded.transactions, transactions)
      transactions.pop()
      assert.equal(decoded.transactions.length, 1)
      decoded.transactions = []
      assert.deepEqual(decoded, { ...original, transactions: [] })
    })

    it('with transactions that can be replaced before they were looked at', () => {
      decoded.transactions = [original.transactions[1]!]
      assert.deepEqual(decoded, { ...original, transactions: [original.transactions[1]] })
    })

    it('with all of it where it is frozen', () => {
      assert.deepEqual(Object.freeze(decoded), original)
    })

    it('with plain Uint8Arrays, of a Buffer too', () => {
      assert.deepEqual(decodeBlock(Buffer.from(data)), original)
      assert.deepEqual(decodeBlock(fromHex(block() + bytes(6, transaction({ 8: '' })))).transactions[0]?.data, new Uint8Array(0))
    })
  })

  it('makes transactions when they are first looked at, and not again', () => {
    const data = plain(encodeBlock(sampleBlock({ transactions: [sampleTransaction({ nonce: 1n })] })))
    const nonceAt = Buffer.from(data.buffer).indexOf(Uint8Array.of(5 << 3, 1, 6 << 3)) + 1
    const decoded = decodeBlock(data)

    // an integer is no view of the bytes: it shows when it was read
    data[nonceAt] = 2
    assert.equal(decoded.transactions[0]?.nonce, 2n)
    data[nonceAt] = 3
    assert.equal(decoded.transactions[0]?.nonce, 2n)
  })

  it('counts transactions without making them, and those that were put in their place', () => {
    const data = plain(encodeBlock(sampleBlock({ transactions: [1n, 2n, 3n].map((nonce) => sampleTransaction({ nonce })) })))
    const nonceAt = Buffer.from(data.buffer).indexOf(Uint8Array.of(5 << 3, 1, 6 << 3)) + 1
    const decoded = decodeBlock(data)
    assert.equal(countTransactions(decoded), 3)
    data[nonceAt] = 9
    assert.equal(decoded.transactions[0]?.nonce, 9n, 'made before')

    decoded.transactions.pop()
    assert.deepEqual([countTransactions(decoded), countTransactions({ ...decoded })], [2, 2])
  })

  it('leaves the transactions of a message alone', () => {
    const { block: decoded } = decodeBody('newBlock', fromHex(bytes(1, Buffer.from(encodeBlock(sampleBlock())).toString('hex'))))

    assert.equal(typeof Object.getOwnPropertyDescriptor(decoded, 'transactions')?.get, 'function')
  })
})
