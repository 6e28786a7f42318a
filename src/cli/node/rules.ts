import { importPublicKey, keyPairFromSeed, signBytes, verifyBytes } from './keys.ts'
import { digestOf } from '../../codec/digest.ts'
import { encodeBlock, encodeTransaction } from '../../codec/items/items.ts'
import type { KeyObject } from 'node:crypto'
import type { KeyPair } from './keys.ts'
import type { Block, Transaction } from '../../types/block.ts'

// The consensus of a test network: one maker, whose key follows from the network's name. It shows how blocks are made,
// signed, verified and refused. It keeps no balances and protects nothing of value.

/** Transactions in a block. */
export const MAX_BLOCK_TRANSACTIONS = 1000

/** The `data` of a transaction. */
export const MAX_DATA_BYTES = 1024

const ZERO_HASH: Uint8Array = new Uint8Array(32)
const NO_BYTES: Uint8Array = new Uint8Array(0)
const GENESIS_TIMESTAMP: number = Date.UTC(2026, 0, 1)

/** A transaction that its sender has not signed yet. */
export type UnsignedTransaction = Omit<Transaction, 'id' | 'sender' | 'signature'>

/** What of a block the next one is checked against. */
export type Parent = Pick<Block, 'height' | 'hash' | 'timestamp' | 'stateRoot'>

/** The rules of one network. */
export interface Rules {
  /** The block at height 0. */
  readonly genesis: Block

  /** The next block on top of `parent`, signed. Takes at most {@link MAX_BLOCK_TRANSACTIONS}. */
  makeBlock: (parent: Block, transactions: Transaction[], timestamp: number) => Block

  /** Why the block cannot be one of this network, on whatever parent; `undefined` when it can. */
  verifySeal: (block: Block) => string | undefined

  /** Why the block cannot come after `parent`; `undefined` when it can. */
  verifyBlock: (block: Block, parent: Parent) => string | undefined
}

/** The rules of the network of this name. */
export function createRules (network: string): Rules {
  const maker = keyPairFromSeed(textHash(`vibecoin maker of ${network}`))
  const makerKey = importPublicKey(maker.publicKey)
  const genesis = createGenesis(network)

  return {
    genesis,
    makeBlock: (parent, transactions, timestamp) => makeBlock(parent, transactions, { timestamp, maker }),
    verifySeal: (block) => verifySeal(block, makerKey),
    verifyBlock: (block, parent) => verifyLink(block, parent) ?? verifySeal(block, makerKey) ?? verifyContent(block, parent)
  }
}

/** Gives a transaction its sender, its id and the sender's signature. */
export function signTransaction (transaction: UnsignedTransaction, key: KeyPair): Transaction {
  const unsigned = { ...transaction, id: ZERO_HASH, sender: key.publicKey, signature: NO_BYTES }
  const id = digestOf(encodeTransaction(unsigned))

  return { ...unsigned, id, signature: signBytes(id, key) }
}

/** Why the transaction cannot go into a block; `undefined` when it can. */
export function verifyTransaction (transaction: Transaction): string | undefined {
  if (transaction.data.byteLength > MAX_DATA_BYTES) {
    return `its data is over ${MAX_DATA_BYTES} bytes`
  }

  if (!sameBytes(transaction.id, digestOf(encodeTransaction({ ...transaction, id: ZERO_HASH, signature: NO_BYTES })))) {
    return 'its id is not the hash of its content'
  }

  if (!verifyBytes(transaction.id, transaction.sender, transaction.signature)) {
    return 'its signature is not by its sender'
  }
}

function createGenesis (network: string): Block {
  const block = {
    height: 0,
    hash: ZERO_HASH,
    prevHash: ZERO_HASH,
    timestamp: GENESIS_TIMESTAMP,
    stateRoot: textHash(`vibecoin genesis of ${network}`),
    transactions: [],
    proof: NO_BYTES
  }

  return { ...block, hash: hashBlock(block) }
}

function makeBlock (parent: Block, transactions: Transaction[], seal: { timestamp: number, maker: KeyPair }): Block {
  const block = {
    height: parent.height + 1,
    hash: ZERO_HASH,
    prevHash: parent.hash,
    timestamp: Math.max(seal.timestamp, parent.timestamp + 1),
    stateRoot: nextStateRoot(parent, transactions),
    transactions,
    proof: NO_BYTES
  }
  const hash = hashBlock(block)

  return { ...block, hash, proof: signBytes(hash, seal.maker) }
}

function verifyLink (block: Block, parent: Parent): string | undefined {
  if (block.height !== parent.height + 1 || !sameBytes(block.prevHash, parent.hash)) {
    return 'it does not come after the block before it'
  }

  if (block.timestamp <= parent.timestamp) {
    return 'it is not later than the block before it'
  }
}

function verifySeal (block: Block, maker: KeyObject): string | undefined {
  if (!sameBytes(block.hash, hashBlock(block))) {
    return 'its hash is not that of its content'
  }

  if (!verifyBytes(block.hash, maker, block.proof)) {
    return 'its proof is not by the maker of this network'
  }
}

function verifyContent (block: Block, parent: Parent): string | undefined {
  if (block.transactions.length > MAX_BLOCK_TRANSACTIONS) {
    return `it has over ${MAX_BLOCK_TRANSACTIONS} transactions`
  }

  if (!sameBytes(block.stateRoot, nextStateRoot(parent, block.transactions))) {
    return 'its state root does not follow from its transactions'
  }

  const ids = new Set<string>()

  for (const transaction of block.transactions) {
    const reason = verifyTransaction(transaction)

    if (reason != null) {
      return `one of its transactions is wrong: ${reason}`
    }

    ids.add(Buffer.from(transaction.id).toString('latin1'))
  }

  if (ids.size < block.transactions.length) {
    return 'it has the same transaction twice'
  }
}

function nextStateRoot (parent: Pick<Parent, 'stateRoot'>, transactions: Transaction[]): Uint8Array {
  return digestOf(Buffer.concat([parent.stateRoot, ...transactions.map(({ id }) => id)]))
}

function hashBlock (block: Block): Uint8Array {
  return digestOf(encodeBlock({ ...block, hash: ZERO_HASH, proof: NO_BYTES }))
}

function textHash (text: string): Uint8Array {
  return digestOf(new TextEncoder().encode(text))
}

function sameBytes (a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
