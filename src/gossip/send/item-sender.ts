import { isBusy, PRIORITY } from './delivery.ts'
import { DeferredWants } from './deferred-wants.ts'
import { ItemStore } from './item-store.ts'
import { CompactForms } from '../compact/compact-forms.ts'
import { digestToKey } from '../digest-key.ts'
import type { Delivery } from './delivery.ts'
import type { FramedItem } from './item-store.ts'
import type { ReadyPeer } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'
import type { TransactionPool } from '../transactions/pool.ts'
import type { Session } from '../../session/session.ts'
import type { Frame } from '../../session/send/send-queue.ts'
import type { RequestTransactionsMessage } from '../../types/message.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'

/** Options of {@link ItemSender}. */
export interface ItemSenderInit {
  clock: Clock
  chance: Chance
  maxFrameBytes: number
  seen: SeenCache
  delivery: Delivery
  pool: TransactionPool
}

/** Sends single peers the items that the node keeps, blocks in their compact form where the peer takes it. */
export class ItemSender {
  /** The latest large items. */
  readonly store: ItemStore
  readonly #seen: SeenCache
  readonly #delivery: Delivery
  readonly #compact: CompactForms
  readonly #deferredWants: DeferredWants

  constructor (init: ItemSenderInit) {
    const { clock, seen, delivery } = init
    this.#seen = seen
    this.#delivery = delivery
    this.store = new ItemStore(clock)
    this.#compact = new CompactForms(init)
    this.#deferredWants = new DeferredWants({
      clock, send: (key, peer, isCompact) => !isBusy(peer) && this.#sendWanted(key, peer, isCompact)
    })
  }

  /** Queues an item for a peer. `index` is that of its entry among the seen ones. False where the peer does not get it. */
  push (peer: ReadyPeer, item: FramedItem, { index, isCompact = true }: { index: number, isCompact?: boolean }): boolean {
    let frame: Frame | undefined
    // a compact form takes time, and is made where the peer may be sent it
    const makeFrame = (): Frame => frame ??= isCompact ? this.#compact.frameFor(item, peer.session) : item.frame
    const isQueued = this.#delivery.push(peer, item.type, makeFrame)

    if (isQueued) {
      item.noteSent(peer.id, frame)
      this.#seen.addHolder(index, peer.number)
    }

    return isQueued
  }

  /** Takes back an item that still waits for a peer that has it. */
  cancel (item: FramedItem, peer: ReadyPeer): void {
    const frame = item.noteArrived(peer.id)

    if (frame != null) {
      peer.session.outbox.cancel(PRIORITY[item.type], frame)
    }
  }

  /** Sends a peer an item that it asks for, now or when it may be sent more. */
  onWant ({ key }: FramedItem, peer: ReadyPeer, isCompact: boolean): void {
    if (isBusy(peer) || !this.#sendWanted(key, peer, isCompact)) {
      this.#deferredWants.add(key, peer, isCompact)
    }
  }

  /** Answers a question for transactions of a block, with none where too much waits for the peer. */
  onRequestTransactions (message: RequestTransactionsMessage, requestId: bigint | undefined, session: Session): void {
    const item = session.outbox.belowMark ? this.store.get(digestToKey(message.digest)) : undefined
    session.sendFrame('response', this.#compact.answer(message, item, { session, requestId }))
  }

  /** Forgets what a peer that has gone was sent, and what it has asked for. */
  forgetPeer (peer: ReadyPeer): void {
    this.#deferredWants.forgetPeer(peer)

    for (const item of this.store) {
      item.forgetPeer(peer.id)
    }
  }

  /** Forgets all items. */
  stop (): void {
    this.#deferredWants.stop()
    this.store.clear()
  }

  /** False where the peer may have the item and could not be sent it now. */
  #sendWanted (key: string, peer: ReadyPeer, isCompact: boolean): boolean {
    const item = this.store.get(key)
    const frame = item == null || !isCompact ? item?.frame : this.#compact.frameFor(item, peer.session)

    if (item?.mayGoTo(peer.id, frame) !== true) {
      return true
    }

    const index = this.#seen.enter(key)
    // what it was sent has come to nothing
    const isAgain = item.wasSentTo(peer.id)

    return (!isAgain && this.#seen.isHolder(index, peer.number)) || this.push(peer, item, { index, isCompact })
  }
}
