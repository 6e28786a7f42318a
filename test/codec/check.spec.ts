import assert from 'node:assert/strict'
import { checkBlock, checkMessage, checkNodeInfo, checkTransaction } from '../../src/codec/check.ts'
import { DISCONNECT_REASONS } from '../../src/types/message.ts'
import { sampleBlock, sampleHash, sampleNodeInfo, sampleTransaction } from '../support/sample.ts'
import type { WireMessage } from '../../src/types/message.ts'

const MAX_UINT64 = 2n ** 64n - 1n
const MAX_SAFE = Number.MAX_SAFE_INTEGER
const NOTHING = new Uint8Array(0)
const HASH = sampleHash(0)
const LEAST = new Uint8Array(102)

// what a field may not be, whatever its kind
const NO_BYTES: unknown[] = [undefined, null, 'aa', [1], new ArrayBuffer(32), new DataView(new ArrayBuffer(32)), 1]
const NO_HASH: unknown[] = [...NO_BYTES, NOTHING, new Uint8Array(31), new Uint8Array(33), 'a'.repeat(32), new Uint16Array(16)]
const NO_HEIGHT: unknown[] = [undefined, null, '1', 1n, -1, 0.5, NaN, Infinity, MAX_SAFE + 1]
const NO_UINT32: unknown[] = [undefined, '1', 1n, -1, 0.5, NaN, 2 ** 32]
const NO_UINT64: unknown[] = [undefined, null, '1', 1, -1n, MAX_UINT64 + 1n]
const NO_TEXT: unknown[] = [undefined, null, 1, NOTHING, ['a']]
const HALF_PAIRS: string[] = ['a\ud800', '\udc00b', '\udc00\ud800']

const PEER = { record: new Uint8Array(1024), ageMinutes: 2 ** 32 - 1 }

type Row = [field: string, good: unknown[], bad: unknown[]]

const TRANSACTION: Row[] = [
  ...['id', 'sender', 'recipient'].map((field): Row => [field, [sampleHash(0), Buffer.alloc(32)], NO_HASH]),
  ...['value', 'nonce', 'gasPrice', 'gasLimit'].map((field): Row => [field, [0n, MAX_UINT64], NO_UINT64]),
  ...['data', 'signature'].map((field): Row => [field, [NOTHING, new Uint8Array(100_000)], NO_BYTES])
]

const BLOCK: Row[] = [
  ...['hash', 'prevHash', 'stateRoot'].map((field): Row => [field, [sampleHash(0)], NO_HASH]),
  ...['height', 'timestamp'].map((field): Row => [field, [0, MAX_SAFE], NO_HEIGHT]),
  ['proof', [NOTHING, new Uint8Array(100_000)], NO_BYTES],
  ['transactions', [[], [sampleTransaction(), sampleTransaction()]], [undefined, null, {}, new Set()]]
]

const NODE: Row[] = [
  ['protocolVersion', [0, 1, 2 ** 32 - 1], NO_UINT32],
  ['blockOnly', [undefined, true, false], [1, 'true', {}]],
  ['network', ['', 'n'.repeat(64), '€'.repeat(21)], [...NO_TEXT, ...HALF_PAIRS, 'n'.repeat(65), '€'.repeat(22)]],
  ['nodeId', ['', 'n'.repeat(64), '\0'], [...NO_TEXT, ...HALF_PAIRS, 'n'.repeat(65)]],
  ['userAgent', ['', 'u'.repeat(256), '🧡'.repeat(64)], [...NO_TEXT, ...HALF_PAIRS, 'u'.repeat(257), '🧡'.repeat(65)]],
  ...['genesisHash', 'bestHash'].map((field): Row => [field, [sampleHash(0)], NO_HASH]),
  ['bestHeight', [0, MAX_SAFE], NO_HEIGHT],
  [
    'listenAddrs',
    [[], Array.from({ length: 16 }, () => new Uint8Array(192)), [NOTHING]],
    [undefined, {}, ['/ip4/127.0.0.1'], [null], [new Uint8Array(193)], Array.from({ length: 17 }, () => NOTHING)]
  ]
]

const DIGESTS: Row = [
  'digests',
  [[], Array.from({ length: 512 }, () => sampleHash(0))],
  [undefined, {}, [NOTHING], [sampleHash(0), new Uint8Array(31)], ['aa'], Array.from({ length: 513 }, () => sampleHash(0))]
]

const SHORT_DIGESTS: Row = [
  'shortDigests',
  [undefined, NOTHING, new Uint8Array(16), new Uint8Array(512 * 16)],
  [null, [], 'aa', new Uint8Array(15), new Uint8Array(17), new Uint8Array(513 * 16)]
]

const MESSAGES: [message: WireMessage, rows: Row[]][] = [
  [{ type: 'requestBlock', height: 1 }, [['height', [0, MAX_SAFE], NO_HEIGHT]]],
  [{ type: 'requestBlockRange', startHeight: 5, endHeight: 9 }, [
    ['startHeight', [0, 5, 9], NO_HEIGHT],
    ['endHeight', [5, 6, MAX_SAFE], [...NO_HEIGHT, 4, 0]]
  ]],
  [{ type: 'ping', nonce: 1n, bestHeight: 1 }, [['nonce', [0n, MAX_UINT64], NO_UINT64], ['bestHeight', [0, MAX_SAFE], NO_HEIGHT]]],
  [{ type: 'pong', nonce: 1n, bestHeight: 1 }, [['nonce', [0n, MAX_UINT64], NO_UINT64], ['bestHeight', [0, MAX_SAFE], NO_HEIGHT]]],
  [{ type: 'disconnect', reason: 'SHUTDOWN', detail: '' }, [
    ['reason', Object.keys(DISCONNECT_REASONS), [undefined, null, 1, 'shutdown', 'OTHER', 'toString', '__proto__', 'constructor']],
    ['detail', ['', 'd'.repeat(256)], [...NO_TEXT, ...HALF_PAIRS, 'd'.repeat(257)]]
  ]],
  [{ type: 'have', digests: [] }, [DIGESTS, SHORT_DIGESTS]],
  [{ type: 'want', digests: [] }, [DIGESTS, SHORT_DIGESTS, ['compact', [undefined, true], [null, false, 1, 'true']]]],
  [{ type: 'compactBlock', digest: HASH, before: NOTHING, after: NOTHING, nonce: 0n, shortIds: new Uint8Array(6), prefilled: [] }, [
    ['digest', [HASH], NO_HASH],
    ['before', [NOTHING, HASH], NO_BYTES],
    ['after', [NOTHING, HASH], NO_BYTES],
    ['nonce', [0n, MAX_UINT64], NO_UINT64],
    ['shortIds', [NOTHING, new Uint8Array(6), new Uint8Array(12)], [undefined, new Uint8Array(5), new Uint8Array(7), [1]]],
    ['prefilled', [[], [{ index: 0, transaction: LEAST }], [{ index: 1, transaction: LEAST }]], [
      undefined, [{ index: 2, transaction: LEAST }], [{ index: -1, transaction: LEAST }], [{ index: 0.5, transaction: LEAST }],
      [{ index: 0, transaction: LEAST.subarray(1) }], [{ index: 1, transaction: LEAST }, { index: 0, transaction: LEAST }],
      [{ index: 0, transaction: LEAST }, { index: 0, transaction: LEAST }]
    ]]
  ]],
  [{ type: 'requestTransactions', digest: HASH, indexes: [] }, [
    ['digest', [HASH], NO_HASH],
    ['indexes', [[], [0], [0, 1, 2 ** 32 - 1]], [undefined, null, 1, [1, 1], [2, 1], [-1], [0.5], [2 ** 32], ['1']]]
  ]],
  [{ type: 'responseTransactions', transactions: [] }, [
    ['transactions', [[], [LEAST], [LEAST, LEAST]], [undefined, null, LEAST, [LEAST.subarray(1)], ['text']]]
  ]],
  [{ type: 'requestPeers', count: 1 }, [['count', [0, 64, 2 ** 32 - 1], NO_UINT32]]],
  [{ type: 'responsePeers', peers: [] }, [['peers', [[], Array.from({ length: 64 }, () => PEER)], [undefined, {}, Array.from({ length: 65 }, () => PEER)]]]]
]

function testRows<Checked> (check: (checked: Checked) => void, valid: Checked, rows: Row[]): void {
  for (const [field, good, bad] of rows) {
    it(`takes what \`${field}\` can be`, () => {
      for (const value of good) {
        check({ ...valid, [field]: value })
      }
    })

    it(`refuses what \`${field}\` cannot be, by its name`, () => {
      for (const value of bad) {
        const message = new RegExp(`\`(\\w+\\.)?${field}\``)

        assert.throws(() => { check({ ...valid, [field]: value }) }, { name: 'RangeError', message })
      }
    })
  }
}

describe('codec/check: checkTransaction', () => {
  testRows(checkTransaction, sampleTransaction(), TRANSACTION)
})

describe('codec/check: checkBlock', () => {
  testRows(checkBlock, sampleBlock(), BLOCK)

  it('checks every transaction', () => {
    const transactions = [sampleTransaction(), sampleTransaction({ nonce: -1n })]

    assert.throws(() => { checkBlock(sampleBlock({ transactions })) }, { name: 'RangeError', message: /`transaction.nonce`/ })
  })
})

describe('codec/check: checkNodeInfo', () => {
  testRows(checkNodeInfo, sampleNodeInfo(), NODE)
})

describe('codec/check: checkMessage', () => {
  for (const [message, rows] of MESSAGES) {
    describe(message.type, () => {
      testRows(checkMessage, message, rows)
    })
  }

  const CARRIERS: [title: string, message: WireMessage, field: RegExp][] = [
    ['the node of a handshake', { type: 'handshake', node: sampleNodeInfo({ bestHeight: -1 }) }, /`node.bestHeight`/],
    ['the block of a newBlock', { type: 'newBlock', block: sampleBlock({ height: -1 }) }, /`block.height`/],
    ['the block of a responseBlock', { type: 'responseBlock', block: sampleBlock({ height: -1 }) }, /`block.height`/],
    [
      'every block of a responseBlockRange',
      { type: 'responseBlockRange', blocks: [sampleBlock(), sampleBlock({ height: -1 })], last: false }, /`block.height`/
    ],
    ['the age of a peer', { type: 'responsePeers', peers: [PEER, { ...PEER, ageMinutes: -1 }] }, /`peers.ageMinutes`/],
    ['the record of a peer', { type: 'responsePeers', peers: [{ ...PEER, record: new Uint8Array(1025) }] }, /`peers.record`/],
    ['the transaction of a newTransaction', { type: 'newTransaction', transaction: sampleTransaction({ value: -1n }) }, /`transaction.value`/]
  ]

  for (const [title, message, field] of CARRIERS) {
    it(`checks ${title}`, () => {
      assert.throws(() => { checkMessage(message) }, { name: 'RangeError', message: field })
    })
  }

  it('refuses a range that ends below its start', () => {
    const message = /`endHeight`/

    assert.throws(() => { checkMessage({ type: 'requestBlockRange', startHeight: 10, endHeight: 9 }) }, { name: 'RangeError', message })
  })

  it('takes a responseBlock without a block', () => {
    checkMessage({ type: 'responseBlock' })
    checkMessage({ type: 'responseBlock', block: undefined })
  })

  for (const type of [undefined, 'block', 'toString', '__proto__']) {
    it(`refuses the type ${type}`, () => {
      assert.throws(() => { checkMessage({ type } as never) }, { name: 'RangeError', message: /`type`/ })
    })
  }
})
