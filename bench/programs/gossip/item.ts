import { randomFillSync } from 'node:crypto'
import type { BroadcastMessage, NewBlockMessage, Transaction } from '../../../src/index.ts'

/** What a transaction of {@link makeItem} has beside its data when it is encoded, in bytes. */
const TRANSACTION_BYTES = 186

/** What a block has beside its transactions, and what each of these has beside its own bytes. */
const BLOCK_BYTES = 117
const PREFIX_BYTES = 3

/** Encoded, a transaction in a block is 200 bytes. */
const IN_BLOCK_BYTES = 200

/** What an item is to be. */
export interface ItemInit {
  type: BroadcastMessage['type']
  /** Its size when it is encoded, give or take a few bytes, and for a block a transaction. */
  bytes: number
  /** Which one it is, by which it is known where it arrives. */
  number: number
}

/** Makes a block or transaction like no other. */
export function makeItem ({ type, bytes, number }: ItemInit): BroadcastMessage {
  if (type === 'newTransaction') {
    return { type, transaction: makeTransaction(number, bytes) }
  }

  const count = Math.round((bytes - BLOCK_BYTES) / (IN_BLOCK_BYTES + PREFIX_BYTES))

  return makeBlock(number, Array.from({ length: count }, (_, index) => makeTransaction(index, IN_BLOCK_BYTES)))
}

/** Makes a block of these transactions. */
export function makeBlock (number: number, transactions: Transaction[]): NewBlockMessage {
  const hash = new Uint8Array(32)
  new DataView(hash.buffer).setUint32(0, number)

  return {
    type: 'newBlock',
    block: {
      height: number,
      hash,
      prevHash: new Uint8Array(32),
      timestamp: 1_790_000_000_000,
      stateRoot: new Uint8Array(32),
      transactions,
      proof: randomFillSync(new Uint8Array(8))
    }
  }
}

/** The number that a transaction was made with. */
export function numberOf ({ id }: Transaction): number {
  return new DataView(id.buffer, id.byteOffset).getUint32(0)
}

function makeTransaction (number: number, bytes: number): Transaction {
  const id = new Uint8Array(32)
  new DataView(id.buffer).setUint32(0, number)

  return {
    id,
    sender: randomFillSync(new Uint8Array(32)),
    recipient: new Uint8Array(32),
    value: 1_000_000n,
    nonce: 1n,
    gasPrice: 1n,
    gasLimit: 21_000n,
    data: new Uint8Array(Math.max(0, bytes - TRANSACTION_BYTES)),
    signature: randomFillSync(new Uint8Array(64))
  }
}
