import { announceShort } from './announce-short.ts'
import { MAX_POOL_TRANSACTIONS } from './pool.ts'
import { shortKeyOf } from '../digest-key.ts'
import type { ApplicationPool } from './application-pool.ts'
import type { OnCounted } from './counts.ts'
import type { TransactionPool } from './pool.ts'
import type { ReadyPeer } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'
import type { Clock } from '../../util/clock.ts'

/** How long the node waits before it announces its pool to a peer that has dialled it: the dialler is first, so few are announced twice. */
export const INBOUND_POOL_MS = 300

/** Transactions of the pool that the node announces to a new peer at a time. */
export const POOL_STEP = 512

/** The time from one such announcement to the next. */
export const POOL_STEP_MS = 250

/**
 * Transactions of the pool that the node announces to one new peer.
 *
 * @remarks The newest are announced. A new peer gets older ones from other peers, or not.
 */
export const MAX_ANNOUNCED_AT_CONNECT: number = MAX_POOL_TRANSACTIONS

/** Options of {@link PoolAtConnect}. */
export interface PoolAtConnectInit {
  clock: Clock
  seen: SeenCache
  pool: TransactionPool
  application: ApplicationPool | undefined
  onCounted?: OnCounted | undefined
}

/** What is still to be announced to a new peer. */
interface Under { peer: ReadyPeer, timer: unknown, left: readonly string[] | undefined }

/** Announces the transactions of the pool to peers that come, the newest first, a few hundred at a time. */
export class PoolAtConnect {
  readonly #init: PoolAtConnectInit
  readonly #underWay = new Map<string, Under>()

  constructor (init: PoolAtConnectInit) {
    this.#init = init
  }

  onReady (peer: ReadyPeer): void {
    this.forgetPeer(peer)

    if (peer.usesShortDigests && !peer.isBlockOnly) {
      const under: Under = { peer, timer: undefined, left: undefined }
      this.#underWay.set(peer.id, under)
      this.#schedule(under, peer.session.direction === 'outbound' ? 0 : INBOUND_POOL_MS)
    }
  }

  forgetPeer ({ id }: ReadyPeer): void {
    this.#init.clock.clearTimeout(this.#underWay.get(id)?.timer)
    this.#underWay.delete(id)
  }

  stop (): void { [...this.#underWay.values()].forEach(({ peer }) => { this.forgetPeer(peer) }) }

  #schedule (under: Under, delay: number): void {
    under.timer = this.#init.clock.setTimeout(() => {
      if (under.left != null) {
        this.#step(under, under.left)
      } else {
        this.#begin(under)
      }
    }, delay)
  }

  #begin (under: Under): void {
    const { application, pool } = this.#init

    if (application == null) {
      this.#step(under, pool.unsettled().map(shortKeyOf))
      return
    }

    void application.keys(MAX_ANNOUNCED_AT_CONNECT).then((keys) => {
      if (this.#underWay.get(under.peer.id) === under) {
        this.#step(under, keys)
      }
    })
  }

  #step (under: Under, keys: readonly string[]): void {
    const { seen, onCounted } = this.#init
    const { peer } = under
    const told: string[] = []
    let at = 0

    for (; at < keys.length && told.length < POOL_STEP; at++) {
      const key = keys[at]!
      const index = seen.indexOf(key)

      if (index == null || !seen.isHolder(index, peer.number)) {
        told.push(key)
      }
    }

    // what it may not be told of now is told of later
    const count = announceShort(peer, told, onCounted)
    under.left = [...told.slice(count), ...keys.slice(at)]

    if (under.left.length === 0) {
      this.forgetPeer(peer)
    } else {
      this.#schedule(under, POOL_STEP_MS)
    }
  }
}
