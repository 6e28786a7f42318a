import assert from 'node:assert/strict'
import { bytes, uint, varint } from '../../scripts/fixtures/raw.ts'
import { fromHex } from '../support/read-frames.ts'
import { knownBodies, readEnvelope, writeEnvelope } from '../../src/codec/envelope.ts'
import { FEATURES } from '../../src/types/features.ts'
import type { MessageType } from '../../src/types/message.ts'

const FIELDS: Record<MessageType, number> = {
  handshake: 2,
  newBlock: 3,
  newTransaction: 4,
  requestBlock: 5,
  responseBlock: 6,
  requestBlockRange: 7,
  responseBlockRange: 8,
  ping: 9,
  pong: 10,
  disconnect: 11,
  have: 12,
  want: 13,
  compactBlock: 14,
  requestTransactions: 15,
  responseTransactions: 16,
  requestPeers: 17,
  responsePeers: 18
}

const ALL = knownBodies(FEATURES)

const BODY = Uint8Array.of(8, 1)
const PING = bytes(9, '0801')

describe('codec/envelope', () => {
  for (const [type, field] of Object.entries(FIELDS) as [MessageType, number][]) {
    it(`has ${type} in field ${field}`, () => {
      const message = fromHex(bytes(field, '0801'))

      assert.deepEqual(readEnvelope(message, ALL), { type, requestId: undefined, body: BODY })
      assert.deepEqual(new Uint8Array(writeEnvelope(type, BODY)), message)
    })
  }

  it('gives the body without copying it', () => {
    const message = fromHex(PING)

    assert.equal(readEnvelope(message).body.buffer, message.buffer)
  })

  it('reads a tag of two bytes, and no other that begins alike', () => {
    assert.deepEqual(readEnvelope(fromHex('8a0100')), { type: 'requestPeers', requestId: undefined, body: new Uint8Array(0) })
    // field 17 + 16, and field 17 in a form that is not the shortest
    assert.equal(readEnvelope(fromHex('8a0200')).type, undefined)
    assert.throws(() => readEnvelope(fromHex('8a810000')), { name: 'DecodeError' })
  })

  it('takes an empty body', () => {
    assert.deepEqual(readEnvelope(fromHex('4a00')), { type: 'ping', requestId: undefined, body: new Uint8Array(0) })
    assert.deepEqual(new Uint8Array(writeEnvelope('ping', new Uint8Array(0))), fromHex('4a00'))
  })

  it('takes a length that is written in more bytes than it needs', () => {
    for (const length of ['8200', '828000', '82808000', '8280808000']) {
      assert.deepEqual(readEnvelope(fromHex(`4a${length}0801`)), { type: 'ping', requestId: undefined, body: BODY }, length)
    }
  })

  it('refuses a length that never ends, is of more than five bytes, or says more than there is', () => {
    for (const hex of ['4a', '4a80', '4a8280808080000801', '4a030801', '4affffffff0f0801', '4a' + '80'.repeat(11) + '00']) {
      assert.throws(() => readEnvelope(fromHex(hex)), { name: 'DecodeError' }, hex)
    }
  })

  it('skips what it does not know behind a body', () => {
    assert.deepEqual(readEnvelope(fromHex(PING + uint(99, 1))), { type: 'ping', requestId: undefined, body: BODY })
  })

  describe('request id', () => {
    for (const requestId of [1n, 127n, 128n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      it(`can be ${requestId}`, () => {
        const message = fromHex(uint(1, requestId) + PING)

        assert.deepEqual(new Uint8Array(writeEnvelope('ping', BODY, requestId)), message)
        assert.deepEqual(readEnvelope(message), { type: 'ping', requestId, body: BODY })
      })
    }

    for (const requestId of [-1n, 2n ** 64n, 2n ** 64n + 1n]) {
      it(`cannot be ${requestId}`, () => {
        assert.throws(() => writeEnvelope('ping', BODY, requestId), { name: 'EncodeError', message: /`requestId`/ })
      })
    }

    it('0 is the same as none', () => {
      assert.equal(readEnvelope(fromHex(uint(1, 0) + PING)).requestId, undefined)
      assert.deepEqual(new Uint8Array(writeEnvelope('ping', BODY, 0n)), fromHex(PING))
    })

    it('is the last one, also when that is 0', () => {
      assert.equal(readEnvelope(fromHex(uint(1, 3) + uint(1, 4) + PING)).requestId, 4n)
      assert.equal(readEnvelope(fromHex(uint(1, 3) + PING + uint(1, 0))).requestId, undefined)
    })
  })

  const UNKNOWN: [title: string, hex: string][] = [
    ['nothing but a request id', uint(1, 5)],
    ['the first field number that is free', uint(1, 5) + bytes(14, '0801')],
    ['the largest field number there is', uint(1, 5) + varint(2n ** 32n - 8n + 2n) + '020801'],
    ['a field of each wire type', uint(1, 5) + uint(14, 2n ** 64n - 1n) + '710102030405060708' + bytes(14, '01') + '7501020304']
  ]

  for (const [title, hex] of UNKNOWN) {
    it(`has no type for ${title}`, () => {
      assert.deepEqual(readEnvelope(fromHex(hex)), { type: undefined, requestId: 5n, body: new Uint8Array(0) })
    })
  }

  it('knows a body of a feature in a session that uses it, and in no other', () => {
    const message = fromHex(uint(1, 5) + bytes(14, '0801'))

    assert.equal(readEnvelope(message, knownBodies(['compact-blocks'])).type, 'compactBlock')
    assert.equal(readEnvelope(message, knownBodies(['short-digests', 'peers'])).type, undefined)
    assert.throws(() => readEnvelope(fromHex(bytes(14, '0801') + PING), ALL), { name: 'DecodeError', rule: 'once' })
  })

  it('does not take the first byte of a tag of two for a tag', () => {
    // field 16, whose length would be the byte behind its tag
    assert.throws(() => readEnvelope(fromHex('820108'), ALL), { name: 'DecodeError', rule: 'end' })
  })

  it('finds a body among fields that it does not know', () => {
    assert.deepEqual(readEnvelope(fromHex(bytes(14, '0801') + PING + uint(15, 1))), { type: 'ping', requestId: undefined, body: BODY })
  })

  const REFUSED: [title: string, hex: string][] = [
    ['two bodies', PING + bytes(10, '0801')],
    ['two bodies of one type', PING + PING],
    ['the field of a body as a number', uint(1, 5) + uint(9, 1)],
    ['the field of a body as four bytes', uint(1, 5) + '4d01020304'],
    ['the field of a body as a group', uint(1, 5) + '4b08014c'],
    ['a request id as bytes', bytes(1, '05') + PING],
    ['a group', uint(1, 5) + '7374'],
    ['a length whose fifth byte says that another follows', '4a8480808080' + '08011005'],
    ['a request id of 2^64', '0880808080808080808002' + PING],
    ['a tag in more bytes than it needs', 'ca8000' + '020801'],
    ['a tag in six bytes', 'ca8080808000' + '020801'],
    ['a body that is longer than the message', '4a030801'],
    ['a length below zero', '4affffffffffffffffff01'],
    ['wire type 6', '4e'],
    ['field number 0', '0201']
  ]

  for (const [title, hex] of REFUSED) {
    it(`refuses ${title}`, () => {
      assert.throws(() => readEnvelope(fromHex(hex)), { name: 'DecodeError' })
    })
  }
})
