import { hash } from 'node:crypto'
import { encodeBlock } from '../../../codec/items/items.ts'
import { InvalidBlockError } from '../../../errors.ts'
import { bytesEqual } from '../../../util/bytes.ts'
import type { Chance } from '../../../util/chance.ts'
import type { Block, Tip, Transaction } from '../../../types/block.ts'
import type { ReceivedBlock } from '../../../types/chain.ts'

/** Blocks that are filled carry this much in each transaction, as blocks of a chain do. */
const FILLER_BYTES = 512

/** Bytes of a transaction beside its data. */
const TRANSACTION_BYTES = 154

const EMPTY = new Uint8Array(0)
const ZERO = new Uint8Array(32)

/** What a block is to be. */
export interface BlockInit {
  parent: Tip
  timestamp: number
  /** About as many bytes are in its transactions. */
  bytes: number
}

/**
 * All blocks of a simulation. Nodes that have the same block share one copy of its bytes: a thousand chains take the memory of one.
 *
 * A block is valid where its hash is that of its header, whatever the rest of it is: that is enough for nodes to tell good ones from bad.
 */
export class Ledger {
  readonly #chance: Chance
  readonly #blocks = new Map<string, ReceivedBlock>()
  readonly genesis: ReceivedBlock
  #transactions = 0

  constructor (chance: Chance, timestamp: number) {
    this.#chance = chance
    this.genesis = this.make({ parent: { height: -1, hash: ZERO }, timestamp, bytes: 0 })
  }

  /** Makes a block like no other. */
  make ({ parent, timestamp, bytes }: BlockInit): ReceivedBlock {
    const block: Block = {
      height: parent.height + 1,
      hash: ZERO,
      prevHash: parent.hash,
      timestamp,
      stateRoot: this.#chance.fill(new Uint8Array(32)),
      transactions: Array.from({ length: Math.round(bytes / (FILLER_BYTES + TRANSACTION_BYTES)) }, () => this.pay(FILLER_BYTES)),
      proof: EMPTY
    }
    block.hash = hashOf(block)

    return this.share({ block, bytes: encodeBlock(block) })
  }

  /** Makes a transaction like no other. */
  pay (bytes: number): Transaction {
    return {
      id: this.#chance.fill(new Uint8Array(32)),
      sender: ZERO,
      recipient: ZERO,
      value: 1n,
      nonce: BigInt(this.#transactions++),
      gasPrice: 1n,
      gasLimit: 21_000n,
      data: new Uint8Array(bytes),
      signature: ZERO
    }
  }

  /** The one copy of a block. */
  share (received: ReceivedBlock): ReceivedBlock {
    const key = blockKey(received.block)
    const shared = this.#blocks.get(key)

    if (shared != null && bytesEqual(shared.bytes, received.bytes)) {
      return shared
    }

    // the bytes may be a view of something larger that the node still uses
    const bytes = new Uint8Array(received.bytes)
    const copy = { block: received.block, bytes }
    this.#blocks.set(key, copy)

    return copy
  }
}

/** A text by which a block is known in maps. */
export function blockKey ({ hash }: Pick<Block, 'hash'>): string {
  return Buffer.from(hash).toString('latin1')
}

/** Throws an InvalidBlockError for a block whose hash is not that of its header. */
export function checkHash (block: Block): void {
  if (!bytesEqual(block.hash, hashOf(block))) {
    throw new InvalidBlockError(`The hash of block ${block.height} is not that of its header`)
  }
}

function hashOf ({ height, prevHash, timestamp, stateRoot }: Block): Uint8Array {
  const head = new DataView(new ArrayBuffer(16))
  head.setFloat64(0, height)
  head.setFloat64(8, timestamp)

  return hash('sha256', Buffer.concat([new Uint8Array(head.buffer), prevHash, stateRoot]), 'buffer')
}
