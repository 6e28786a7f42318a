import { randomFillSync } from 'node:crypto'
import { decodeBlock, digestOf, encodeBlock } from '../../../src/index.ts'
import type { TransferOptions } from '../transfer.ts'
import type { Block, Tip, Transaction } from '../../../src/index.ts'

/** What a chain looks like. */
export interface Shape {
  /** Of each block above the genesis block, encoded, as near as whole transactions allow. */
  blockBytes: number
  /** Blocks above the genesis block. */
  blocks: number
}

/** What a block has beside its transactions, and what one of these takes in it, in bytes. */
const HEADER_BYTES = 117
const TRANSACTION_BYTES = 203

/** Encoded, one of these transactions is 200 bytes. */
const DATA_BYTES = 16

/** The first block, which everybody has. */
export const GENESIS: Block = {
  height: 0,
  hash: new Uint8Array(32),
  prevHash: new Uint8Array(32),
  timestamp: 0,
  stateRoot: new Uint8Array(32),
  transactions: [],
  proof: new Uint8Array(0)
}

/** What every node of this network has to agree on. */
export const NETWORK: { network: string, genesisHash: Uint8Array } = { network: 'vibecoin-bench', genesisHash: GENESIS.hash }

/** What a chain is to look like: 256 MiB in blocks of 64 KiB unless told otherwise. */
export function shapeOf ({ blockBytes = 64 * 1024, blocks = 4096 }: TransferOptions): Shape {
  return { blockBytes, blocks }
}

/** The blocks of the chain above the genesis block, encoded: linked, and no two of them or of their transactions are the same. */
export function * encodedBlocks ({ blockBytes, blocks }: Shape): Generator<Uint8Array, void> {
  const transactions = sampleTransactions(blockBytes)

  for (let height = 1; height <= blocks; height++) {
    yield encodeBlock(blockOf(height, transactions))
  }
}

/** The block of the chain at a height from 1, with transactions of its own. */
export function blockAt (height: number, blockBytes: number): Block {
  return blockOf(height, sampleTransactions(blockBytes))
}

/** The transactions become those of this block. */
function blockOf (height: number, transactions: Transaction[]): Block {
  transactions.forEach(({ id }, index) => {
    new DataView(id.buffer).setUint32(0, height)
    new DataView(id.buffer).setUint32(4, index)
  })

  const prevHash = height === 1 ? GENESIS.hash : hashOf(height - 1)

  return { ...GENESIS, height, hash: hashOf(height), prevHash, timestamp: 1_790_000_000_000 + height * 10_000, transactions }
}

function sampleTransactions (blockBytes: number): Transaction[] {
  return Array.from({ length: Math.floor((blockBytes - HEADER_BYTES) / TRANSACTION_BYTES) }, sampleTransaction)
}

/** The best block of a chain whose last block is this. */
export function tipOf (lastBlock: Uint8Array): Tip {
  const { height, hash } = decodeBlock(lastBlock)

  return { height, hash }
}

function hashOf (height: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, height)

  return digestOf(bytes)
}

function sampleTransaction (): Transaction {
  return {
    id: new Uint8Array(32),
    sender: randomFillSync(new Uint8Array(32)),
    recipient: randomFillSync(new Uint8Array(32)),
    value: 1_000_000n,
    nonce: 1n,
    gasPrice: 1n,
    gasLimit: 21_000n,
    data: new Uint8Array(DATA_BYTES),
    signature: randomFillSync(new Uint8Array(64))
  }
}
