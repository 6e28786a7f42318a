import assert from 'node:assert/strict'
import { decodeEagerly } from './eager-block.ts'
import { fromHex } from './read-frames.ts'
import { bytes, uint } from '../../scripts/fixtures/raw.ts'
import { createReader, fromBlock, wire } from '../../src/codec/convert.ts'
import { sampleBlock } from '../sample.ts'

describe('createReader', () => {
  it('keeps nothing of the fields that a message does not know', () => {
    const decoded = wire.Ping.decode(createReader(fromHex(uint(1, 1) + uint(100, 1) + bytes(101, '0102'))))

    assert.deepEqual(Object.keys(decoded), ['nonce'])
    assert.deepEqual(new Uint8Array(wire.Ping.encode(decoded).finish()), fromHex(uint(1, 1)))
  })
})

describe('fromBlock', () => {
  it('gives the generated code what it gives back', () => {
    const encoded = new Uint8Array(wire.Block.encode(fromBlock(sampleBlock())).finish())

    assert.deepEqual(decodeEagerly(encoded), sampleBlock())
  })
})
