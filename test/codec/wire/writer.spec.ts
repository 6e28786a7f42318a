import assert from 'node:assert/strict'
import fc from 'fast-check'
import protobuf from 'protobufjs/minimal.js'
import { FieldWriter, MAX_VARINT_FIELD, fieldBytes, varintBytes } from '../../../src/codec/wire/writer.ts'

describe('codec/wire/writer', () => {
  it('writes what protobufjs reads', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.uint8Array({ maxLength: 500 }), (integer, bytes) => {
      const written = new FieldWriter(MAX_VARINT_FIELD + fieldBytes(bytes.byteLength)).uint64(1, integer).bytes(2, bytes).finish()
      const reader = protobuf.Reader.create(written)

      if (integer !== 0n) {
        assert.equal(reader.tag(), 1 << 3)
        assert.equal(BigInt(String(reader.uint64() as unknown as bigint)), integer)
      }

      if (bytes.byteLength > 0) {
        assert.equal(reader.tag(), 2 << 3 | 2)
        assert.deepEqual(new Uint8Array(reader.bytes()), bytes)
      }

      assert.equal(reader.pos, written.byteLength)
    }), { numRuns: 500 })
  })

  it('puts fields around what it has written', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 20_000 }), (bytes) => {
      const writer = new FieldWriter(bytes.byteLength, 32).raw(bytes)
      const expected = protobuf.Writer.create().uint32(1 << 3 | 2)
        .bytes(protobuf.Writer.create().uint32(3 << 3 | 2).bytes(bytes).finish()).finish()

      assert.deepEqual(new Uint8Array(writer.finish()), bytes)
      assert.deepEqual(new Uint8Array(writer.wrap(3).wrap(1).finish()), new Uint8Array(expected))
      assert.equal(writer.length, expected.byteLength)
      assert.deepEqual(
        new Uint8Array(writer.prefix().finish()), new Uint8Array(protobuf.Writer.create().bytes(expected).finish())
      )
    }), { numRuns: 300 })
  })

  const sizes = [[0, 1], [127, 1], [128, 2], [16_383, 2], [16_384, 3], [2 ** 32, 5], [Number.MAX_SAFE_INTEGER, 8]] as const

  for (const [value, bytes] of sizes) {
    it(`takes ${bytes} bytes for ${value}`, () => {
      assert.equal(varintBytes(value), bytes)
      assert.equal(new FieldWriter(10).varint(value).finish().byteLength, bytes)
    })
  }
})
