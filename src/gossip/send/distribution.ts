import { Delivery, haveFrame, isBusy } from './delivery.ts'
import { TransactionPool } from '../transactions/pool.ts'
import { settleBlock } from '../transactions/settle-block.ts'
import { TransactionRelay } from '../transactions/transaction-relay.ts'
import { createPendingBroadcasts } from './pending-broadcasts.ts'
import { FramedItem, takeUnconfirmed } from './item-store.ts'
import { ItemSender } from './item-sender.ts'
import { itemIn } from '../compact/compact-forms.ts'
import { shuffle } from '../../util/shuffle.ts'
import { encodeItemFrame } from '../../codec/items/item-frame.ts'
import type { ItemStore, OutboundItem } from './item-store.ts'
import type { BroadcastResult, DistributionInit } from './types.ts'
import type { ReadyPeer } from '../peers.ts'
import type { Usage } from '../../types/status.ts'
import type { Frame } from '../../session/send/send-queue.ts'

/** An item of this size or more is sent to few peers and announced to the others. No item of this size is pushed through a relay. */
export const ANNOUNCE_BYTES: number = 16 * 1024

/** Peers that a large item of this node is sent to without being asked. */
export const OWN_PUSH_PEERS = 3

/**
 * Peers that a large item of another node is sent on to without being asked. One that this node had to ask for is sent to no peer.
 *
 * Others have it, or are about to. So every item takes OWN_PUSH_PEERS walks through the network, each of which ends at a peer that has it.
 * Were each sent on to one more, a node would get it nearly twice: the test of a network that relays counts the copies.
 */
export const RELAY_PUSH_PEERS = 1

export type { BroadcastResult, DistributionInit } from './types.ts'

/**
 * Distributes items to the peers that do not have them. Small items are pushed to all of these. Large ones are pushed to a few and
 * announced to the others, which ask for what does not come another way.
 *
 * No peer is sent an item twice, or more than it takes: above that, a block is announced, whatever its size, and a small transaction
 * dropped.
 */
export class Distribution {
  readonly #init: DistributionInit
  readonly #sender: ItemSender
  readonly #pendingBroadcasts: ItemStore
  readonly #delivery: Delivery
  readonly #transactions: TransactionRelay
  /** The transactions that were made or accepted lately, small and large. */
  readonly pool: TransactionPool

  constructor (init: DistributionInit) {
    const { application, onCounted } = init
    this.#init = init
    this.pool = new TransactionPool(init)
    this.#pendingBroadcasts = createPendingBroadcasts(init.clock)
    this.#delivery = new Delivery(init.onThrottled)
    this.#transactions = new TransactionRelay({ ...init, application, onCounted, delivery: this.#delivery, pool: this.pool })
    this.#sender = new ItemSender({ ...init, delivery: this.#delivery, pool: this.pool })
  }

  /** Queues an item, or its announcement, for every ready peer that does not have it. Throws an EncodeError where it is too large. */
  send (outbound: OutboundItem): BroadcastResult {
    if (outbound.type === 'newTransaction') {
      this.pool.add(outbound.key, outbound.item)

      return isLarge(outbound.item) ? this.#sendLarge(outbound) : this.#sendTransaction(outbound)
    }

    const result = isLarge(outbound.item) ? this.#sendLarge(outbound) : this.#sendSmall(outbound)
    settleBlock(this.pool, outbound)

    return result
  }

  /** Keeps a broadcast for which no peer was there, for peers that come soon. */
  keepPending (outbound: OutboundItem): void {
    this.#pendingBroadcasts.add(this.#framed(outbound))
  }

  /** Sends the pending broadcasts to a peer that is ready now. */
  onReady (peer: ReadyPeer): void {
    const { seen } = this.#init
    const announced: FramedItem[] = []

    for (const item of this.#pendingBroadcasts) {
      const index = seen.enter(item.key)

      if (seen.isHolder(index, peer.number) || !takes(peer, item)) {
        continue
      }

      const isPushed = (!item.isLarge || (item.sent < OWN_PUSH_PEERS && !peer.session.isRelayed)) && !isBusy(peer)

      if (!(isPushed && this.#sender.push(peer, item, { index })) && this.#store.add(item)) {
        announced.push(item)
      }
    }

    // an item that has fallen out of the store again is not announced: it could not be sent when asked for
    const keys = announced.map(({ key }) => key).filter((key) => this.#store.get(key) != null)
    this.#delivery.announce(peer, keys, () => haveFrame(keys))
    this.#transactions.onReady(peer)
  }

  /** Announces to a peer with another session than before what it may have lost with that one. */
  onBack (peer: ReadyPeer): void {
    const keys = takeUnconfirmed(peer, this.#store, this.#init.seen)
    this.#delivery.announce(peer, keys, () => haveFrame(keys))
  }

  /** Forgets which items a peer that has gone was sent. */
  forgetPeer (peer: ReadyPeer): void {
    this.#sender.forgetPeer(peer)
    this.#transactions.forgetPeer(peer)

    for (const item of this.#pendingBroadcasts) {
      item.forgetPeer(peer.id)
    }
  }

  /** Takes note that a peer has an item, and cancels the one that still waits for it. False where this node has not seen the item. */
  noteHolder (key: string, peer: ReadyPeer): boolean {
    const { seen } = this.#init
    const index = seen.indexOf(key)
    const item = this.#find(key)

    if (index != null) {
      seen.addHolder(index, peer.number)
    }

    if (item != null) {
      this.#sender.cancel(item, peer)
    }

    return index != null || item != null
  }

  /**
   * Sends a peer the items that it asks for and does not have. What is more than it takes at once is sent later: without an answer the
   * peer would count this node as one that withholds what it announces. `keys` are those of digests or of short ones. `isCompact` says that
   * the peer takes blocks in their compact form.
   */
  onWant (keys: readonly string[], peer: ReadyPeer, { isCompact = false }: { isCompact?: boolean } = {}): void {
    for (const key of keys) {
      const item = this.#store.get(key)

      if (item == null && !peer.isBlockOnly) {
        this.#transactions.onWant(key, peer)
      } else if (item != null && takes(peer, item)) {
        this.#sender.onWant(item, peer, isCompact)
      }
    }
  }

  /** Answers a question for transactions of a block. */
  onRequestTransactions (...asked: Parameters<ItemSender['onRequestTransactions']>): void {
    this.#sender.onRequestTransactions(...asked)
  }

  /** Forgets all items. */
  stop (): void {
    this.#sender.stop()
    this.#transactions.stop()
    this.pool.clear()
    this.#pendingBroadcasts.clear()
  }

  /** How much it keeps. */
  get usage (): { storedItems: Usage, transactionPool: Usage, pendingBroadcasts: Usage } {
    return { storedItems: this.#store.usage, transactionPool: this.pool.usage, pendingBroadcasts: this.#pendingBroadcasts.usage }
  }

  get #store (): ItemStore { return this.#sender.store }

  get #hasAwayPeers (): boolean { return this.#init.hasAwayPeers?.() === true }

  #sendTransaction (outbound: OutboundItem): BroadcastResult {
    if (this.#init.hasReconnectingPeers?.() === true) {
      this.keepPending(outbound)
    }

    return this.#transactions.send(outbound)
  }

  #sendSmall (outbound: OutboundItem): BroadcastResult {
    const { seen, peers } = this.#init
    const index = seen.enter(outbound.key)
    const frame = (): Frame => this.#frameOf(outbound)
    const result = { queued: 0, skipped: 0 }
    let unsent: ReadyPeer[] | undefined

    for (const peer of peers) {
      const isLacking = this.#lacks(peer, outbound, index)

      if (isLacking && this.#delivery.push(peer, outbound.type, frame)) {
        seen.addHolder(index, peer.number)
        result.queued++
      } else {
        result.skipped++

        if (isLacking) {
          (unsent ??= []).push(peer)
        }
      }
    }

    if (this.#hasAwayPeers) {
      this.#store.add(this.#find(outbound.key) ?? this.#framed(outbound))
    }

    return unsent == null ? result : this.#announce(outbound, unsent, result)
  }

  /** Announces an item to peers that could not be sent it, if it can be kept for them. */
  #announce (outbound: OutboundItem, peers: ReadyPeer[], { queued, skipped }: BroadcastResult): BroadcastResult {
    const isKept = this.#store.add(this.#find(outbound.key) ?? this.#framed(outbound))
    const announce = this.#announcerOf(outbound)
    const announced = isKept ? peers.filter(announce).length : 0

    return { queued: queued + announced, skipped: skipped - announced }
  }

  #sendLarge (outbound: OutboundItem): BroadcastResult {
    const { seen, peers, chance } = this.#init
    const index = seen.enter(outbound.key)
    const lacking = [...peers].filter((peer) => this.#lacks(peer, outbound, index))
    const result = { queued: 0, skipped: peers.size - lacking.length }

    if (lacking.length === 0 && !this.#hasAwayPeers) {
      return result
    }

    const item = this.#find(outbound.key) ?? this.#framed(outbound)
    // an item that cannot be kept for later requests is pushed to all peers now
    const isKept = this.#store.add(item)
    let pushes = isKept ? outbound.pushes : lacking.length
    const announce = this.#announcerOf(outbound)

    for (const peer of shuffle(lacking, chance.random).sort((a, b) => Number(isBusy(a)) - Number(isBusy(b)))) {
      // where a transaction is dropped because too much waits, so is its announcement
      const mayBeAnnounced = isKept && !(outbound.type === 'newTransaction' && isBusy(peer))

      // a peer that is reached through a relay asks for what does not come to it another way
      if (pushes > 0 && !peer.session.isRelayed && item.mayGoTo(peer.id) && this.#sender.push(peer, item, { index })) {
        pushes--
        result.queued++
      } else if (mayBeAnnounced && announce(peer)) {
        result.queued++
      } else {
        result.skipped++
      }
    }

    return result
  }

  #lacks (peer: ReadyPeer, outbound: OutboundItem, index: number): boolean {
    const { from, wants } = outbound

    return peer.id !== from && takes(peer, outbound) && !this.#init.seen.isHolder(index, peer.number) && wants?.(peer.session) !== false
  }

  /** Announces an item to one peer after the other, all with the same frame. */
  #announcerOf ({ key }: OutboundItem): (peer: ReadyPeer) => boolean {
    let frame: Uint8Array | undefined

    return (peer) => this.#delivery.announce(peer, [key], () => frame ??= haveFrame([key]))
  }

  #find (key: string): FramedItem | undefined {
    return this.#store.get(key) ?? this.#pendingBroadcasts.get(key)
  }

  #framed (outbound: OutboundItem): FramedItem {
    const { type, key, item, origin } = outbound
    const frame = this.#frameOf(outbound)
    const block = type === 'newBlock' && isLarge(item) ? itemIn(frame, item) : undefined

    return new FramedItem({ type, key, frame, isLarge: isLarge(item), block, origin })
  }

  #frameOf (outbound: OutboundItem): Frame {
    outbound.frame ??= encodeItemFrame(outbound.type, outbound.item, this.#init.maxFrameBytes)

    return outbound.frame
  }
}

/** Whether a peer takes such an item: none takes transactions in a block-only session. */
function takes ({ isBlockOnly }: ReadyPeer, { type }: Pick<OutboundItem, 'type'>): boolean {
  return type === 'newBlock' || !isBlockOnly
}

/** Whether an encoded block or transaction is announced rather than pushed to all peers. */
export function isLarge (item: Uint8Array): boolean {
  return item.byteLength >= ANNOUNCE_BYTES
}
