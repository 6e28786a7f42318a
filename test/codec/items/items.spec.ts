import assert from 'node:assert/strict'
import { fromHex } from '../../support/read-frames.ts'
import { block, bytes, HASH, transaction, uint } from '../../../scripts/fixtures/raw.ts'
import { readEnvelope } from '../../../src/codec/envelope.ts'
import {
  decodeBlock, decodeTransaction, encodeBlock, encodeTransaction, readItem, readRange, storedToBytes, writeItem, writeRange
} from '../../../src/codec/items/items.ts'
import { encodeMessage } from '../../../src/codec/message.ts'
import { sampleBlock, sampleChain, sampleTransaction } from '../../support/sample.ts'

const BLOCK_HEX = block()
const BLOCK_BYTES = fromHex(BLOCK_HEX)
const TRANSACTION_BYTES = fromHex(transaction())

/** Of the same bytes, whatever class they are. */
function assertBytes (actual: Uint8Array | undefined, expected: Uint8Array): void {
  assert.equal(Buffer.from(actual!).toString('hex'), Buffer.from(expected).toString('hex'))
}

describe('codec/items/items: readItem', () => {
  it('gives the bytes of a block, a transaction and a block that was asked for, as they were encoded', () => {
    const newBlock = encodeMessage({ type: 'newBlock', block: sampleBlock() })
    const responseBlock = encodeMessage({ type: 'responseBlock', block: sampleBlock() }, 5n)
    const newTransaction = encodeMessage({ type: 'newTransaction', transaction: sampleTransaction() })

    assertBytes(readItem(readEnvelope(newBlock).body), encodeBlock(sampleBlock()))
    assertBytes(readItem(readEnvelope(responseBlock).body), encodeBlock(sampleBlock()))
    assertBytes(readItem(readEnvelope(newTransaction).body), encodeTransaction(sampleTransaction()))
  })

  it('gives a view of the body', () => {
    const body = fromHex(bytes(1, BLOCK_HEX))

    assert.equal(readItem(body)!.buffer, body.buffer)
  })

  it('decodes nothing of the item', () => {
    assert.deepEqual(readItem(fromHex(bytes(1, 'ffffff'))), fromHex('ffffff'))
  })

  it('gives nothing where there is no item', () => {
    assert.equal(readItem(new Uint8Array(0)), undefined)
    assert.equal(readItem(fromHex(uint(2, 1) + bytes(3, HASH))), undefined)
  })

  it('gives an item that is empty', () => {
    assert.deepEqual(readItem(fromHex(bytes(1))), new Uint8Array(0))
  })

  it('skips fields that it does not know', () => {
    assert.deepEqual(readItem(fromHex(uint(7, 1) + bytes(1, '0102') + bytes(9, HASH))), fromHex('0102'))
  })

  it('refuses a second item as soon as it comes', () => {
    const garbage = 'ff'

    assert.throws(() => readItem(fromHex(bytes(1) + bytes(1) + garbage)), { name: 'DecodeError', rule: 'once' })
  })

  for (const [hex, rule] of [['0a', 'end'], ['0a05ff', 'end'], ['08', 'known-type'], ['0f', 'wire-type'], ['00', 'tag'], ['ff', 'end']] as const) {
    it(`refuses ${hex} for: ${rule}`, () => {
      assert.throws(() => readItem(fromHex(hex)), { name: 'DecodeError', rule })
    })
  }
})

describe('codec/items/items: readRange', () => {
  it('gives the bytes of each block, and whether they are the last', () => {
    const blocks = sampleChain(3)

    for (const last of [true, false]) {
      const { body } = readEnvelope(encodeMessage({ type: 'responseBlockRange', blocks, last }, 5n))
      const range = readRange(body)

      assert.equal(range.last, last)
      assert.equal(range.items.length, 3)
      range.items.forEach((item, index) => { assertBytes(item, encodeBlock(blocks[index]!)) })
    }
  })

  it('gives views of the body', () => {
    const body = fromHex(bytes(1, BLOCK_HEX).repeat(2))

    assert.deepEqual(readRange(body).items.map((item) => item.buffer === body.buffer), [true, true])
  })

  it('takes a body without blocks where it is the last', () => {
    assert.throws(() => readRange(new Uint8Array(0)), { name: 'DecodeError', rule: 'empty-range' })
    assert.throws(() => readRange(fromHex(uint(2, 0))), { name: 'DecodeError', rule: 'empty-range' })
    assert.deepEqual(readRange(fromHex(uint(2, 1))), { items: [], last: true })
  })

  it('takes the last of several values of last', () => {
    assert.equal(readRange(fromHex(uint(2, 1) + uint(2, 1))).last, true)
    assert.equal(readRange(fromHex(bytes(1, BLOCK_HEX) + uint(2, 1) + uint(2, 0))).last, false)
  })

  it('refuses a block that is too short to be one as soon as it comes', () => {
    const garbage = 'ff'
    const short = BLOCK_HEX.slice(0, 2 * 101)

    assert.throws(() => readRange(fromHex(bytes(1, BLOCK_HEX) + bytes(1, short) + garbage)), { name: 'DecodeError', message: /at least 102/ })
    assert.throws(() => readRange(fromHex(bytes(1) + garbage)), { name: 'DecodeError', message: /at least 102/ })
  })

  for (const [hex, rule] of [['0a', 'end'], ['0a05ff', 'end'], ['10', 'end'], ['0f', 'wire-type'], ['ff', 'end']] as const) {
    it(`refuses ${hex} for: ${rule}`, () => {
      assert.throws(() => readRange(fromHex(hex)), { name: 'DecodeError', rule })
    })
  }
})

describe('codec/items/items: writeItem and writeRange', () => {
  it('write what a message of a decoded item would be', () => {
    const blocks = sampleChain(3)
    const items = blocks.map(encodeBlock)
    const transaction = sampleTransaction()

    assertBytes(writeItem(items[0]), readEnvelope(encodeMessage({ type: 'newBlock', block: blocks[0]! })).body)
    assertBytes(writeItem(items[0]), readEnvelope(encodeMessage({ type: 'responseBlock', block: blocks[0]! })).body)
    assertBytes(writeItem(undefined), readEnvelope(encodeMessage({ type: 'responseBlock' })).body)
    assertBytes(writeItem(encodeTransaction(transaction)), readEnvelope(encodeMessage({ type: 'newTransaction', transaction })).body)

    for (const last of [true, false]) {
      assertBytes(writeRange(items, last), readEnvelope(encodeMessage({ type: 'responseBlockRange', blocks, last })).body)
    }
  })

  it('are read back as they are', () => {
    assertBytes(readItem(writeItem(Uint8Array.of(1, 2, 3))), Uint8Array.of(1, 2, 3))
    assertBytes(readItem(writeItem(new Uint8Array(0))), new Uint8Array(0))
    assert.equal(readItem(writeItem(undefined)), undefined)
    assertBytes(readRange(writeRange([BLOCK_BYTES], true)).items[0], BLOCK_BYTES)
  })
})

describe('codec/items/items: blocks and transactions as bytes', () => {
  it('are decoded to what was encoded', () => {
    assert.deepEqual(decodeBlock(new Uint8Array(encodeBlock(sampleBlock()))), sampleBlock())
    assert.deepEqual(decodeTransaction(new Uint8Array(encodeTransaction(sampleTransaction()))), sampleTransaction())
  })

  it('are encoded into memory of their own, small or large, and are no Buffer', () => {
    const large = sampleBlock({ proof: new Uint8Array(100_000) })

    for (const bytes of [encodeBlock(sampleBlock()), encodeBlock(large), encodeTransaction(sampleTransaction())]) {
      assert.equal(bytes.byteLength, bytes.buffer.byteLength)
      assert.equal(bytes.constructor, Uint8Array)
    }
  })

  it('are refused by an EncodeError where a value does not fit, with the reason', () => {
    const cause = { name: 'RangeError', message: /`block.height`/ }

    assert.throws(() => encodeBlock(sampleBlock({ height: -1 })), (err: Error) => {
      assert.equal(err.name, 'EncodeError')
      assert.throws(() => { throw err.cause as Error }, cause)

      return true
    })
    assert.throws(() => encodeTransaction(sampleTransaction({ value: -1n })), { name: 'EncodeError' })
    assert.throws(() => encodeBlock(undefined as never), { name: 'EncodeError' })
    assert.throws(() => encodeTransaction({} as never), { name: 'EncodeError' })
  })

  it('are refused by a DecodeError where they are cut short, at every byte', () => {
    // a hash is the last field of the one, the third of the other: no shorter part has them all
    for (let size = 0; size < BLOCK_BYTES.byteLength; size++) {
      assert.throws(() => decodeBlock(BLOCK_BYTES.subarray(0, size)), { name: 'DecodeError' }, `block of ${size} bytes`)
    }

    for (let size = 0; size < 102; size++) {
      assert.throws(() => decodeTransaction(TRANSACTION_BYTES.subarray(0, size)), { name: 'DecodeError' }, `transaction of ${size} bytes`)
    }
  })

  it('are refused for a transaction that is too short before any is decoded', () => {
    const garbage = 'ff'

    for (const short of [bytes(6), bytes(6, transaction().slice(0, 2 * 101))]) {
      assert.throws(() => decodeBlock(fromHex(block() + bytes(6, transaction()) + short + garbage)), (err: Error) => {
        return err.name === 'DecodeError' && (err.cause as Error).message.includes('at least 102')
      })
    }
  })

  it('do not let the size of a transaction be hidden behind a tag that is too long', () => {
    const disguised = bytes(6).replace(/^32/, 'b28000')

    assert.throws(() => decodeBlock(fromHex(block() + disguised)), (err: Error) => (err.cause as Error).message.includes('shortest form of a tag'))
  })
})

describe('codec/items/items: a block from a chain', () => {
  it('that is bytes is sent as it is', () => {
    assert.equal(storedToBytes(BLOCK_BYTES), BLOCK_BYTES)
  })

  it('that is decoded is encoded', () => {
    const decoded = sampleBlock()

    assertBytes(storedToBytes(decoded), encodeBlock(decoded))
  })

  it('that is no block is refused', () => {
    assert.throws(() => storedToBytes(sampleBlock({ height: -1 })), { name: 'EncodeError' })
  })

  it('names the field that does not fit', () => {
    assert.throws(() => encodeBlock(sampleBlock({ hash: new Uint8Array(31) })), { name: 'EncodeError', message: /^Could not encode a block: Expected `block\.hash` to be 32 bytes/ })
    assert.throws(() => encodeTransaction(sampleTransaction({ value: -1n })), { name: 'EncodeError', message: /: Expected `transaction\.value` to be a bigint/ })
  })
})
