import assert from 'node:assert/strict'
import { fromHex } from './read-frames.ts'
import { block, bytes, transaction, uint } from '../../scripts/fixtures/raw.ts'
import { checkTransactionSizes, createReader, fromBlock, toBlock, wire } from '../../src/codec/convert.ts'
import { sampleBlock } from '../sample.ts'

describe('createReader', () => {
  it('keeps nothing of the fields that a message does not know', () => {
    const decoded = wire.Ping.decode(createReader(fromHex(uint(1, 1) + uint(100, 1) + bytes(101, '0102'))))

    assert.deepEqual(Object.keys(decoded), ['nonce'])
    assert.deepEqual(new Uint8Array(wire.Ping.encode(decoded).finish()), fromHex(uint(1, 1)))
  })
})

describe('toBlock', () => {
  it('gets back what fromBlock was given', () => {
    const encoded = new Uint8Array(wire.Block.encode(fromBlock(sampleBlock())).finish())

    assert.deepEqual(toBlock(wire.Block.decode(createReader(encoded))), sampleBlock())
  })

  it('has plain Uint8Arrays for what is absent', () => {
    const decoded = toBlock(wire.Block.decode(createReader(fromHex(block() + bytes(6, transaction({ 8: '' }))))))

    for (const absent of [decoded.proof, decoded.transactions[0]!.data, decoded.transactions[0]!.signature]) {
      assert.deepEqual(absent, new Uint8Array(0))
    }
  })
})

describe('checkTransactionSizes', () => {
  const TAKEN: [title: string, hex: string][] = [
    ['nothing', ''],
    ['a block without transactions', block()],
    ['a block of transactions', block() + bytes(6, transaction()).repeat(3)],
    ['a field of that number that is no transaction', block() + uint(6, 5)],
    ['a transaction with a field of that number', block() + bytes(6, transaction({ 6: bytes(6, '01') }))],
    ['fields that it does not know', uint(100, 1) + block() + bytes(100, '01')]
  ]

  for (const [title, hex] of TAKEN) {
    it(`takes ${title}`, () => {
      checkTransactionSizes(fromHex(hex))
    })
  }

  it('refuses a transaction that is too short, wherever it is', () => {
    const short = bytes(6, transaction({ 1: '' }))

    for (const hex of [short, short + block(), block() + short, block() + bytes(6, transaction()) + short]) {
      assert.throws(() => { checkTransactionSizes(fromHex(hex)) }, { name: 'RangeError', message: /at least 102 bytes/ })
    }
  })
})
