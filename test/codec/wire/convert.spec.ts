import assert from 'node:assert/strict'
import { decodeEagerly } from '../../support/eager-block.ts'
import { fromBlock, wire } from '../../../src/codec/wire/convert.ts'
import { sampleBlock } from '../../support/sample.ts'

describe('codec/wire/convert', () => {
  it('gives the generated code what it gives back', () => {
    const encoded = new Uint8Array(wire.Block.encode(fromBlock(sampleBlock())).finish())

    assert.deepEqual(decodeEagerly(encoded), sampleBlock())
  })
})
