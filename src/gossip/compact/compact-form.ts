import { shortIdHash } from './siphash.ts'
import { writeShortId } from './short-ids.ts'
import { keyToDigest } from '../digest-key.ts'
import { digestKeyOf } from '../../codec/digest.ts'
import { encodeFrame } from '../../codec/frame.ts'
import { cutBlock } from '../../codec/items/block-parts.ts'
import { SHORT_ID_BYTES } from '../../codec/limits.ts'
import { encodeMessage } from '../../codec/message.ts'
import type { Prefilled } from '../../types/message.ts'

/**
 * Bytes of the transactions that a compact block has as a whole. With the rest of a usual block they fit into what TCP sends at first.
 */
export const MAX_PREFILLED_BYTES: number = 10 * 1024

/** A compact block that has a larger share of the bytes of its block is not worth a round trip: the block is sent whole. */
export const MAX_COMPACT_SHARE = 0.5

/** Options of {@link createCompactForm}. */
export interface CompactFormInit {
  /** The encoded block. */
  item: Uint8Array
  /** Its digest, as a key. */
  key: string
  /** What the short ids are keyed with. */
  nonce: bigint
  /** Whether the node had a transaction before the block came. Those that it lacked are prefilled, since others will lack them. */
  isKnown: (digest: string) => boolean
  /** The digests of those of its transactions that the node had, where it has put the block together. */
  digests?: readonly (string | undefined)[] | undefined
}

/** The frame of the compact form of a block that was decoded. `undefined` where it cannot be sent so, or that would save little. */
export function createCompactForm ({ item, key, nonce, isKnown, digests = [] }: CompactFormInit): Uint8Array | undefined {
  const parts = cutBlock(item)

  if (parts == null) {
    return undefined
  }

  const { before, transactions, after } = parts
  const digest = keyToDigest(key)
  const hash = shortIdHash(digest, nonce)
  const shortIds = new Uint8Array(SHORT_ID_BYTES * transactions.length)
  const prefilled: Prefilled[] = []
  let room = MAX_PREFILLED_BYTES

  transactions.forEach((transaction, index) => {
    const had = digests[index]
    const known = had ?? digestKeyOf(transaction)

    if (had == null && !isKnown(known) && transaction.byteLength <= room) {
      prefilled.push({ index, transaction })
      room -= transaction.byteLength
    } else {
      hash.digestKey(known)
      writeShortId(shortIds, index - prefilled.length, hash)
    }
  })

  const ids = shortIds.subarray(0, SHORT_ID_BYTES * (transactions.length - prefilled.length))
  const message = encodeMessage({ type: 'compactBlock', digest, before, after, nonce, shortIds: ids, prefilled })

  return message.byteLength > MAX_COMPACT_SHARE * item.byteLength ? undefined : encodeFrame(message, item.byteLength)
}
