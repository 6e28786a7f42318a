import { digestOf, encodeBlock, encodeTransaction } from 'vibecoin-network'
import type { Block, Transaction } from 'vibecoin-network'

// What the test network of the command takes for a block and a transaction, as far as a page needs it.

/** Bytes of an address: the public key of an Ed25519 key pair. */
export const ADDRESS_BYTES = 32

const ZERO_HASH = new Uint8Array(32)
const NO_BYTES = new Uint8Array(0)

/** What the hash of a block has to be. */
export function hashBlock (block: Block): Uint8Array {
  return digestOf(encodeBlock({ ...block, hash: ZERO_HASH, proof: NO_BYTES }))
}

/** What the id of a transaction has to be. */
function idOf (transaction: Transaction): Uint8Array<ArrayBuffer> {
  return new Uint8Array(digestOf(encodeTransaction({ ...transaction, id: ZERO_HASH, signature: NO_BYTES })))
}

/** Whether a transaction is what its sender has signed. */
export async function isSigned (transaction: Transaction): Promise<boolean> {
  const id = idOf(transaction)

  if (!id.every((byte, i) => byte === transaction.id[i])) {
    return false
  }

  try {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(transaction.sender), 'Ed25519', false, ['verify'])

    return await crypto.subtle.verify('Ed25519', key, new Uint8Array(transaction.signature), id)
  } catch {
    // the sender is no key
    return false
  }
}

/** A payment, signed. `sender` is the public key of `key`, and `recipient` has 32 bytes. */
export async function signPayment (
  { sender, recipient, value, nonce }: Pick<Transaction, 'sender' | 'recipient' | 'value' | 'nonce'>, key: CryptoKey
): Promise<Transaction> {
  const unsigned: Transaction = {
    ...{ id: ZERO_HASH, sender, recipient, value, nonce, gasPrice: 1n, gasLimit: 21_000n }, data: NO_BYTES, signature: NO_BYTES
  }
  const id = idOf(unsigned)

  return { ...unsigned, id, signature: new Uint8Array(await crypto.subtle.sign('Ed25519', key, id)) }
}
