import { sameForm } from './compact-form.ts'
import { shortIdHash } from './siphash.ts'
import { ShortIdTable } from './short-ids.ts'
import { digestToKey } from '../digest-key.ts'
import { digestKeyOf } from '../../codec/digest.ts'
import { joinBlock, joinedBytes } from '../../codec/items/block-parts.ts'
import { MIN_TRANSACTION_BYTES, SHORT_ID_BYTES } from '../../codec/limits.ts'
import { broken } from '../../codec/wire/rule.ts'
import { fieldBytes } from '../../codec/wire/writer.ts'
import type { TableSecret } from './short-ids.ts'
import type { CompactBlockMessage } from '../../types/message.ts'

/** A transaction that the node has. */
export interface KnownTransaction {
  /** As `digestKeyOf` gives it. */
  readonly digest: string
  /** Encoded. */
  readonly item: Uint8Array
}

/** What a block was put together from. */
export interface BlockOrigin {
  /** The digests of those of its transactions that the node had. */
  readonly digests: readonly (string | undefined)[]
  /**
   * The frame of its compact form, where the node had all that the compact block lacks. In memory of its own: what came may be padded with
   * fields that are not known, and is not to be kept as long as the block.
   */
  readonly form: Uint8Array | undefined
}

/** A block that was put together. */
export interface JoinedBlock {
  /** Encoded, in memory of its own. */
  readonly item: Uint8Array
  readonly origin: BlockOrigin
}

/** A block that is put together from a compact block and the transactions that the node has. */
export class Assembly {
  readonly #message: CompactBlockMessage
  readonly #maxBytes: number
  readonly #secret: TableSecret
  /** In the order of the block. */
  readonly #transactions: (Uint8Array | undefined)[]
  readonly #digests: (string | undefined)[]
  #isComplete = true

  /** `maxBytes` is how large a block may be. Throws a DecodeError where this one would be larger. */
  constructor (message: CompactBlockMessage, maxBytes: number, secret: TableSecret) {
    const { before, after, shortIds, prefilled } = message
    const ids = shortIds.byteLength / SHORT_ID_BYTES
    const given = prefilled.reduce((sum, { transaction }) => sum + fieldBytes(transaction.byteLength), before.byteLength + after.byteLength)
    const least = given + ids * fieldBytes(MIN_TRANSACTION_BYTES)

    if (least > maxBytes) {
      broken('item-size', `Expected a compact block of a block of at most ${maxBytes} bytes, got one of at least ${least}`)
    }

    this.#message = message
    this.#maxBytes = maxBytes
    this.#secret = secret
    this.#transactions = Array.from({ length: ids + prefilled.length })
    this.#digests = Array.from({ length: ids + prefilled.length })

    for (const { index, transaction } of prefilled) {
      this.#transactions[index] = transaction
    }
  }

  /** Of the block. */
  get digest (): Uint8Array { return this.#message.digest }

  /** How many transactions the block has. */
  get count (): number { return this.#transactions.length }

  /** How many of them came with the compact block. */
  get prefilled (): number { return this.#message.prefilled.length }

  /** The indexes of the transactions that are not there, in ascending order. */
  get missing (): number[] {
    const missing: number[] = []

    this.#transactions.forEach((transaction, index) => {
      if (transaction == null) {
        missing.push(index)
      }
    })

    return missing
  }

  /**
   * Takes the transactions of the block that are among these, until it has all. Where it meets two with one short id before, it takes
   * neither. Returns how many it has hashed.
   */
  fill (known: Iterable<KnownTransaction>): number {
    const { digest, nonce, shortIds } = this.#message
    const hash = shortIdHash(digest, nonce)
    const table = new ShortIdTable(shortIds, this.#secret)
    const indexes = this.missing
    const clashes = new Set<number>()
    let left = indexes.length
    let hashed = 0

    for (const transaction of known) {
      if (left === 0) {
        break
      }

      hash.digestKey(transaction.digest)
      hashed++
      const number = table.find(hash)

      if (number >= 0) {
        const index = indexes[number]!
        const other = this.#digests[index]

        if (other == null) {
          this.#transactions[index] = transaction.item
          this.#digests[index] = transaction.digest
          left--
        } else if (other !== transaction.digest) {
          clashes.add(index)
        }
      }
    }

    for (const index of clashes) {
      this.#transactions[index] = undefined
      this.#digests[index] = undefined
    }

    return hashed
  }

  /** Takes the transactions that are missing, in the order of {@link missing}. */
  supply (transactions: readonly Uint8Array[]): void {
    this.#isComplete = false
    this.missing.forEach((index, at) => { this.#transactions[index] = transactions[at] })
  }

  /** Puts the block together, where no transaction is missing. `undefined` where it is too large, or does not have the digest. */
  join (): JoinedBlock | undefined {
    const { before, after, digest } = this.#message
    const parts = { before, transactions: this.#transactions as Uint8Array[], after }

    if (joinedBytes(parts) > this.#maxBytes) {
      return undefined
    }

    const item = joinBlock(parts)

    if (digestKeyOf(item) !== digestToKey(digest)) {
      return undefined
    }

    return { item, origin: { digests: this.#digests, form: this.#isComplete ? sameForm(item, this.#message) : undefined } }
  }
}
