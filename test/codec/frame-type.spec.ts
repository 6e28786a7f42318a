import assert from 'node:assert/strict'
import { Uint8ArrayList } from 'uint8arraylist'
import { encodeFrame } from '../../src/codec/frame.ts'
import { frameType, lengthBytes } from '../../src/codec/frame-type.ts'
import { writeEnvelope } from '../../src/codec/envelope.ts'
import { BODY_FIELDS } from '../../src/codec/wire/schema.ts'
import type { MessageType } from '../../src/types/message.ts'

const TYPES = Object.keys(BODY_FIELDS) as MessageType[]
const IDS = [undefined, 1n, 127n, 128n, 2n ** 63n, 2n ** 64n - 1n]

describe('codec/frame-type', () => {
  for (const bodyBytes of [0, 100, 127, 128, 20_000]) {
    it(`tells the type of every message with a body of ${bodyBytes} bytes, whatever its request id, in one piece and in several`, () => {
      for (const type of TYPES) {
        for (const id of IDS) {
          const frame = encodeFrame(writeEnvelope(type, new Uint8Array(bodyBytes), id))
          const pieces = new Uint8ArrayList(...Array.from(frame.subarray(0, 16), (byte) => Uint8Array.of(byte)), frame.subarray(16))
          assert.deepEqual([frameType(frame), frameType(pieces)], [type, type], `${type} with ${id}`)
        }
      }
    })
  }

  it('tells no type of what is no frame, or ends too early', () => {
    const endless = Array.from({ length: 11 }, () => 0x80)

    for (const bytes of [[], [1], [2, 8, 1], endless, [2, 0xa2, 6], [0x0c, 8, ...endless]]) {
      assert.equal(frameType(Uint8Array.from(bytes)), undefined, String(bytes))
      assert.equal(frameType(new Uint8ArrayList(Uint8Array.from(bytes))), undefined, String(bytes))
    }
  })

  it('tells how many bytes a length takes', () => {
    for (const length of [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const message = new Uint8Array(length)
      assert.equal(lengthBytes(length), encodeFrame(message).byteLength - length, String(length))
    }

    assert.deepEqual([2 ** 28 - 1, 2 ** 28].map(lengthBytes), [4, 5])
  })
})
