import { decodeTransaction, encodeTransaction } from 'vibecoin-network'
import { ADDRESS_BYTES, signPayment } from './rules.ts'
import type { SavedPayment } from './payments.ts'
import type { Transaction } from 'vibecoin-network'

/** Payments that are kept, in memory and for the next visit: the last ones. */
export const KEPT_PAYMENTS = 200

const STORE = 'wallet'

/** What is kept between two visits. */
interface Kept { keys: CryptoKeyPair, nonce: number, payments: SavedPayment[] }

/**
 * A key pair and the payments made with it, in IndexedDB. The browser keeps the private key, and gives it to no program: it signs, and
 * cannot be read.
 */
export class Wallet {
  /** The public key, which is what others pay to. */
  readonly address: Uint8Array
  readonly #keys: CryptoKeyPair
  readonly #database: IDBDatabase
  #nonce: number

  private constructor (database: IDBDatabase, { keys, nonce }: Pick<Kept, 'keys' | 'nonce'>, address: Uint8Array) {
    this.#database = database
    this.#keys = keys
    this.#nonce = nonce
    this.address = address
  }

  /** Opens the wallet of this name, and makes a key where there is none. One tab at a time may have it open. */
  static async open (name: string): Promise<Wallet> {
    const database = await openDatabase(name)
    const keys = await read<CryptoKeyPair>(database, 'keys') ?? await createKeys(database)
    const nonce = await read<number>(database, 'nonce') ?? 0

    return new Wallet(database, { keys, nonce }, new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey)))
  }

  /** The next payment, signed. Throws a RangeError for an address that is none. */
  async pay (recipient: Uint8Array, value: bigint): Promise<Transaction> {
    if (recipient.byteLength !== ADDRESS_BYTES) {
      throw new RangeError(`Expected an address of ${ADDRESS_BYTES} bytes`)
    }

    const nonce = this.#nonce++
    // before it is sent: a payment with the same nonce would be another one
    await write(this.#database, 'nonce', this.#nonce)

    return signPayment({ sender: this.address, recipient, value, nonce: BigInt(nonce) }, this.#keys.privateKey)
  }

  /** The payments of earlier visits, the newest first. */
  async load (): Promise<SavedPayment[]> {
    return await read<SavedPayment[]>(this.#database, 'payments') ?? []
  }

  /** Keeps payments for the next visit. */
  async save (payments: readonly SavedPayment[]): Promise<void> {
    await write(this.#database, 'payments', payments)
  }
}

/** A transaction as it is kept. */
export function packTransaction (transaction: Transaction): Uint8Array {
  return Uint8Array.from(encodeTransaction(transaction))
}

/** The transaction that was kept. */
export function unpackTransaction (bytes: Uint8Array): Transaction {
  return decodeTransaction(bytes)
}

async function createKeys (database: IDBDatabase): Promise<CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
  await write(database, 'keys', keys)

  return keys
}

async function openDatabase (name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => { request.result.createObjectStore(STORE) }

  return resultOf(request)
}

async function read<Value> (database: IDBDatabase, key: keyof Kept): Promise<Value | undefined> {
  return await resultOf(database.transaction(STORE).objectStore(STORE).get(key)) as Value | undefined
}

async function write (database: IDBDatabase, key: keyof Kept, value: unknown): Promise<void> {
  await resultOf(database.transaction(STORE, 'readwrite').objectStore(STORE).put(value, key))
}

async function resultOf<Value> (request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => { resolve(request.result) }
    request.onerror = () => { reject(request.error ?? new Error('IndexedDB has failed')) }
  })
}
