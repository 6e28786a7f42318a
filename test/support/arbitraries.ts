import fc from 'fast-check'
import {
  MAX_DETAIL_BYTES, MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS, MAX_NETWORK_BYTES, MAX_NODE_ID_BYTES,
  MAX_PEER_RECORD_BYTES, MAX_USER_AGENT_BYTES
} from '../../src/codec/limits.ts'
import { DISCONNECT_REASONS } from '../../src/types/message.ts'
import type { Block, Transaction } from '../../src/types/block.ts'
import type { CompactBlockMessage, DisconnectReason, MessageType, WireMessage } from '../../src/types/message.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const bytes = fc.uint8Array({ maxLength: 300 })
const height = fc.maxSafeNat()
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

function text (maxBytes: number): fc.Arbitrary<string> {
  return fc.string({ unit: 'binary', maxLength: maxBytes }).filter((value) => Buffer.byteLength(value) <= maxBytes)
}

/** Any transaction that is valid on the wire. */
export const transaction: fc.Arbitrary<Transaction> = fc.record({
  id: hash, sender: hash, recipient: hash, value: uint64, nonce: uint64, gasPrice: uint64, gasLimit: uint64, data: bytes, signature: bytes
}, { noNullPrototype: true })

/** Any block that is valid on the wire, of few transactions. */
export const block: fc.Arbitrary<Block> = fc.record({
  height, hash, prevHash: hash, timestamp: height, stateRoot: hash, transactions: fc.array(transaction, { maxLength: 3 }), proof: bytes
}, { noNullPrototype: true })

const negotiated = fc.record({
  minProtocolVersion: fc.integer({ min: 1, max: 0xffffffff }),
  features: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
  lowestHeight: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  forkId: fc.record({ hash: fc.nat({ max: 0xffffffff }), next: height }, { noNullPrototype: true }),
  blockOnly: fc.constant(true)
}, { noNullPrototype: true, requiredKeys: [] })

const node = fc.tuple(fc.record({
  protocolVersion: fc.nat({ max: 0xffffffff }),
  network: text(MAX_NETWORK_BYTES),
  genesisHash: hash,
  nodeId: text(MAX_NODE_ID_BYTES),
  userAgent: text(MAX_USER_AGENT_BYTES),
  listenAddrs: fc.array(fc.uint8Array({ maxLength: MAX_LISTEN_ADDR_BYTES }), { maxLength: MAX_LISTEN_ADDRS }),
  bestHeight: height,
  bestHash: hash
}, { noNullPrototype: true }), negotiated).map(([info, more]) => ({ ...info, ...more }))

const range = fc.tuple(height, height).map(([a, b]) => ({ startHeight: Math.min(a, b), endHeight: Math.max(a, b) }))
const ping = { nonce: uint64, bestHeight: height }
const short = fc.nat({ max: 20 }).chain((count) => fc.uint8Array({ minLength: 16 * count, maxLength: 16 * count }))
const digests = fc.tuple(fc.array(hash, { maxLength: 20 }), short).map(([digests, shortDigests]) => {
  return { digests, ...(shortDigests.byteLength > 0 && { shortDigests }) }
})
const peer = fc.record({
  record: fc.uint8Array({ maxLength: MAX_PEER_RECORD_BYTES }), ageMinutes: fc.nat({ max: 0xffffffff })
}, { noNullPrototype: true })
const encoded = fc.uint8Array({ minLength: 102, maxLength: 300 })
const reason = fc.constantFrom(...Object.keys(DISCONNECT_REASONS) as DisconnectReason[])

const header = fc.record({ digest: hash, before: bytes, after: bytes, nonce: uint64 }, { noNullPrototype: true })

const compactBlock: fc.Arbitrary<CompactBlockMessage> = fc.tuple(header, fc.nat({ max: 20 }), fc.array(encoded, { maxLength: 3 }))
  .chain(([fields, ids, transactions]) => {
    const { length } = transactions
    const shortIds = fc.uint8Array({ minLength: 6 * ids, maxLength: 6 * ids })
    const indexes = fc.uniqueArray(fc.nat({ max: Math.max(0, ids + length - 1) }), { minLength: length, maxLength: length })

    return fc.tuple(shortIds, indexes).map(([shortIds, indexes]) => ({
      type: 'compactBlock',
      ...fields,
      shortIds,
      prefilled: indexes.sort((a, b) => a - b).map((index, at) => ({ index, transaction: transactions[at]! }))
    }))
  })

/** Any valid message of each type. */
export const MESSAGE_OF: { [Type in MessageType]: fc.Arbitrary<Extract<WireMessage, { type: Type }>> } = {
  handshake: node.map((node) => ({ type: 'handshake', node })),
  newBlock: block.map((block) => ({ type: 'newBlock', block })),
  newTransaction: transaction.map((transaction) => ({ type: 'newTransaction', transaction })),
  requestBlock: height.map((height) => ({ type: 'requestBlock', height })),
  responseBlock: fc.option(block, { nil: undefined }).map((block) => (block == null ? { type: 'responseBlock' } : { type: 'responseBlock', block })),
  requestBlockRange: range.map((range) => ({ type: 'requestBlockRange', ...range })),
  responseBlockRange: fc.tuple(fc.array(block, { maxLength: 3 }), fc.boolean())
    .map(([blocks, last]) => ({ type: 'responseBlockRange', blocks, last: last || blocks.length === 0 })),
  ping: fc.record(ping).map((values) => ({ type: 'ping', ...values })),
  pong: fc.record(ping).map((values) => ({ type: 'pong', ...values })),
  disconnect: fc.tuple(reason, text(MAX_DETAIL_BYTES)).map(([reason, detail]) => ({ type: 'disconnect', reason, detail })),
  have: digests.map((digests) => ({ type: 'have', ...digests })),
  want: fc.tuple(digests, fc.boolean()).map(([digests, compact]) => ({ type: 'want', ...digests, ...(compact && { compact }) })),
  compactBlock,
  requestTransactions: fc.tuple(hash, fc.uniqueArray(fc.nat({ max: 0xffffffff }), { maxLength: 20 }))
    .map(([digest, indexes]) => ({ type: 'requestTransactions', digest, indexes: indexes.sort((a, b) => a - b) })),
  responseTransactions: fc.array(encoded, { maxLength: 3 }).map((transactions) => ({ type: 'responseTransactions', transactions })),
  requestPeers: fc.nat({ max: 0xffffffff }).map((count) => ({ type: 'requestPeers', count })),
  responsePeers: fc.array(peer, { maxLength: 5 }).map((peers) => ({ type: 'responsePeers', peers }))
}

/** Any valid message. */
export const message: fc.Arbitrary<WireMessage> = fc.oneof(...Object.values(MESSAGE_OF) as fc.Arbitrary<WireMessage>[])

/** Any request id, and often none. */
export const requestId: fc.Arbitrary<bigint | undefined> = fc.option(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), { nil: undefined })
