import { encodeBlock } from '../../codec/items/items.ts'
import { sha256 } from '../../codec/sha256.ts'
import type { Block, Transaction } from '../../types/block.ts'
import type { NodeInfo } from '../../types/message.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

const encoder = new TextEncoder()

/** When block 0 of a sample chain was made, and the time between two blocks, in ms. */
const GENESIS_TIMESTAMP = 1_790_000_000_000
const BLOCK_INTERVAL_MS = 10_000

/** 32 bytes that are the same for the same `seed` and different for another. */
export function sampleHash (seed: string | number | Uint8Array): Uint8Array {
  return new Uint8Array(sha256(seed instanceof Uint8Array ? seed : encoder.encode(String(seed))))
}

/** A transaction whose every field has a value of its own. The wire takes it: whether it is valid is for the application to say. */
export function sampleTransaction (overrides: Partial<Transaction> = {}): Transaction {
  return {
    id: sampleHash('id'),
    sender: sampleHash('sender'),
    recipient: sampleHash('recipient'),
    value: 1_000_000n,
    nonce: 7n,
    gasPrice: 20n,
    gasLimit: 21_000n,
    data: Uint8Array.of(1, 2, 3),
    signature: new Uint8Array(64).fill(0xaa),
    ...overrides
  }
}

/** `count` transactions, each another one. They are the same for the same `seed`. With `bytes`, each has so much data. */
export function sampleTransactions (count: number, { seed = 'main', bytes }: { seed?: string | number, bytes?: number } = {}): Transaction[] {
  return Array.from({ length: count }, (_, index) => sampleTransaction({
    id: sampleHash(`${seed} transaction ${index}`),
    nonce: BigInt(index),
    ...bytes == null ? {} : { data: new Uint8Array(bytes).fill(index & 0xff) }
  }))
}

/** A block of one transaction whose every field has a value of its own. Linked to nothing: see {@link sampleChain}. */
export function sampleBlock (overrides: Partial<Block> = {}): Block {
  return {
    height: 42,
    hash: sampleHash('hash'),
    prevHash: sampleHash('prevHash'),
    timestamp: GENESIS_TIMESTAMP,
    stateRoot: sampleHash('stateRoot'),
    transactions: [sampleTransaction()],
    proof: Uint8Array.of(9, 8, 7),
    ...overrides
  }
}

/** What a node of the network `vibecoin-test` says about itself. */
export function sampleNodeInfo (overrides: Partial<NodeInfo> = {}): NodeInfo {
  return {
    protocolVersion: 1,
    network: 'vibecoin-test',
    genesisHash: sampleHash('genesis'),
    nodeId: 'sample',
    userAgent: 'vibecoin-network/test',
    listenAddrs: [Uint8Array.of(4, 127, 0, 0, 1, 6, 0x22, 0x3d)],
    bestHeight: 42,
    bestHash: sampleHash('hash'),
    ...overrides
  }
}

/** The hash of a block of {@link sampleChain}: SHA-256 of its encoding with 32 zero bytes for the hash. */
export function sampleBlockHash (block: Block): Uint8Array {
  return sampleHash(encodeBlock({ ...block, hash: new Uint8Array(32) }))
}

/**
 * `length` linked blocks from height 0, of up to two transactions each. They are the same for the same `seed`, and different from the
 * genesis block on for another.
 */
export function sampleChain (length: number, seed = 'main', proofBytes?: number): Block[] {
  const blocks: Block[] = []
  let prevHash: Uint8Array = new Uint8Array(32)

  for (let height = 0; height < length; height++) {
    const block = sampleBlock({
      height,
      hash: new Uint8Array(32),
      prevHash,
      timestamp: GENESIS_TIMESTAMP + height * BLOCK_INTERVAL_MS,
      stateRoot: sampleHash(`${seed} state ${height}`),
      ...(proofBytes == null ? {} : { proof: new Uint8Array(proofBytes).fill(7) }),
      transactions: Array.from({ length: height % 3 }, (_, index) => {
        return sampleTransaction({ id: sampleHash(`${seed} transaction ${height} ${index}`), nonce: BigInt(height) })
      })
    })
    block.hash = sampleBlockHash(block)
    prevHash = block.hash
    blocks.push(block)
  }

  return blocks
}

/** What is in the blocks that {@link growChain} makes. */
export interface GrowOptions {
  /** The least size of each block. */
  bytes?: number
  /** What each block has in it. */
  transactions?: Transaction[]
}

/** A block on top of `parent`: the same for the same `fork`, and another one for another. */
export function nextBlock (parent: Block, fork: string, { bytes, transactions = [] }: GrowOptions = {}): Block {
  const block = sampleBlock({
    height: parent.height + 1,
    hash: new Uint8Array(32),
    prevHash: parent.hash,
    stateRoot: sampleHash(`${fork} state ${parent.height + 1}`),
    transactions,
    ...bytes == null ? {} : { proof: new Uint8Array(bytes) }
  })
  block.hash = sampleBlockHash(block)

  return block
}

/** `blocks` and `count` more on top of them. The same for the same `fork`, and different from the first new one on for another. */
export function growChain (blocks: readonly Block[], count: number, { fork = 'main', ...options }: GrowOptions & { fork?: string } = {}): Block[] {
  const grown = [...blocks]

  for (let i = 0; i < count; i++) {
    grown.push(nextBlock(grown.at(-1)!, fork, options))
  }

  return grown
}

/** A block of a peer as it comes. */
export function received (block: Block): ReceivedBlock {
  return { block, bytes: new Uint8Array(encodeBlock(block)) }
}
