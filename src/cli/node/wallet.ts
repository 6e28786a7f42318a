import { randomBytes } from 'node:crypto'
import { createKeyPair } from './keys.ts'
import { signTransaction } from './rules.ts'
import type { Transaction } from '../../index.ts'

/** Makes payments from a key pair of its own to random keys, to give a test network something to carry. */
export class Wallet {
  readonly #key = createKeyPair()
  #nonce = 0n

  /** The next payment, signed. */
  pay (): Transaction {
    return signTransaction({
      recipient: new Uint8Array(randomBytes(32)),
      value: BigInt(1 + randomBytes(1)[0]!),
      nonce: this.#nonce++,
      gasPrice: 1n,
      gasLimit: 21_000n,
      data: new Uint8Array(0)
    }, this.#key)
  }
}
