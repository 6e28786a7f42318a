import assert from 'node:assert/strict'
import fc from 'fast-check'
import { transaction as anyTransaction } from '../../support/arbitraries.ts'
import { fromHex } from '../../support/read-frames.ts'
import { block, bytes, HASH, transaction, uint, varint } from '../../../scripts/fixtures/raw.ts'
import { decodeBlock, decodeTransaction, encodeTransaction } from '../../../src/codec/items/items.ts'
import { isPlain, passPlain, readPlain } from '../../../src/codec/wire/plain-transaction.ts'
import { readAny as readWithSchema } from '../../../src/codec/items/transaction.ts'
import type { Transaction } from '../../../src/types/block.ts'

/** What reads anything that is valid, and nothing else. */
function readAny (data: Uint8Array): Transaction | undefined {
  try {
    return readWithSchema(data)
  } catch {
    return undefined
  }
}

/** Holds both ways to read to each other. Says whether it was plain. */
function assertSame (data: Uint8Array): boolean {
  // bytes that are no part of it, and would fit well
  const memory = new Uint8Array(2 * data.byteLength + 8).fill(1)
  memory.set(data, 4)
  const [start, end] = [4, 4 + data.byteLength]
  const expected = readAny(data)

  if (isPlain(memory, start, end)) {
    assert.deepEqual(readPlain(memory, start, end), expected)
  }

  if (expected == null) {
    assert.throws(() => decodeTransaction(data), { name: 'DecodeError' })
  } else {
    assert.deepEqual(decodeTransaction(data), expected)
  }

  return isPlain(memory, start, end)
}

const integer = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(varint),
  fc.constantFrom('00', 'ffffffffffffff01', 'ffffffffffff7f', '8000', '80808080808080808001', 'ffffffffffffffffff7f', '8080808080808080808000', '80', '')
)
const integerField = fc.tuple(fc.integer({ min: 4, max: 7 }), integer).map(([field, value]) => varint(field << 3) + value)
const bytesField = fc.tuple(fc.constantFrom(8, 9), fc.uint8Array({ maxLength: 300 }))
  .map(([field, data]) => bytes(field, Buffer.from(data).toString('hex')))
const oddField = fc.constantFrom(
  bytes(1, HASH), bytes(3, HASH), bytes(2), uint(1, 5), uint(8, 5), bytes(4, '0102'), bytes(20, '01'), uint(3000, 1),
  '42820001', '4282000102', '4282808000' + '0102', '4282808080000102', '42ffffffff07', '00', 'ff'
)
const fields = fc.array(fc.oneof({ arbitrary: integerField, weight: 4 }, { arbitrary: bytesField, weight: 4 }, oddField), { maxLength: 8 })

describe('codec/wire/plain-transaction', () => {
  it('take every transaction that was encoded here, and give back what was encoded', () => {
    fc.assert(fc.property(anyTransaction, (transaction) => {
      const data = encodeTransaction(transaction)

      assert.ok(assertSame(data))
      assert.deepEqual(readPlain(data, 0, data.byteLength), transaction)
    }), { numRuns: 500 })
  })

  it('agree with what reads anything that is valid, however the fields behind the hashes are written', () => {
    const hashes = bytes(1, HASH) + bytes(2, HASH) + bytes(3, HASH)
    const plain = [0, 0]

    fc.assert(fc.property(fields, (fields) => { plain[Number(assertSame(fromHex(hashes + fields.join(''))))]!++ }), { numRuns: 4000 })

    assert.ok(Math.min(...plain) > 300, `${plain[0]} odd, ${plain[1]} plain`)
  })

  it('agree with it on every part of a transaction', () => {
    const data = fromHex(transaction({ 5: uint(5, 2n ** 64n - 1n), 9: bytes(9, HASH.repeat(5)) }))

    for (let size = 0; size <= data.byteLength; size++) {
      assertSame(data.subarray(0, size))
    }
  })

  it('agree with it where a hash is absent, too short, too long or not in its place', () => {
    for (const field of [1, 2, 3]) {
      for (const odd of ['', bytes(field), bytes(field, HASH.slice(2)), bytes(field, HASH + '11'), uint(field, 5), uint(4, 1) + bytes(field, HASH)]) {
        assert.equal(assertSame(fromHex(transaction({ [field]: odd }))), false, odd)
      }
    }
  })

  it('take lengths of at most two bytes, and fields in the order of their numbers', () => {
    const data = (size: number): string => transaction({ 8: bytes(8, 'ab'.repeat(size)) })

    for (const [what, hex, plain] of [
      ['a length of one byte', data(127), true],
      ['a length of two bytes', data(128), true],
      ['the longest of these', data(16_383), true],
      ['a length of three bytes', data(16_384), false],
      ['a field twice', transaction({ 4: uint(4, 1) + uint(4, 2) }), false],
      ['an order of its own', transaction({ 4: uint(5, 1) + uint(4, 2) }), false]
    ] as const) {
      assert.equal(assertSame(fromHex(hex)), plain, what)
    }
  })

  it('pass those that come one after the other, up to the first that is odd, or to what is no transaction', () => {
    const plain = bytes(6, transaction())
    const odd = bytes(6, transaction({ 4: uint(5, 1) + uint(4, 2) }))
    const long = bytes(6, transaction({ 8: bytes(8, 'ab'.repeat(16_383)) }))
    const passed = (hex: string): number => {
      const data = fromHex(hex)

      return passPlain(data, 0, data.byteLength)
    }

    assert.equal(passed(plain + plain), plain.length)
    assert.equal(passed(plain + odd + plain), plain.length / 2)
    assert.equal(passed(plain + bytes(7)), plain.length / 2)
    assert.equal(passed(plain + long), plain.length / 2)
    assert.equal(passed(''), 0)

    // however the last one is cut off, it is left
    for (let size = plain.length / 2; size < plain.length; size++) {
      assert.equal(passed((plain + plain).slice(0, 2 * size)), plain.length / 2, `${size} bytes`)
    }
  })

  it('read a block whose transactions are plain and odd in turn', () => {
    const odd = transaction({ 4: uint(5, 1) + uint(4, 2) })
    const long = transaction({ 8: bytes(8, 'ab'.repeat(20_000)) })
    const all = [transaction(), odd, odd, transaction(), long, transaction()]
    const data = fromHex(block({ 6: all.map((one) => bytes(6, one)).join('') }))

    assert.deepEqual(decodeBlock(data).transactions, all.map((one) => readAny(fromHex(one))))
    assert.throws(() => decodeBlock(fromHex(block({ 6: bytes(6, transaction()) + bytes(6, transaction({ 1: '' })) }))), { name: 'DecodeError' })
  })

  it('give views of the bytes', () => {
    const data = fromHex(transaction())
    const { id, data: content } = readPlain(data, 0, data.byteLength)

    assert.equal(id.buffer, data.buffer)
    assert.equal(content.buffer, data.buffer)
  })
})
