import { shortIdHash } from './siphash.ts'
import { writeShortId } from './short-ids.ts'
import { keyToDigest } from '../digest-key.ts'
import { digestKeyOf } from '../../codec/digest.ts'
import { encodeFrame } from '../../codec/frame.ts'
import { cutBlock } from '../../codec/items/block-parts.ts'
import { SHORT_ID_BYTES } from '../../codec/limits.ts'
import { encodeMessage } from '../../codec/message.ts'
import type { CompactBlockMessage, Prefilled } from '../../types/message.ts'

/**
 * Bytes of the transactions that a compact block has as a whole. With the rest of a usual block they fit into what TCP sends at first.
 */
export const MAX_PREFILLED_BYTES: number = 10 * 1024

/**
 * How long a transaction takes to most nodes of a network. Peers may lack one that the node has not had for so long: it is prefilled.
 */
export const SPREAD_MS = 1000

/**
 * A compact block that has a larger share of the bytes of its block, with what peers will ask for since the node itself lacked it, is not
 * worth a round trip: the block is sent whole.
 */
export const MAX_COMPACT_SHARE = 0.5

/**
 * Transactions of a block that the node looks for first, spread over it. To hash all of them takes longer than all else that a block
 * costs, and is in vain where the node has few of them.
 */
export const SAMPLED_TRANSACTIONS = 32

/** A block is sent whole where fewer of these were known. Of a block of which the node has half, that is one in 950. */
export const MIN_SAMPLED_KNOWN = 8

/** Blocks of fewer transactions are not sampled. */
export const MIN_TRANSACTIONS_TO_SAMPLE: number = 4 * SAMPLED_TRANSACTIONS

/** Options of {@link createCompactForm}. */
export interface CompactFormInit {
  /** The encoded block. */
  item: Uint8Array
  /** Its digest, as a key. */
  key: string
  /** What the short ids are keyed with. */
  nonce: bigint
  /** How long the node has had a transaction, in ms; `undefined` where it did not have it before the block came. */
  ageOf: (digest: string) => number | undefined
  /** The digests of those of its transactions that the node had, where it has put the block together. */
  digests?: readonly (string | undefined)[] | undefined
}

/** The frame of the compact form of a block that was decoded. `undefined` where it cannot be sent so, or that would save little. */
export function createCompactForm ({ item, key, nonce, ageOf, digests = [] }: CompactFormInit): Uint8Array | undefined {
  const parts = cutBlock(item)

  if (parts == null || isLittleKnown(parts.transactions, (transaction, index) => ageOf(digests[index] ?? digestKeyOf(transaction)))) {
    return undefined
  }

  const { before, transactions, after } = parts
  const digest = keyToDigest(key)
  const hash = shortIdHash(digest, nonce)
  const shortIds = new Uint8Array(SHORT_ID_BYTES * transactions.length)
  const keys = transactions.map((transaction, index) => digests[index] ?? digestKeyOf(transaction))
  const ages = keys.map(ageOf)
  const chosen = choose(transactions, ages)
  const prefilled: Prefilled[] = []

  keys.forEach((key, index) => {
    if (chosen.has(index)) {
      prefilled.push({ index, transaction: transactions[index]! })
    } else {
      hash.digestKey(key)
      writeShortId(shortIds, index - prefilled.length, hash)
    }
  })

  const ids = shortIds.subarray(0, SHORT_ID_BYTES * (transactions.length - prefilled.length))
  const message = encodeMessage({ type: 'compactBlock', digest, before, after, nonce, shortIds: ids, prefilled })

  // what the node lacked and did not fit, peers will ask for
  const asked = transactions.reduce((sum, { byteLength }, index) => ages[index] == null && !chosen.has(index) ? sum + byteLength : sum, 0)

  return message.byteLength + asked > MAX_COMPACT_SHARE * item.byteLength ? undefined : encodeFrame(message, item.byteLength)
}

/** Whether the node seems to lack most of a block, by a sample of its transactions. */
function isLittleKnown (transactions: readonly Uint8Array[], ageOf: (transaction: Uint8Array, index: number) => unknown): boolean {
  if (transactions.length < MIN_TRANSACTIONS_TO_SAMPLE) {
    return false
  }

  let known = 0

  for (let number = 0; number < SAMPLED_TRANSACTIONS; number++) {
    const index = Math.floor(number * transactions.length / SAMPLED_TRANSACTIONS)
    known += ageOf(transactions[index]!, index) == null ? 0 : 1
  }

  return known < MIN_SAMPLED_KNOWN
}

/**
 * The frame of the compact form in which a block came, where that is as good as one of the node's own. `undefined` where it is larger than
 * the node would make it. To make one takes as long as all else that the node does with a block.
 */
export function sameForm (item: Uint8Array, message: CompactBlockMessage): Uint8Array | undefined {
  const prefilled = message.prefilled.reduce((sum, { transaction }) => sum + transaction.byteLength, 0)

  if (prefilled > MAX_PREFILLED_BYTES) {
    return undefined
  }

  const encoded = encodeMessage(message)

  return encoded.byteLength > MAX_COMPACT_SHARE * item.byteLength ? undefined : encodeFrame(encoded, item.byteLength)
}

/** The indexes of transactions that peers may lack, as far as they fit: those that the node lacked itself, then the youngest. */
function choose (transactions: readonly Uint8Array[], ages: readonly (number | undefined)[]): Set<number> {
  const young: { age: number, index: number }[] = []
  const chosen = new Set<number>()
  let room = MAX_PREFILLED_BYTES

  ages.forEach((age = -1, index) => {
    if (age < SPREAD_MS) {
      young.push({ age, index })
    }
  })

  for (const { index } of young.sort((a, b) => a.age - b.age)) {
    const { byteLength } = transactions[index]!

    if (byteLength <= room) {
      chosen.add(index)
      room -= byteLength
    }
  }

  return chosen
}
