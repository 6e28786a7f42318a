import { Delivery, haveFrame, isBusy, PRIORITY } from './delivery.ts'
import { digestToKey } from '../digest-key.ts'
import { createPendingBroadcasts } from './pending-broadcasts.ts'
import { FramedItem, ItemStore } from './item-store.ts'
import { DeferredWants } from './deferred-wants.ts'
import { shuffle } from '../../util/shuffle.ts'
import { takeUntold } from './untold.ts'
import { encodeItemFrame } from '../../codec/items/item-frame.ts'
import type { Parcel } from './parcel.ts'
import type { ReadyPeer, ReadyPeers } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'
import type { Clock } from '../../util/clock.ts'
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

/** What became of a broadcast at the moment it was made; delivery is not known. */
export interface BroadcastResult {
  /** Peers for whom it waits to be sent, or word that we have it. */
  queued: number
  /** Ready peers who do not get it: they have it, too much waits for them already, or they were sent as much as they take. */
  skipped: number
}

/** What {@link Distribution} is made with. */
export interface DistributionInit {
  peers: ReadyPeers
  seen: SeenCache
  clock: Clock
  maxFrameBytes: number
  /** Called when a peer is not sent an item since it was sent as much as it takes. It may be told of it instead. */
  onHeldBack?: (type: Parcel['type']) => void
  /** Whether a peer has gone just now that may come back. No block is lost for it meanwhile. */
  isAwaited?: () => boolean
  /** Whether such a peer is between two sessions. No transaction is lost for it either. */
  isMoving?: () => boolean
}

/**
 * How an item comes to those who do not have it: small ones are sent to all of them, large ones to a few, and announced to the
 * others, who ask for what does not come another way. Nothing is sent to a peer twice, and no peer is sent more than it takes: a
 * block over that is announced, whatever its size, and a small transaction dropped.
 */
export class Distribution {
  readonly #init: DistributionInit
  readonly #store: ItemStore
  readonly #heldBack: ItemStore
  readonly #delivery: Delivery
  readonly #owed: DeferredWants

  constructor (init: DistributionInit) {
    this.#init = init
    this.#store = new ItemStore(init.clock)
    this.#heldBack = createPendingBroadcasts(init.clock)
    this.#delivery = new Delivery(init.onHeldBack)
    this.#owed = new DeferredWants({ clock: init.clock, send: (key, peer) => !isBusy(peer) && this.#sendWanted(key, peer) })
  }

  /** Queues an item, or word of it, for every ready peer that does not have it. Throws an EncodeError where it is too large. */
  send (parcel: Parcel): BroadcastResult {
    return isLarge(parcel.item) ? this.#sendLarge(parcel) : this.#sendSmall(parcel)
  }

  /** Keeps an item that nobody was there for, for those who come. */
  holdBack (parcel: Parcel): void {
    this.#heldBack.add(this.#framed(parcel))
  }

  /** Sends a peer that is ready now what was held back. */
  onReady (peer: ReadyPeer): void {
    const { seen } = this.#init
    const announced: FramedItem[] = []

    for (const item of this.#heldBack) {
      const index = seen.enter(item.key)

      if (seen.isHolder(index, peer.number)) {
        continue
      }

      const isPushed = (!item.isLarge || (item.sent < OWN_PUSH_PEERS && !peer.session.isRelayed)) && !isBusy(peer)

      if (!(isPushed && this.#push(peer, item, index)) && this.#store.add(item)) {
        announced.push(item)
      }
    }

    // what has fallen out of the store again could not be asked for
    const keys = announced.map(({ key }) => key).filter((key) => this.#store.get(key) != null)
    this.#delivery.tell(peer, keys, () => haveFrame(keys))
  }

  /** Tells a peer, whose session is another one than before, of what it may have lost with that. */
  onBack (peer: ReadyPeer): void {
    const keys = takeUntold(peer, this.#store, this.#init.seen)
    this.#delivery.tell(peer, keys, () => haveFrame(keys))
  }

  /** Forgets what a peer that has gone was sent. */
  forgetPeer (peer: ReadyPeer): void {
    this.#owed.forgetPeer(peer)

    for (const store of [this.#store, this.#heldBack]) {
      for (const item of store) {
        item.forgetPeer(peer.id)
      }
    }
  }

  /** Takes note that a peer has an item: what still waits for it is not sent. False where we have not met the item. */
  noteHolder (key: string, peer: ReadyPeer): boolean {
    const { seen } = this.#init
    const index = seen.indexOf(key)
    const item = this.#find(key)

    if (index != null) {
      seen.addHolder(index, peer.number)
    }

    if (item?.noteArrived(peer.id) === true) {
      peer.session.outbox.cancel(PRIORITY[item.type], item.frame)
    }

    return index != null || item != null
  }

  /**
   * Sends a peer those items that it asks for and does not have. What is more than it takes at once is sent later: a peer that gets
   * nothing takes us for one that withholds what it announces.
   */
  onWant (digests: Uint8Array[], peer: ReadyPeer): void {
    for (const digest of digests) {
      const key = digestToKey(digest)

      if (isBusy(peer) ? this.#store.get(key) != null : !this.#sendWanted(key, peer)) {
        this.#owed.add(key, peer)
      }
    }
  }

  /** Lets go of everything. */
  stop (): void {
    this.#owed.stop()
    this.#store.clear()
    this.#heldBack.clear()
  }

  get #isAwaited (): boolean { return this.#init.isAwaited?.() === true }

  #sendSmall (parcel: Parcel): BroadcastResult {
    const { seen, peers } = this.#init
    const index = seen.enter(parcel.key)
    const frame = (): Frame => this.#frameOf(parcel)
    const result = { queued: 0, skipped: 0 }
    let untold: ReadyPeer[] | undefined

    for (const peer of peers) {
      const isLacking = this.#lacks(peer, parcel, index)

      if (isLacking && this.#delivery.push(peer, parcel.type, frame)) {
        seen.addHolder(index, peer.number)
        result.queued++
      } else {
        result.skipped++

        if (isLacking && parcel.type === 'newBlock') {
          (untold ??= []).push(peer)
        }
      }
    }

    if (parcel.type === 'newBlock' && this.#isAwaited) {
      this.#store.add(this.#find(parcel.key) ?? this.#framed(parcel))
    } else if (parcel.type === 'newTransaction' && this.#init.isMoving?.() === true) {
      this.holdBack(parcel)
    }

    return untold == null ? result : this.#announce(parcel, untold, result)
  }

  /** Announces an item to those who could not be sent it, if it can be kept for them. */
  #announce (parcel: Parcel, peers: ReadyPeer[], { queued, skipped }: BroadcastResult): BroadcastResult {
    const isKept = this.#store.add(this.#find(parcel.key) ?? this.#framed(parcel))
    const tell = this.#wordOf(parcel)
    const told = isKept ? peers.filter(tell).length : 0

    return { queued: queued + told, skipped: skipped - told }
  }

  #sendLarge (parcel: Parcel): BroadcastResult {
    const { seen, peers } = this.#init
    const index = seen.enter(parcel.key)
    const lacking = [...peers].filter((peer) => this.#lacks(peer, parcel, index))
    const result = { queued: 0, skipped: peers.size - lacking.length }

    if (lacking.length === 0 && !this.#isAwaited) {
      return result
    }

    const item = this.#find(parcel.key) ?? this.#framed(parcel)
    // what nobody can be given later is sent to everybody now
    const isKept = this.#store.add(item)
    let pushes = isKept ? parcel.pushes : lacking.length
    const tell = this.#wordOf(parcel)

    for (const peer of shuffle(lacking).sort((a, b) => Number(isBusy(a)) - Number(isBusy(b)))) {
      // where a transaction is dropped because too much waits, so is word of it
      const isTold = isKept && !(parcel.type === 'newTransaction' && isBusy(peer))

      // whoever is reached through a relay asks for what does not come to it another way
      if (pushes > 0 && !peer.session.isRelayed && item.mayGoTo(peer.id) && this.#push(peer, item, index)) {
        pushes--
        result.queued++
      } else if (isTold && tell(peer)) {
        result.queued++
      } else {
        result.skipped++
      }
    }

    return result
  }

  /** False where the peer is to have it and could not be sent it now. */
  #sendWanted (key: string, peer: ReadyPeer): boolean {
    const { seen } = this.#init
    const item = this.#store.get(key)

    if (item?.mayGoTo(peer.id) !== true) {
      return true
    }

    const index = seen.enter(key)

    return seen.isHolder(index, peer.number) || this.#push(peer, item, index)
  }

  #lacks (peer: ReadyPeer, { from, wants }: Parcel, index: number): boolean {
    return peer.id !== from && !this.#init.seen.isHolder(index, peer.number) && (wants == null || wants(peer.session))
  }

  #push (peer: ReadyPeer, item: FramedItem, index: number): boolean {
    const isQueued = this.#delivery.push(peer, item.type, () => item.frame)

    if (isQueued) {
      item.noteSent(peer.id)
      this.#init.seen.addHolder(index, peer.number)
    }

    return isQueued
  }

  /** Tells one peer after the other of an item, all with the same frame. */
  #wordOf ({ key }: Parcel): (peer: ReadyPeer) => boolean {
    let frame: Uint8Array | undefined

    return (peer) => this.#delivery.tell(peer, [key], () => frame ??= haveFrame([key]))
  }

  #find (key: string): FramedItem | undefined {
    return this.#store.get(key) ?? this.#heldBack.get(key)
  }

  #framed (parcel: Parcel): FramedItem {
    return new FramedItem({ type: parcel.type, key: parcel.key, frame: this.#frameOf(parcel), isLarge: isLarge(parcel.item) })
  }

  #frameOf (parcel: Parcel): Frame {
    parcel.frame ??= encodeItemFrame(parcel.type, parcel.item, this.#init.maxFrameBytes)

    return parcel.frame
  }
}

/** Whether an encoded block or transaction is announced rather than sent to everybody. */
export function isLarge (item: Uint8Array): boolean {
  return item.byteLength >= ANNOUNCE_BYTES
}
