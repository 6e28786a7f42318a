import { createCompactForm, MAX_COMPACT_SHARE } from './compact-form.ts'
import { LackingPeers } from './lacking-peers.ts'
import { cutBlock } from '../../codec/items/block-parts.ts'
import { encodeFrame } from '../../codec/frame.ts'
import { encodeMessage } from '../../codec/message.ts'
import { view } from '../../memory/pool.ts'
import { MAX_RECIPIENTS } from '../send/item-store.ts'
import type { BlockOrigin } from './assembly.ts'
import type { FramedItem } from '../send/item-store.ts'
import type { TransactionPool } from '../transactions/pool.ts'
import type { Session } from '../../session/session.ts'
import type { Frame } from '../../session/send/send-queue.ts'
import type { RequestTransactionsMessage } from '../../types/message.ts'
import type { Chance } from '../../util/chance.ts'

/**
 * How often one peer is answered with transactions of one block. A peer needs one answer, with all that it lacks.
 *
 * @remarks Further questions are answered with none. The peer may ask for the whole block.
 */
export const MAX_TRANSACTION_ANSWERS = 4

/**
 * Bytes of transactions in one answer. Each answer is a copy, and many peers may leave theirs unread. A whole block is the same memory for
 * all.
 *
 * @remarks The node answers with none. The peer asks for the whole block.
 */
export const MAX_TRANSACTION_ANSWER_BYTES: number = 512 * 1024

/** What the node has made of a stored block. */
interface Kept {
  /** Its compact form; `null` where the block cannot be sent so, or that would save little. */
  readonly frame: Frame | null
  /** How many blocks had a compact form before. */
  readonly number: number
}

/** A peer that asks for transactions, and the id of its request. */
export interface Asker {
  session: Session
  requestId: bigint | undefined
}

/** Options of {@link CompactForms}. */
export interface CompactFormsInit {
  pool: Pick<TransactionPool, 'ageOf'>
  chance: Chance
  maxFrameBytes: number
}

/** The compact forms of the blocks that the node keeps for peers. Each is made when the first peer is sent it, and goes with the block. */
export class CompactForms {
  readonly #init: CompactFormsInit
  readonly #kept = new WeakMap<FramedItem, Kept>()
  /** How often each peer was answered, by peer id. */
  readonly #answers = new WeakMap<FramedItem, Map<string, number>>()
  readonly #lacking = new LackingPeers()
  #count = 0

  constructor (init: CompactFormsInit) {
    this.#init = init
  }

  /**
   * The frame in which a peer is sent an item: that of its compact form where the session uses these, the item has one, and the peer does
   * not lack most transactions.
   */
  frameFor (item: FramedItem, session: Session): Frame {
    const kept = session.features.includes('compact-blocks') ? this.#keptOf(item) : undefined

    return kept?.frame == null || this.#lacking.has(session, kept.number) ? item.frame : kept.frame
  }

  /** The answer to a question for transactions of a block: the frame has none where the node does not give them. */
  answer ({ indexes }: RequestTransactionsMessage, item: FramedItem | undefined, { session, requestId }: Asker): Frame {
    const picked = item?.block == null || !this.#mayAnswer(item, session.id) ? [] : pick(item, indexes)
    const bytes = picked.reduce((sum, { byteLength }) => sum + byteLength, 0)
    const kept = item == null ? undefined : this.#kept.get(item)

    if (kept != null && bytes > MAX_COMPACT_SHARE * item!.frame.byteLength) {
      this.#lacking.note(session, kept.number)
    }

    const transactions = bytes > MAX_TRANSACTION_ANSWER_BYTES ? [] : picked

    return encodeFrame(encodeMessage({ type: 'responseTransactions', transactions }, requestId), this.#init.maxFrameBytes)
  }

  #mayAnswer (item: FramedItem, id: string): boolean {
    const all = this.#answers.get(item) ?? new Map<string, number>()
    const answers = all.get(id) ?? 0

    if (answers >= MAX_TRANSACTION_ANSWERS || (answers === 0 && all.size >= MAX_RECIPIENTS)) {
      return false
    }

    all.set(id, answers + 1)
    this.#answers.set(item, all)

    return true
  }

  #keptOf (item: FramedItem): Kept | undefined {
    if (item.block == null) {
      return undefined
    }

    const kept = this.#kept.get(item) ?? this.#keep(item, item.block)
    this.#kept.set(item, kept)

    return kept
  }

  #keep ({ key, origin }: FramedItem, block: Uint8Array): Kept {
    const frame = origin?.form ?? this.#newForm(key, block, origin) ?? null

    return { frame, number: frame == null ? this.#count : this.#count++ }
  }

  #newForm (key: string, item: Uint8Array, origin: BlockOrigin | undefined): Uint8Array | undefined {
    const { pool, chance } = this.#init
    const [nonce] = chance.fill(new BigUint64Array(1))

    return createCompactForm({ item, key, nonce: nonce!, ageOf: (digest) => pool.ageOf(digest), digests: origin?.digests })
  }
}

/** The transactions of a block with these indexes; none where there is no such one. */
function pick ({ block }: FramedItem, indexes: readonly number[]): Uint8Array[] {
  const transactions = cutBlock(block!)?.transactions ?? []

  return indexes.every((index) => index < transactions.length) ? indexes.map((index) => transactions[index]!) : []
}

/** The encoded item in its frame, which has it last. */
export function itemIn (frame: Frame, item: Uint8Array): Uint8Array {
  return frame instanceof Uint8Array ? view(frame, frame.byteLength - item.byteLength, frame.byteLength) : item
}
