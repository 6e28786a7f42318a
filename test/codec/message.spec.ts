import assert from 'node:assert/strict'
import { fromHex } from '../support/read-frames.ts'
import { MESSAGES } from '../../scripts/fixtures/messages.ts'
import { block, bytes, text, uint } from '../../scripts/fixtures/raw.ts'
import { readEnvelope } from '../../src/codec/envelope.ts'
import { decodeBody, decodeMessage, encodeMessage } from '../../src/codec/message.ts'
import { DISCONNECT_REASONS } from '../../src/types/message.ts'
import { sampleBlock, sampleHash, sampleNodeInfo, sampleTransaction } from '../support/sample.ts'
import type { DisconnectReason, WireMessage } from '../../src/types/message.ts'

// Small enough to be encoded by hand: requestId 3, then the body in its field.
const BY_HAND: [message: WireMessage, hex: string][] = [
  [{ type: 'requestBlock', height: 300 }, '0803' + '2a03' + '08ac02'],
  [{ type: 'responseBlock' }, '0803' + '3200'],
  [{ type: 'requestBlockRange', startHeight: 0, endHeight: 5 }, '0803' + '3a02' + '1005'],
  [{ type: 'requestBlockRange', startHeight: 1, endHeight: 5 }, '0803' + '3a04' + '0801' + '1005'],
  [{ type: 'responseBlockRange', blocks: [], last: true }, '0803' + '4202' + '1001'],
  [{ type: 'ping', nonce: 1n, bestHeight: 2 }, '0803' + '4a04' + '0801' + '1002'],
  [{ type: 'pong', nonce: 2n ** 64n - 1n, bestHeight: 0 }, '0803' + '520b' + '08ffffffffffffffffff01'],
  [{ type: 'disconnect', reason: 'TOO_SLOW', detail: 'hé' }, '0803' + '5a07' + '080a' + '1203' + '68c3a9'],
  [{ type: 'have', digests: [] }, '0803' + '6200'],
  [{ type: 'want', digests: [sampleHash(1)] }, '0803' + '6a22' + '0a20' + Buffer.from(sampleHash(1)).toString('hex')],
  [{ type: 'requestPeers', count: 64 }, '0803' + '8a0102' + '0840'],
  [{ type: 'responsePeers', peers: [{ record: Uint8Array.of(1, 2), ageMinutes: 5 }] }, '0803' + '920108' + '0a06' + '0a020102' + '1005'],
  [{ type: 'have', digests: [], shortDigests: new Uint8Array(16).fill(7) }, '0803' + '6212' + '1210' + '07'.repeat(16)],
  [{ type: 'want', digests: [], shortDigests: new Uint8Array(16).fill(7), compact: true }, '0803' + '6a14' + '1210' + '07'.repeat(16) + '1801']
]

function causeOf (err: unknown): unknown {
  return err instanceof Error && err.cause instanceof Error ? causeOf(err.cause) : err
}

describe('codec/message: encodeMessage and decodeMessage', () => {
  for (const [message, hex] of BY_HAND) {
    it(`have ${message.type} as ${hex.slice(0, 40)}`, () => {
      assert.equal(Buffer.from(encodeMessage(message, 3n)).toString('hex'), hex)
      assert.deepEqual(decodeMessage(fromHex(hex)), { message, requestId: 3n })
    })
  }

  it('leave out a request id where there is none', () => {
    const message: WireMessage = { type: 'ping', nonce: 1n, bestHeight: 2 }

    assert.equal(Buffer.from(encodeMessage(message)).toString('hex'), '4a0408011002')
    assert.deepEqual(decodeMessage(fromHex('4a0408011002')), { message, requestId: undefined })
  })

  it('have every type of message among the samples', () => {
    const types = new Set(MESSAGES.map(([, message]) => message.type))

    assert.equal(types.size, 14)
  })
})

describe('codec/message: decodeMessage', () => {
  it('gives no message for a kind that it does not know', () => {
    assert.deepEqual(decodeMessage(fromHex(uint(1, 7) + bytes(14, 'ff'))), { message: undefined, requestId: 7n })
    assert.deepEqual(decodeMessage(new Uint8Array(0)), { message: undefined, requestId: undefined })
  })

  it('reads a Buffer like any other Uint8Array', () => {
    const message: WireMessage = { type: 'handshake', node: sampleNodeInfo({ nodeId: 'nœud', userAgent: 'a'.repeat(100) + '€' }) }
    const decoded = decodeMessage(Buffer.from(encodeMessage(message))).message

    assert.deepEqual(new Uint8Array(encodeMessage(decoded!)), new Uint8Array(encodeMessage(message)))
    assert.throws(() => decodeMessage(Buffer.from(fromHex(bytes(11, bytes(2, 'ff'))))), { name: 'DecodeError' })
  })

  it('reads a view of a larger memory', () => {
    const message: WireMessage = { type: 'newBlock', block: sampleBlock() }
    const encoded = encodeMessage(message, 9n)
    const around = new Uint8Array(encoded.byteLength + 20).fill(0xff)
    around.set(encoded, 10)

    assert.deepEqual(decodeMessage(around.subarray(10, -10)), { message, requestId: 9n })
  })

  it('gives the block that is absent as no property at all', () => {
    assert.deepEqual(decodeMessage(encodeMessage({ type: 'responseBlock', block: undefined })).message, { type: 'responseBlock' })
  })

  it('says why in the cause', () => {
    for (const hex of [bytes(5, uint(1, 2n ** 53n)), bytes(3, bytes(1, block({ 1: uint(1, 2n ** 53n) })))]) {
      assert.throws(() => decodeMessage(fromHex(hex)), (err: Error) => {
        return err.name === 'DecodeError' && /`(requestBlock|block).height` to be at most 2\^53 - 1/.test((causeOf(err) as Error).message)
      })
    }
  })

  describe('the reason of a disconnect', () => {
    for (const [name, number] of Object.entries(DISCONNECT_REASONS) as [DisconnectReason, number][]) {
      it(`${number} is ${name}`, () => {
        assert.deepEqual(decodeMessage(fromHex(bytes(11, uint(1, number)))).message, { type: 'disconnect', reason: name, detail: '' })
      })
    }

    for (const number of [12, 255, 2n ** 31n - 1n, 2n ** 64n - 1n]) {
      it(`${number} is UNSPECIFIED`, () => {
        const { message } = decodeMessage(fromHex(bytes(11, uint(1, number))))

        assert.deepEqual(message, { type: 'disconnect', reason: 'UNSPECIFIED', detail: '' })
      })
    }
  })

  describe('the detail of a disconnect that is too long', () => {
    const CUT: [title: string, detail: string, expected: string][] = [
      ['at 256 bytes', 'd'.repeat(300), 'd'.repeat(256)],
      ['before a two-byte character in the way', 'd'.repeat(255) + 'éé', 'd'.repeat(255)],
      ['before a four-byte character in the way', 'd'.repeat(253) + '🧡🧡', 'd'.repeat(253)],
      ['after a character that just fits', 'd'.repeat(252) + '🧡🧡', 'd'.repeat(252) + '🧡'],
      ['with the byte order mark that it starts with', '\ufeff' + 'd'.repeat(300), '\ufeff' + 'd'.repeat(253)],
      ['to nothing longer when it is a million bytes', '€'.repeat(333_333), '€'.repeat(85)]
    ]

    for (const [title, detail, expected] of CUT) {
      it(`is cut ${title}`, () => {
        const { message } = decodeMessage(fromHex(bytes(11, uint(1, 1), text(2, detail))))

        assert.deepEqual(message, { type: 'disconnect', reason: 'SHUTDOWN', detail: expected })
      })
    }
  })
})

describe('codec/message: decodeBody', () => {
  for (const [name, message] of MESSAGES) {
    it(`decodes the body of a ${name}`, () => {
      const { body } = readEnvelope(new Uint8Array(encodeMessage(message)))

      assert.deepEqual(decodeBody(message.type, body), message)
    })
  }

  it('refuses more digests than there may be before any is decoded', () => {
    const garbage = 'ff'
    const body = fromHex(bytes(1).repeat(20_000) + garbage)

    for (const type of ['have', 'want'] as const) {
      assert.throws(() => decodeBody(type, body), { name: 'DecodeError', rule: 'hash' })
    }
  })
})

describe('codec/message: encodeMessage', () => {
  const REFUSED: [title: string, message: unknown, requestId?: unknown][] = [
    ['an unknown type', { type: 'block' }],
    ['a type that every object has', { type: 'toString' }],
    ['a newBlock without a block', { type: 'newBlock' }],
    ['a newTransaction without a transaction', { type: 'newTransaction' }],
    ['a handshake without a node', { type: 'handshake' }],
    ['a responseBlockRange without blocks', { type: 'responseBlockRange', last: true }],
    ['a block without a hash', { type: 'newBlock', block: { ...sampleBlock(), hash: undefined } }],
    ['a hash in hex', { type: 'newBlock', block: { ...sampleBlock(), hash: '11'.repeat(32) } }],
    ['an amount that is a number', { type: 'newTransaction', transaction: { ...sampleTransaction(), value: 5 } }],
    ['a height that is a bigint', { type: 'requestBlock', height: 5n }],
    ['a height that is no integer', { type: 'requestBlock', height: 1.5 }],
    ['a range that ends below its start', { type: 'requestBlockRange', startHeight: 2, endHeight: 1 }],
    ['a reason of a later version', { type: 'disconnect', reason: 'BORED', detail: '' }],
    ['half of a surrogate pair', { type: 'disconnect', reason: 'SHUTDOWN', detail: 'a\ud800' }],
    ['a request id below zero', { type: 'requestBlock', height: 1 }, -1n],
    ['a request id of 2^64', { type: 'requestBlock', height: 1 }, 2n ** 64n],
    ['a request id that is a number', { type: 'requestBlock', height: 1 }, 5]
  ]

  for (const [title, message, requestId] of REFUSED) {
    it(`refuses ${title}`, () => {
      assert.throws(() => encodeMessage(message as never, requestId as never), (err: Error) => {
        return err.name === 'EncodeError' && err.cause instanceof Error
      })
    })
  }

  it('writes nothing of the properties that a message does not have', () => {
    const transaction = { ...sampleTransaction(), fee: 5n, $unknowns: undefined }

    assert.deepEqual(
      new Uint8Array(encodeMessage({ type: 'newTransaction', transaction })),
      new Uint8Array(encodeMessage({ type: 'newTransaction', transaction: sampleTransaction() }))
    )
  })
})
