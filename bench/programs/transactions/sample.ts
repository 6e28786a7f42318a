import { randomFillSync } from 'node:crypto'
import type { Transaction } from '../../../src/index.ts'

/** Encoded, one of these transactions is 200 bytes. */
const DATA_BYTES = 16

/** A whole frame with one of them. */
export const FRAME_BYTES = 206

/** 32 zero bytes. */
export const GENESIS_HASH: Uint8Array = new Uint8Array(32)

/**
 * Different transactions of 200 bytes without end: always the same object with another id, which is to be encoded before
 * the next one is taken. Making them is not what is measured.
 */
export function * transactions (): Generator<Transaction, never> {
  const id = new Uint8Array(32)
  const counter = new DataView(id.buffer)
  const transaction: Transaction = {
    id,
    sender: randomFillSync(new Uint8Array(32)),
    recipient: randomFillSync(new Uint8Array(32)),
    value: 1_000_000n,
    nonce: 1n,
    gasPrice: 1n,
    gasLimit: 21_000n,
    data: new Uint8Array(DATA_BYTES),
    signature: randomFillSync(new Uint8Array(64))
  }

  for (let count = 0; ; count++) {
    counter.setUint32(0, count)
    yield transaction
  }
}
