import assert from 'node:assert/strict'
import fc from 'fast-check'
import { block } from '../../support/arbitraries.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import { bytes, uint, block as rawBlock, transaction as rawTransaction } from '../../../scripts/fixtures/raw.ts'
import { cutBlock, joinBlock, joinedBytes } from '../../../src/codec/items/block-parts.ts'
import { decodeBlock, encodeBlock, encodeTransaction } from '../../../src/codec/items/items.ts'
import { fromHex } from '../../support/read-frames.ts'

const FIRST = bytes(6, rawTransaction())
const SECOND = bytes(6, rawTransaction({ 5: uint(5, 7) }))

describe('codec/items/block-parts', () => {
  it('cuts any block of ours into what is its bytes again, and its transactions', () => {
    fc.assert(fc.property(block, (block) => {
      const encoded = new Uint8Array(encodeBlock(block))
      const parts = cutBlock(encoded)!

      assert.deepEqual(parts.transactions, block.transactions.map((transaction) => new Uint8Array(encodeTransaction(transaction))))
      assert.equal(joinedBytes(parts), encoded.byteLength)
      assert.deepEqual(joinBlock(parts), encoded)
    }))
  })

  for (const dataBytes of [0, 1, 15, 16, 20_000, 2_100_000]) {
    it(`has the length of a transaction with ${dataBytes} bytes of data in as many bytes as it needs`, () => {
      const transactions = [sampleTransaction({ data: new Uint8Array(dataBytes) }), sampleTransaction()]
      const encoded = new Uint8Array(encodeBlock(sampleBlock({ transactions })))
      const joined = joinBlock(cutBlock(encoded)!)
      assert.ok(Buffer.from(joined).equals(encoded))
    })
  }

  it('has a block without transactions before them', () => {
    const encoded = new Uint8Array(encodeBlock(sampleBlock({ transactions: [] })))
    const { before, transactions, after } = cutBlock(encoded)!
    assert.deepEqual([before, transactions, after], [encoded, [], new Uint8Array(0)])
  })

  const TAKEN: [title: string, hex: string, count: number][] = [
    ['transactions in front of all other fields', FIRST + SECOND + rawBlock(), 2],
    ['transactions behind all other fields', rawBlock() + FIRST, 1],
    ['unknown fields before and behind its transactions', bytes(100, '01') + rawBlock() + FIRST + SECOND + bytes(100, '02'), 2],
    ['a transaction with unknown fields', rawBlock() + bytes(6, rawTransaction({ 100: bytes(100, '03') })), 1]
  ]

  for (const [title, hex, count] of TAKEN) {
    it(`cuts a block with ${title}`, () => {
      const encoded = fromHex(hex)
      decodeBlock(encoded)
      const parts = cutBlock(encoded)!
      assert.equal(parts.transactions.length, count)
      assert.deepEqual(joinBlock(parts), encoded)
    })
  }

  const LEFT: [title: string, hex: string][] = [
    ['a field between its transactions', FIRST + rawBlock() + SECOND],
    ['an unknown field between its transactions', rawBlock() + FIRST + bytes(100, '01') + SECOND],
    ['a length that is longer than it need be', rawBlock() + `32${(0x80 | rawTransaction().length / 2).toString(16)}00${rawTransaction()}`]
  ]

  for (const [title, hex] of LEFT) {
    it(`does not cut a block with ${title}`, () => {
      const encoded = fromHex(hex)
      decodeBlock(encoded)
      assert.equal(cutBlock(encoded), undefined)
    })
  }
})
