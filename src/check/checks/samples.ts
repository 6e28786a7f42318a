import { createHash, randomBytes } from 'node:crypto'
import { BODY, field, UNKNOWN_FIELD } from './raw.ts'
import { encodeBlock, encodeTransaction } from '../../codec/items/items.ts'
import type { Block, Transaction } from '../../types/block.ts'

/** A block or transaction that no node has met, and the bytes by which it is known. */
export interface Item {
  kind: 'newBlock' | 'newTransaction'
  bytes: Uint8Array
  digest: Uint8Array
  /** A `Message` that carries it. */
  message: Uint8Array
}

export function hash (bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

export function randomHash (): Uint8Array {
  return new Uint8Array(randomBytes(32))
}

/** An item of bytes that are given, whatever they are. */
export function itemOf (kind: Item['kind'], bytes: Uint8Array): Item {
  return { kind, bytes, digest: hash(bytes), message: field(BODY[kind], field(1, bytes)) }
}

/** A transaction that no node has met. Every field is there, and one that no version has. */
export function inventTransaction (dataBytes = 3): Item {
  return itemOf('newTransaction', Buffer.concat([encodeTransaction(inventedTransaction(dataBytes)), field(UNKNOWN_FIELD, 7)]))
}

/** The same as an object. */
export function inventedTransaction (dataBytes: number): Transaction {
  return {
    id: randomHash(), sender: randomHash(), recipient: randomHash(), value: 2n ** 64n - 1n, nonce: 1n, gasPrice: 2n, gasLimit: 3n,
    data: new Uint8Array(dataBytes), signature: new Uint8Array(64)
  }
}

/** A block that no node has met, at a height that no chain has reached. One field is of no version. */
export function inventBlock (block: Partial<Block> = {}): Item {
  return itemOf('newBlock', Buffer.concat([encodeBlock(inventedBlock(block)), field(UNKNOWN_FIELD, 7)]))
}

/** The same as an object. */
export function inventedBlock (block: Partial<Block> = {}): Block {
  return {
    height: 2 ** 40, hash: randomHash(), prevHash: randomHash(), timestamp: 0, stateRoot: randomHash(), transactions: [],
    proof: new Uint8Array(3), ...block
  }
}
