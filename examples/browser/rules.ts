import { digestOf, encodeBlock, encodeTransaction } from 'vibecoin-network'
import type { Block, Transaction } from 'vibecoin-network'

// What the test network of the command takes for a block and a transaction, as far as a page needs it.

const ZERO_HASH = new Uint8Array(32)
const NO_BYTES = new Uint8Array(0)

/** What the hash of a block has to be. */
export function hashBlock (block: Block): Uint8Array {
  return digestOf(encodeBlock({ ...block, hash: ZERO_HASH, proof: NO_BYTES }))
}

/** Makes payments with a key of its own, which is lost with the page. */
export class Wallet {
  readonly #keys: CryptoKeyPair
  readonly #sender: Uint8Array
  #nonce = 0n

  private constructor (keys: CryptoKeyPair, sender: Uint8Array) {
    this.#keys = keys
    this.#sender = sender
  }

  /** A wallet with a new key. */
  static async create (): Promise<Wallet> {
    const keys = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])

    return new Wallet(keys, new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey)))
  }

  /** The next payment, signed. `recipient` has 32 bytes. */
  async pay (recipient: Uint8Array, value: bigint): Promise<Transaction> {
    const unsigned: Transaction = {
      id: ZERO_HASH,
      sender: this.#sender,
      recipient,
      value,
      nonce: this.#nonce++,
      gasPrice: 1n,
      gasLimit: 21_000n,
      data: NO_BYTES,
      signature: NO_BYTES
    }

    const id = new Uint8Array(digestOf(encodeTransaction(unsigned)))
    const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', this.#keys.privateKey, id))

    return { ...unsigned, id, signature }
  }
}
