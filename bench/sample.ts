import { randomFillSync } from 'node:crypto'
import type { Transaction } from '../src/index.ts'

/** Encoded, one of these transactions is 200 bytes in a frame of 206. */
const DATA_BYTES = 16

/** 32 zero bytes. */
export const GENESIS_HASH: Uint8Array = new Uint8Array(32)

/** Different transactions of 200 bytes without end. */
export function * transactions (): Generator<Transaction, never> {
  const sender = randomFillSync(new Uint8Array(32))
  const recipient = randomFillSync(new Uint8Array(32))
  const signature = randomFillSync(new Uint8Array(64))
  const data = new Uint8Array(DATA_BYTES)

  for (let nonce = 0n; ; nonce++) {
    const id = new Uint8Array(32)
    new DataView(id.buffer).setBigUint64(0, nonce)

    yield { id, sender, recipient, value: 1_000_000n, nonce: 1n + nonce % 100n, gasPrice: 1n, gasLimit: 21_000n, data, signature }
  }
}
