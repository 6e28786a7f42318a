import { Announcements } from './announcements.ts'
import { PoolAtConnect } from './pool-at-connect.ts'
import { shortKeyOf } from '../digest-key.ts'
import { isBusy } from '../send/delivery.ts'
import { DeferredWants } from '../send/deferred-wants.ts'
import { encodeItemFrame } from '../../codec/items/item-frame.ts'
import type { ApplicationPool } from './application-pool.ts'
import type { OnCounted } from './counts.ts'
import type { PooledTransaction, TransactionPool } from './pool.ts'
import type { Delivery } from '../send/delivery.ts'
import type { BroadcastResult } from '../send/types.ts'
import type { OutboundItem } from '../send/item-store.ts'
import type { ReadyPeer, ReadyPeers } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'
import type { Frame } from '../../session/send/send-queue.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * The share of the transactions of other nodes that the node sends on in full, to one peer, without being asked. It announces all others.
 * A transaction that comes in full is so no proof that its sender has made it.
 */
export const RELAY_PUSH_SHARE: number = 1 / 16

/**
 * Where so few peers lack a transaction of another node, the node sends it to them in full: they are likely to depend on it. So a network
 * of few links loses no time.
 */
export const FEW_PEERS = 2

/**
 * Transactions that one peer has asked for and that wait until it may be sent more.
 *
 * @remarks The node forgets those above that: the peer may ask others.
 */
export const MAX_DEFERRED_TRANSACTIONS = 2048

/** Options of {@link TransactionRelay}. */
export interface TransactionRelayInit {
  clock: Clock
  chance: Chance
  peers: ReadyPeers
  seen: SeenCache
  delivery: Delivery
  pool: TransactionPool
  /** The pool of the application, where it has one. */
  application: ApplicationPool | undefined
  maxFrameBytes: number
  onCounted?: OnCounted | undefined
}

/**
 * Sends small transactions. One of this node goes in full to every peer that lacks it. One of another node goes in full to the peers
 * without short digests, and is announced to the others, which ask for what they lack.
 */
export class TransactionRelay {
  readonly #init: TransactionRelayInit
  readonly #announcements: Announcements
  readonly #atConnect: PoolAtConnect
  readonly #deferred: DeferredWants

  constructor (init: TransactionRelayInit) {
    this.#init = init
    this.#announcements = new Announcements(init)
    this.#atConnect = new PoolAtConnect(init)
    this.#deferred = new DeferredWants({ clock: init.clock, max: MAX_DEFERRED_TRANSACTIONS, send: (key, peer) => this.#answer(key, peer) })
  }

  /** Queues a transaction, or its announcement, for ready peers that take and lack it. Throws an EncodeError where it is too large. */
  send (outbound: OutboundItem): BroadcastResult {
    const { peers, seen } = this.#init
    const index = seen.enter(outbound.key)
    const lacking: ReadyPeer[] = []
    const result = { queued: 0, skipped: 0 }

    for (const peer of peers) {
      const isLacking = peer.id !== outbound.from && !peer.isBlockOnly && !seen.isHolder(index, peer.number)

      if (!isLacking || outbound.wants?.(peer.session) === false) {
        result.skipped++
      } else if (outbound.from != null && peer.usesShortDigests && !isBusy(peer)) {
        lacking.push(peer)
        result.queued++
      } else {
        result[this.#push(peer, outbound, index) ? 'queued' : 'skipped']++
      }
    }

    if (lacking.length > 0) {
      this.#announce(outbound, lacking, index)
    }

    return result
  }

  /** Announces what the pool has to a peer that is ready now. */
  onReady (peer: ReadyPeer): void { this.#atConnect.onReady(peer) }

  /** Sends a peer a transaction that it asks for, now or later. False where the node has none of this digest, or short one. */
  onWant (key: string, peer: ReadyPeer): boolean {
    const { pool, application } = this.#init

    if (!pool.has(key)) {
      const reading = application?.read(key)

      if (reading == null) {
        return false
      }

      void reading.then((found) => {
        if (found != null && this.#init.peers.get(peer.id) === peer) {
          pool.add(found.digest, found.item)
          this.#answerNowOrLater(found.digest, peer)
        }
      })

      return true
    }

    this.#answerNowOrLater(key, peer)

    return true
  }

  /** Forgets what is under way to a peer that has gone. */
  forgetPeer (peer: ReadyPeer): void {
    this.#deferred.forgetPeer(peer)
    this.#atConnect.forgetPeer(peer)
  }

  /** Ends everything that is under way. */
  stop (): void {
    this.#announcements.stop()
    this.#atConnect.stop()
    this.#deferred.stop()
  }

  #announce (outbound: OutboundItem, lacking: readonly ReadyPeer[], index: number): void {
    const { chance } = this.#init
    let left = lacking

    // one that had to be asked for is on its way to all of them already
    if (outbound.pushes > 0) {
      const first = Math.floor(chance.random() * lacking.length)
      const count = lacking.length <= FEW_PEERS ? lacking.length : chance.random() < RELAY_PUSH_SHARE ? 1 : 0
      left = lacking.filter((peer, at) => (at - first + lacking.length) % lacking.length >= count || !this.#push(peer, outbound, index))
    }

    if (left.length > 0) {
      this.#announcements.add(shortKeyOf(outbound.key), left)
    }
  }

  #push (peer: ReadyPeer, outbound: OutboundItem, index: number): boolean {
    const { delivery, seen, maxFrameBytes } = this.#init
    const isQueued = delivery.push(peer, 'newTransaction', () => outbound.frame ??= encodeItemFrame('newTransaction', outbound.item, maxFrameBytes))

    if (isQueued) {
      seen.addHolder(index, peer.number)
    }

    return isQueued
  }

  #answerNowOrLater (key: string, peer: ReadyPeer): void {
    if (!this.#answer(key, peer)) {
      this.#deferred.add(key, peer)
    }
  }

  /** False where the answer has to wait. */
  #answer (key: string, peer: ReadyPeer): boolean {
    const { seen, delivery, pool, onCounted } = this.#init
    const found = pool.get(key)

    if (found == null) {
      return true
    }

    const index = seen.enter(found.digest)

    if (seen.isHolder(index, peer.number)) {
      return true
    }

    if (isBusy(peer) || !delivery.push(peer, 'newTransaction', () => this.#frameOf(found))) {
      return false
    }

    seen.addHolder(index, peer.number)
    onCounted?.('answered', 1)

    return true
  }

  #frameOf ({ item }: PooledTransaction): Frame { return encodeItemFrame('newTransaction', item, this.#init.maxFrameBytes) }
}
