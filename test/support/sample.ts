import { createHash } from 'node:crypto'
import { encodeBlock } from '../../src/codec/items/items.ts'
import type { Block, Transaction } from '../../src/types/block.ts'
import type { NodeInfo } from '../../src/types/message.ts'

/** 32 bytes that are the same for the same `seed` and different for another. */
export function sampleHash (seed: string | number | Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(typeof seed === 'number' ? String(seed) : seed).digest())
}

/** A transaction whose every field has a value of its own. */
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

/** A block of one transaction whose every field has a value of its own. Linked to nothing: see {@link sampleChain}. */
export function sampleBlock (overrides: Partial<Block> = {}): Block {
  return {
    height: 42,
    hash: sampleHash('hash'),
    prevHash: sampleHash('prevHash'),
    timestamp: 1_790_000_000_000,
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

/** The hash of a block: SHA-256 of its encoding with 32 zero bytes for the hash. */
export function sampleBlockHash (block: Block): Uint8Array {
  return sampleHash(encodeBlock({ ...block, hash: new Uint8Array(32) }))
}

/**
 * `length` linked blocks from height 0, of up to two transactions each. The same for the same `fork`, and different
 * from the genesis block on for another.
 */
export function sampleChain (length: number, fork = 'main', proofBytes?: number): Block[] {
  const blocks: Block[] = []
  let prevHash: Uint8Array = new Uint8Array(32)

  for (let height = 0; height < length; height++) {
    const block = sampleBlock({
      height,
      hash: new Uint8Array(32),
      prevHash,
      timestamp: 1_790_000_000_000 + height * 10_000,
      stateRoot: sampleHash(`${fork} state ${height}`),
      ...(proofBytes == null ? {} : { proof: new Uint8Array(proofBytes).fill(7) }),
      transactions: Array.from({ length: height % 3 }, (_, index) => {
        return sampleTransaction({ id: sampleHash(`${fork} transaction ${height} ${index}`), nonce: BigInt(height) })
      })
    })
    block.hash = sampleBlockHash(block)
    prevHash = block.hash
    blocks.push(block)
  }

  return blocks
}
