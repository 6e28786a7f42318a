import assert from 'node:assert/strict'
import { fromHex, readFrames } from '../support/read-frames.ts'
import { block, bytes, HASH, message as raw, node, text, transaction, uint, varint } from '../../scripts/fixtures/raw.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import {
  HASH_BYTES, MAX_DETAIL_BYTES, MAX_DIGESTS, MAX_FRAME_BYTES, MAX_HANDSHAKE_FRAME_BYTES, MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS,
  MAX_NETWORK_BYTES, MAX_NODE_ID_BYTES, MAX_PEER_RECORD_BYTES, MAX_PEER_RECORDS, MAX_USER_AGENT_BYTES, MIN_BLOCK_BYTES,
  MIN_TRANSACTION_BYTES, SHORT_DIGEST_BYTES
} from '../../src/codec/limits.ts'
import { decodeMessage, encodeMessage } from '../../src/codec/message.ts'
import { sampleBlock, sampleHash, sampleNodeInfo, sampleTransaction } from '../support/sample.ts'
import type { Fields } from '../../scripts/fixtures/raw.ts'
import type { Block, Transaction } from '../../src/types/block.ts'
import type { NodeInfo, WireMessage } from '../../src/types/message.ts'

// A limit of a field: a message with `size` of it, and the bytes of one, which our encoder would not write past the limit.
interface Limit {
  name: string
  limit: number
  message: (size: number) => WireMessage
  frame: (size: number) => string
}

const MAX_SAFE = Number.MAX_SAFE_INTEGER
const filled = (size: number): Uint8Array => new Uint8Array(size).fill(0x11)
const hex = (size: number): string => '11'.repeat(size)

const handshake = (fields: Partial<NodeInfo>): WireMessage => ({ type: 'handshake', node: sampleNodeInfo(fields) })
const rawHandshake = (fields: Fields): string => raw.handshake(bytes(1, node(fields)))
const newBlock = (fields: Partial<Block>): WireMessage => ({ type: 'newBlock', block: sampleBlock(fields) })
const rawNewBlock = (fields: Fields): string => raw.newBlock(bytes(1, block(fields)))
const newTransaction = (fields: Partial<Transaction>): WireMessage => ({ type: 'newTransaction', transaction: sampleTransaction(fields) })
const rawNewTransaction = (fields: Fields): string => raw.newTransaction(bytes(1, transaction(fields)))

const MAXIMA: Limit[] = [
  ...([[2, 'network', MAX_NETWORK_BYTES], [4, 'nodeId', MAX_NODE_ID_BYTES], [5, 'userAgent', MAX_USER_AGENT_BYTES]] as const)
    .flatMap(([field, name, limit]): Limit[] => [{
      name: `bytes of \`${name}\``,
      limit,
      message: (size) => handshake({ [name]: 'n'.repeat(size) }),
      frame: (size) => rawHandshake({ [field]: text(field, 'n'.repeat(size)) })
    }, {
      name: `bytes of \`${name}\`, some of them in one character`,
      limit,
      message: (size) => handshake({ [name]: '€'.repeat(10) + 'n'.repeat(size - 30) }),
      frame: (size) => rawHandshake({ [field]: text(field, '€'.repeat(10) + 'n'.repeat(size - 30)) })
    }]),
  {
    name: 'addresses in `listenAddrs`',
    limit: MAX_LISTEN_ADDRS,
    message: (size) => handshake({ listenAddrs: Array.from({ length: size }, () => filled(2)) }),
    frame: (size) => rawHandshake({ 6: bytes(6, hex(2)).repeat(size) })
  },
  {
    name: 'bytes of an address in `listenAddrs`',
    limit: MAX_LISTEN_ADDR_BYTES,
    message: (size) => handshake({ listenAddrs: [filled(2), filled(size)] }),
    frame: (size) => rawHandshake({ 6: bytes(6, hex(2)) + bytes(6, hex(size)) })
  },
  ...(['have', 'want'] as const).map((type): Limit => ({
    name: `digests in a ${type}`,
    limit: MAX_DIGESTS,
    message: (size) => ({ type, digests: Array.from({ length: size }, (_, index) => sampleHash(index)) }),
    frame: (size) => raw[type](bytes(1, HASH).repeat(size))
  })),
  {
    name: 'peers in a responsePeers',
    limit: MAX_PEER_RECORDS,
    message: (size) => ({ type: 'responsePeers', peers: Array.from({ length: size }, () => ({ record: filled(8), ageMinutes: 1 })) }),
    frame: (size) => raw.responsePeers(bytes(1, bytes(1, hex(8)), uint(2, 1)).repeat(size))
  },
  {
    name: 'bytes of the record of a peer',
    limit: MAX_PEER_RECORD_BYTES,
    message: (size) => ({ type: 'responsePeers', peers: [{ record: filled(size), ageMinutes: 1 }] }),
    frame: (size) => raw.responsePeers(bytes(1, bytes(1, hex(size)), uint(2, 1)))
  },
  ...(['have', 'want'] as const).map((type): Limit => ({
    name: `short digests in a ${type}`,
    limit: MAX_DIGESTS,
    message: (size) => ({ type, digests: [], shortDigests: filled(size * SHORT_DIGEST_BYTES) }),
    frame: (size) => raw[type](bytes(2, hex(size * SHORT_DIGEST_BYTES)))
  })),
  ...([[1, 'height'], [4, 'timestamp']] as const).map(([field, name]): Limit => ({
    name: `\`block.${name}\``,
    limit: MAX_SAFE,
    message: (size) => newBlock({ [name]: size }),
    frame: (size) => rawNewBlock({ [field]: uint(field, size) })
  })),
  {
    name: '`node.bestHeight`',
    limit: MAX_SAFE,
    message: (size) => handshake({ bestHeight: size }),
    frame: (size) => rawHandshake({ 7: uint(7, size) })
  },
  {
    name: 'height of a requestBlock',
    limit: MAX_SAFE,
    message: (size) => ({ type: 'requestBlock', height: size }),
    frame: (size) => raw.requestBlock(uint(1, size))
  },
  {
    name: '`endHeight` of a requestBlockRange',
    limit: MAX_SAFE,
    message: (size) => ({ type: 'requestBlockRange', startHeight: 0, endHeight: size }),
    frame: (size) => raw.requestBlockRange(uint(2, size))
  },
  ...(['ping', 'pong'] as const).map((type): Limit => ({
    name: `\`bestHeight\` of a ${type}`,
    limit: MAX_SAFE,
    message: (size) => ({ type, nonce: 1n, bestHeight: size }),
    frame: (size) => raw[type](uint(1, 1), uint(2, size))
  }))
]

const HASHES: Omit<Limit, 'limit'>[] = [
  ...([[3, 'genesisHash'], [8, 'bestHash']] as const).map(([field, name]) => ({
    name: `node.${name}`,
    message: (size: number) => handshake({ [name]: filled(size) }),
    frame: (size: number) => rawHandshake({ [field]: bytes(field, hex(size)) })
  })),
  ...([[2, 'hash'], [3, 'prevHash'], [5, 'stateRoot']] as const).map(([field, name]) => ({
    name: `block.${name}`,
    message: (size: number) => newBlock({ [name]: filled(size) }),
    frame: (size: number) => rawNewBlock({ [field]: bytes(field, hex(size)) })
  })),
  ...([[1, 'id'], [2, 'sender'], [3, 'recipient']] as const).map(([field, name]) => ({
    name: `transaction.${name}`,
    message: (size: number) => newTransaction({ [name]: filled(size) }),
    frame: (size: number) => rawNewTransaction({ [field]: bytes(field, hex(size)) })
  })),
  ...(['have', 'want'] as const).map((type) => ({
    name: `a digest of a ${type}`,
    message: (size: number): WireMessage => ({ type, digests: [filled(HASH_BYTES), filled(size)] }),
    frame: (size: number) => raw[type](bytes(1, HASH), bytes(1, hex(size)))
  }))
]

async function decodeFrame (frame: string): Promise<WireMessage | undefined> {
  const [bytes] = await readFrames([fromHex(frame)])

  return decodeMessage(bytes!).message
}

describe('codec/limits', () => {
  for (const { name, limit, message, frame } of MAXIMA) {
    it(`${name}: ${limit} is encoded and decoded, one more is refused by both`, async () => {
      const decoded = await decodeFrame(frame(limit))

      assert.equal(decoded?.type, message(limit).type)
      assert.deepEqual(decodeMessage(new Uint8Array(encodeMessage(message(limit)))).message, message(limit))
      assert.throws(() => encodeMessage(message(limit + 1)), { name: 'EncodeError' })
      await assert.rejects(decodeFrame(frame(limit + 1)), { name: 'DecodeError' })
    })
  }

  for (const { name, message, frame } of HASHES) {
    it(`${name}: ${HASH_BYTES} bytes are encoded and decoded, one more or less or none are refused by both`, async () => {
      assert.ok(await decodeFrame(frame(HASH_BYTES)))
      assert.deepEqual(decodeMessage(new Uint8Array(encodeMessage(message(HASH_BYTES)))).message, message(HASH_BYTES))

      for (const size of [HASH_BYTES - 1, HASH_BYTES + 1, 0]) {
        assert.throws(() => encodeMessage(message(size)), { name: 'EncodeError' })
        await assert.rejects(decodeFrame(frame(size)), { name: 'DecodeError' })
      }
    })
  }

  it(`${MAX_DETAIL_BYTES} bytes of a disconnect's detail are encoded and decoded, more is not encoded and cut when decoded`, async () => {
    const disconnect = (detail: string): WireMessage => ({ type: 'disconnect', reason: 'SHUTDOWN', detail })
    const longest = disconnect('d'.repeat(MAX_DETAIL_BYTES))

    assert.deepEqual(decodeMessage(encodeMessage(longest)).message, longest)
    assert.throws(() => encodeMessage(disconnect('d'.repeat(MAX_DETAIL_BYTES + 1))), { name: 'EncodeError' })
    assert.deepEqual(await decodeFrame(raw.disconnect(uint(1, 1), text(2, 'd'.repeat(MAX_DETAIL_BYTES + 1)))), longest)
  })

  it(`a transaction of ${MIN_TRANSACTION_BYTES} bytes is the smallest there is`, async () => {
    const smallest = transaction({ 4: '', 8: '' })

    assert.equal(smallest.length / 2, MIN_TRANSACTION_BYTES)
    assert.ok(await decodeFrame(rawNewBlock({ 6: bytes(6, smallest) })))
    await assert.rejects(decodeFrame(rawNewBlock({ 6: bytes(6, smallest.slice(0, -2)) })), { name: 'DecodeError' })
    assert.ok(await decodeFrame(raw.newTransaction(bytes(1, smallest))))
  })

  it(`a block of ${MIN_BLOCK_BYTES} bytes is the smallest there is`, async () => {
    const smallest = block({ 1: '', 4: '' })

    assert.equal(smallest.length / 2, MIN_BLOCK_BYTES)
    assert.ok(await decodeFrame(raw.responseBlockRange(bytes(1, smallest))))
    await assert.rejects(decodeFrame(raw.responseBlockRange(bytes(1, smallest.slice(0, -2)))), { name: 'DecodeError' })
    assert.ok(await decodeFrame(raw.newBlock(bytes(1, smallest))))
  })

  it(`a handshake with every limit reached fits in ${MAX_HANDSHAKE_FRAME_BYTES} bytes`, () => {
    const largest = encodeMessage(handshake({
      protocolVersion: 0xffffffff,
      network: 'n'.repeat(MAX_NETWORK_BYTES),
      nodeId: 'n'.repeat(MAX_NODE_ID_BYTES),
      userAgent: 'u'.repeat(MAX_USER_AGENT_BYTES),
      listenAddrs: Array.from({ length: MAX_LISTEN_ADDRS }, () => filled(MAX_LISTEN_ADDR_BYTES)),
      bestHeight: MAX_SAFE
    }), 2n ** 64n - 1n)

    assert.ok(largest.byteLength <= MAX_HANDSHAKE_FRAME_BYTES, `${largest.byteLength} bytes`)
  })

  it(`a disconnect with the longest detail fits in ${MAX_HANDSHAKE_FRAME_BYTES} bytes`, () => {
    const largest = encodeMessage({ type: 'disconnect', reason: 'TOO_SLOW', detail: 'd'.repeat(MAX_DETAIL_BYTES) })

    assert.ok(largest.byteLength <= MAX_HANDSHAKE_FRAME_BYTES, `${largest.byteLength} bytes`)
  })

  it(`a message of ${MAX_FRAME_BYTES} bytes is framed and read, one more is refused by both`, async () => {
    const overhead = encodeMessage(newTransaction({ data: filled(3_000_000) })).byteLength - 3_000_000
    const largest = encodeMessage(newTransaction({ data: filled(MAX_FRAME_BYTES - overhead) }))

    assert.equal(largest.byteLength, MAX_FRAME_BYTES)
    const [body] = await readFrames([encodeFrame(largest)])
    assert.ok(Buffer.from(body!).equals(largest))

    const tooLarge = encodeMessage(newTransaction({ data: filled(MAX_FRAME_BYTES - overhead + 1) }))
    assert.throws(() => encodeFrame(tooLarge), { name: 'EncodeError' })
    await assert.rejects(readFrames([fromHex(varint(MAX_FRAME_BYTES + 1)), tooLarge]), { name: 'DecodeError' })
  })

  it('are what the protocol says', () => {
    assert.deepEqual({
      HASH_BYTES, MAX_DETAIL_BYTES, MAX_DIGESTS, MAX_FRAME_BYTES, MAX_HANDSHAKE_FRAME_BYTES, MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS,
      MAX_NETWORK_BYTES, MAX_NODE_ID_BYTES, MAX_USER_AGENT_BYTES, MIN_BLOCK_BYTES, MIN_TRANSACTION_BYTES
    }, {
      HASH_BYTES: 32,
      MAX_DETAIL_BYTES: 256,
      MAX_DIGESTS: 512,
      MAX_FRAME_BYTES: 4_194_304,
      MAX_HANDSHAKE_FRAME_BYTES: 4096,
      MAX_LISTEN_ADDR_BYTES: 192,
      MAX_LISTEN_ADDRS: 16,
      MAX_NETWORK_BYTES: 64,
      MAX_NODE_ID_BYTES: 64,
      MAX_USER_AGENT_BYTES: 256,
      MIN_BLOCK_BYTES: 102,
      MIN_TRANSACTION_BYTES: 102
    })
  })
})
