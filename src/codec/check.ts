import { DISCONNECT_REASONS } from '../types/message.ts'
import {
  HASH_BYTES, MAX_DETAIL_BYTES, MAX_DIGESTS, MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS, MAX_NETWORK_BYTES,
  MAX_NODE_ID_BYTES, MAX_PEER_RECORD_BYTES, MAX_PEER_RECORDS, MAX_USER_AGENT_BYTES, MIN_TRANSACTION_BYTES, SHORT_DIGEST_BYTES,
  SHORT_ID_BYTES
} from './limits.ts'
import type { Block, Transaction } from '../types/block.ts'
import type { CompactBlockMessage, HaveMessage, NodeInfo, PeerAddress, WantMessage, WireMessage } from '../types/message.ts'

// Checks what the node sends: a peer would refuse anything else. wire/schema.ts holds what comes to the same rules. The tests compare
// the two.

const MAX_UINT32 = 0xffffffff
const MAX_UINT64 = 0xffffffffffffffffn
const utf8 = new TextEncoder()

function fail (field: string, expected: string): never {
  throw new RangeError(`Expected \`${field}\` to be ${expected}`)
}

function checkBytes (value: unknown, field: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) {
    fail(field, 'a Uint8Array')
  }
}

function checkHash (value: unknown, field: string): void {
  checkBytes(value, field)

  if (value.byteLength !== HASH_BYTES) {
    fail(field, `${HASH_BYTES} bytes long, got ${value.byteLength}`)
  }
}

function checkSafeInteger (value: unknown, field: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    fail(field, 'an integer from 0 to 2^53 - 1')
  }
}

function checkUint32 (value: unknown, field: string): void {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > MAX_UINT32) {
    fail(field, 'an integer from 0 to 2^32 - 1')
  }
}

function checkUint64 (value: unknown, field: string): void {
  if (typeof value !== 'bigint' || value < 0n || value > MAX_UINT64) {
    fail(field, 'a bigint from 0 to 2^64 - 1')
  }
}

function checkText (value: unknown, field: string, maxBytes: number): void {
  // half a surrogate pair has no UTF-8: the peer would refuse what stands for it
  if (typeof value !== 'string' || !value.isWellFormed() || utf8.encode(value).byteLength > maxBytes) {
    fail(field, `a string of at most ${maxBytes} bytes of UTF-8`)
  }
}

function checkDigests ({ digests, shortDigests }: HaveMessage | WantMessage): void {
  if (!Array.isArray(digests) || digests.length > MAX_DIGESTS) {
    fail('digests', `an array of at most ${MAX_DIGESTS} digests`)
  }

  for (const digest of digests) {
    checkHash(digest, 'digests')
  }

  if (shortDigests !== undefined) {
    checkBytes(shortDigests, 'shortDigests')

    if (shortDigests.byteLength % SHORT_DIGEST_BYTES !== 0 || shortDigests.byteLength > MAX_DIGESTS * SHORT_DIGEST_BYTES) {
      fail('shortDigests', `at most ${MAX_DIGESTS} times ${SHORT_DIGEST_BYTES} bytes long, got ${shortDigests.byteLength}`)
    }
  }
}

function checkPeers (peers: unknown): void {
  if (!Array.isArray(peers) || peers.length > MAX_PEER_RECORDS) {
    fail('peers', `an array of at most ${MAX_PEER_RECORDS} peers`)
  }

  for (const { record, ageMinutes } of peers as PeerAddress[]) {
    checkBytes(record, 'peers.record')
    checkUint32(ageMinutes, 'peers.ageMinutes')

    if (record.byteLength > MAX_PEER_RECORD_BYTES) {
      fail('peers.record', `at most ${MAX_PEER_RECORD_BYTES} bytes long, got ${record.byteLength}`)
    }
  }
}

/** Throws a RangeError that names the field that does not fit the wire. */
export function checkTransaction (transaction: Transaction): void {
  checkHash(transaction.id, 'transaction.id')
  checkHash(transaction.sender, 'transaction.sender')
  checkHash(transaction.recipient, 'transaction.recipient')
  checkUint64(transaction.value, 'transaction.value')
  checkUint64(transaction.nonce, 'transaction.nonce')
  checkUint64(transaction.gasPrice, 'transaction.gasPrice')
  checkUint64(transaction.gasLimit, 'transaction.gasLimit')
  checkBytes(transaction.data, 'transaction.data')
  checkBytes(transaction.signature, 'transaction.signature')
}

function checkHeader (block: Omit<Block, 'transactions'>): void {
  checkSafeInteger(block.height, 'block.height')
  checkHash(block.hash, 'block.hash')
  checkHash(block.prevHash, 'block.prevHash')
  checkSafeInteger(block.timestamp, 'block.timestamp')
  checkHash(block.stateRoot, 'block.stateRoot')
  checkBytes(block.proof, 'block.proof')
}

/** Throws a RangeError that names the field that does not fit the wire. */
export function checkBlock (block: Block): void {
  checkHeader(block)

  if (!Array.isArray(block.transactions)) {
    fail('block.transactions', 'an array')
  }

  block.transactions.forEach(checkTransaction)
}

/** Throws a RangeError that names the field that does not fit the wire. */
export function checkNodeInfo (node: NodeInfo): void {
  checkUint32(node.protocolVersion, 'node.protocolVersion')
  checkText(node.network, 'node.network', MAX_NETWORK_BYTES)
  checkHash(node.genesisHash, 'node.genesisHash')
  checkText(node.nodeId, 'node.nodeId', MAX_NODE_ID_BYTES)
  checkText(node.userAgent, 'node.userAgent', MAX_USER_AGENT_BYTES)
  checkSafeInteger(node.bestHeight, 'node.bestHeight')
  checkHash(node.bestHash, 'node.bestHash')
  checkUint32(node.minProtocolVersion ?? 0, 'node.minProtocolVersion')
  checkUint64(node.features ?? 0n, 'node.features')
  checkSafeInteger(node.lowestHeight ?? 0, 'node.lowestHeight')
  checkUint32(node.forkId?.hash ?? 0, 'node.forkId.hash')
  checkSafeInteger(node.forkId?.next ?? 0, 'node.forkId.next')

  if (typeof (node.blockOnly ?? false) !== 'boolean') {
    fail('node.blockOnly', 'a boolean')
  }

  if (!Array.isArray(node.listenAddrs) || node.listenAddrs.length > MAX_LISTEN_ADDRS) {
    fail('node.listenAddrs', `an array of at most ${MAX_LISTEN_ADDRS} multiaddrs`)
  }

  for (const addr of node.listenAddrs) {
    checkBytes(addr, 'node.listenAddrs')

    if (addr.byteLength > MAX_LISTEN_ADDR_BYTES) {
      fail('node.listenAddrs', `multiaddrs of at most ${MAX_LISTEN_ADDR_BYTES} bytes`)
    }
  }
}

type Checks = { [Type in WireMessage['type']]: (message: Extract<WireMessage, { type: Type }>) => void }

const CHECKS: Checks = {
  handshake: (message) => { checkNodeInfo(message.node) },
  newBlock: (message) => { checkBlock(message.block) },
  newTransaction: (message) => { checkTransaction(message.transaction) },
  requestBlock: (message) => { checkSafeInteger(message.height, 'height') },
  responseBlock: (message) => { if (message.block != null) { checkBlock(message.block) } },
  requestBlockRange: (message) => {
    checkSafeInteger(message.startHeight, 'startHeight')
    checkSafeInteger(message.endHeight, 'endHeight')

    if (message.endHeight < message.startHeight) {
      fail('endHeight', 'at or above `startHeight`')
    }
  },
  responseBlockRange: (message) => {
    message.blocks.forEach(checkBlock)

    if (message.blocks.length === 0 && !message.last) {
      fail('last', 'true where there are no blocks')
    }
  },
  ping: checkPing,
  pong: checkPing,
  disconnect: (message) => {
    if (!Object.hasOwn(DISCONNECT_REASONS, message.reason)) {
      fail('reason', `one of ${Object.keys(DISCONNECT_REASONS).join(', ')}`)
    }

    checkText(message.detail, 'detail', MAX_DETAIL_BYTES)
  },
  have: checkDigests,
  want: (message) => {
    checkDigests(message)

    if (message.compact !== undefined && message.compact !== true) {
      fail('compact', 'true, or absent')
    }
  },
  requestPeers: (message) => { checkUint32(message.count, 'count') },
  responsePeers: (message) => { checkPeers(message.peers) },
  compactBlock: checkCompactBlock,
  requestTransactions: (message) => {
    checkHash(message.digest, 'digest')
    checkIndexes(message.indexes, 'indexes')
  },
  responseTransactions: (message) => {
    if (!Array.isArray(message.transactions)) {
      fail('transactions', 'an array')
    }

    message.transactions.forEach((transaction) => { checkEncoded(transaction, 'transactions') })
  }
}

function checkCompactBlock ({ digest, before, after, nonce, shortIds, prefilled }: CompactBlockMessage): void {
  checkHash(digest, 'digest')
  checkBytes(before, 'before')
  checkBytes(after, 'after')
  checkUint64(nonce, 'nonce')
  checkBytes(shortIds, 'shortIds')

  if (shortIds.byteLength % SHORT_ID_BYTES !== 0) {
    fail('shortIds', `a multiple of ${SHORT_ID_BYTES} bytes long, got ${shortIds.byteLength}`)
  }

  if (!Array.isArray(prefilled)) {
    fail('prefilled', 'an array')
  }

  checkIndexes(prefilled.map(({ index }) => index), 'prefilled', shortIds.byteLength / SHORT_ID_BYTES + prefilled.length)
  prefilled.forEach(({ transaction }) => { checkEncoded(transaction, 'prefilled') })
}

/** Numbers that ascend, and are below `end`. */
function checkIndexes (indexes: unknown, field: string, end: number = MAX_UINT32 + 1): void {
  const isAscending = Array.isArray(indexes) && indexes.every((index, at) => {
    return Number.isInteger(index) && index < end && index > (at === 0 ? -1 : indexes[at - 1])
  })

  if (!isAscending) {
    fail(field, `an array with ascending indexes below ${end}`)
  }
}

function checkEncoded (transaction: unknown, field: string): void {
  checkBytes(transaction, field)

  if (transaction.byteLength < MIN_TRANSACTION_BYTES) {
    fail(field, `encoded transactions of at least ${MIN_TRANSACTION_BYTES} bytes`)
  }
}

function checkPing (message: { nonce: bigint, bestHeight: number }): void {
  checkUint64(message.nonce, 'nonce')
  checkSafeInteger(message.bestHeight, 'bestHeight')
}

/** Throws a RangeError that names the field that does not fit the wire. */
export function checkMessage (message: WireMessage): void {
  const check = Object.hasOwn(CHECKS, message.type) ? CHECKS[message.type] : fail('type', 'the name of a message')

  check(message as never)
}
