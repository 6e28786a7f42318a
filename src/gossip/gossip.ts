import { AwayPeers } from './fetch/away.ts'
import { decodeOrRefuse } from './decode-or-refuse.ts'
import { digestToKey, shortDigestsToKeys } from './digest-key.ts'
import { Distribution, isLarge, OWN_PUSH_PEERS, RELAY_PUSH_PEERS } from './send/distribution.ts'
import { ReadyPeers } from './peers.ts'
import { SeenCache } from './seen-cache.ts'
import { Fetchers } from './fetch/fetchers.ts'
import { digestKeyOf } from '../codec/digest.ts'
import { encodeBroadcast } from '../codec/items/item-frame.ts'
import { readNewItem } from '../codec/items/items.ts'
import { Timelines } from './timeline.ts'
import type { Way } from './timeline.ts'
import type { GossipInit, GossipUsage, ReceivedItem, RelayedType } from './types.ts'
import type { WantedItem } from './fetch/announcer.ts'
import type { ReadyPeer } from './peers.ts'
import type { BroadcastResult } from './send/types.ts'
import type { TransactionPool } from './transactions/pool.ts'
import type { Session } from '../session/session.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { Outcome } from '../types/handlers.ts'

/** An item that is seen for the first time. */
interface NewItem extends ReceivedItem, Pick<Way, 'sampled'> {
  key: string
  /** Whether this node had asked that peer for it. */
  isAnswer: boolean
  /** How many peers it is pushed to where it is large. */
  pushes: number
}

/**
 * Relays blocks and transactions. Each new one is judged once, and an accepted one goes to every peer that does not have it, as the bytes
 * that came. One that was seen before costs a digest and no decoding.
 */
export class Gossip {
  readonly #init: GossipInit
  readonly #seen: SeenCache
  readonly #peers: ReadyPeers
  readonly #distribution: Distribution
  readonly #fetchers: Fetchers
  readonly #timelines: Timelines
  readonly #away: AwayPeers
  /** Those of the peers that are away whose next session is on its way. */
  readonly #reconnecting: AwayPeers

  constructor (init: GossipInit) {
    const { clock, chance, maxFrameBytes, maxPeers, application, onThrottled, onCounted, seen } = init
    this.#init = init
    this.#seen = new SeenCache(init, maxPeers, seen)
    this.#peers = new ReadyPeers(this.#seen.maxHolders)
    this.#timelines = new Timelines(init)
    this.#away = new AwayPeers(clock)
    this.#reconnecting = new AwayPeers(clock)
    this.#distribution = new Distribution({
      ...{ peers: this.#peers, seen: this.#seen, clock, chance, maxFrameBytes, application, onThrottled, onCounted },
      hasAwayPeers: () => this.#away.size > 0,
      hasReconnectingPeers: () => this.#reconnecting.size > 0
    })
    this.#fetchers = new Fetchers({ clock, peers: this.#peers, onCounted })
  }

  /**
   * Sends a block or transaction of this node to every ready peer that does not have it. Where there is no peer, it goes to those that
   * come soon. Throws an EncodeError where it does not fit the wire.
   */
  broadcast (message: BroadcastMessage): BroadcastResult {
    const { item, frame } = encodeBroadcast(message, this.#init.maxFrameBytes)
    const key = digestKeyOf(item)
    const outbound = { type: message.type, key, item, frame, from: undefined, pushes: OWN_PUSH_PEERS, wants: undefined }
    this.#endWait(key)
    const result = this.#distribution.send(outbound)

    if (result.queued + result.skipped === 0) {
      this.#distribution.keepPending(outbound)
    }

    return result
  }

  /**
   * Relays an item that came to this node in another way, to the ready peers for which `wants` is true and that do not have it. Throws an
   * EncodeError where it does not fit into a frame.
   */
  announce (message: BroadcastMessage, item: Uint8Array, wants: (session: Session) => boolean): BroadcastResult {
    const key = digestKeyOf(item)
    this.#endWait(key)

    return this.#distribution.send({
      type: message.type, key, item, frame: undefined, from: undefined, pushes: RELAY_PUSH_PEERS, wants
    })
  }

  /**
   * Takes a block or transaction from a peer. Returns a promise where the verdict takes its time. Throws a DecodeError where the message
   * holds no item. An item that breaks a rule is refused, and is no violation: the decoder of the peer may take it.
   */
  onMessage (type: RelayedType, body: Uint8Array, from: Session): Promise<void> | undefined {
    const item = readNewItem(body)
    const key = digestKeyOf(item)
    const peer = this.#peers.get(from.id)

    if (!this.#seen.add(key, peer?.number)) {
      this.#fetchers.answered(key, from.id)
      this.#init.onRepeated?.(type, item.byteLength)

      // a small item that still waits to be sent to that peer is not worth the search
      if (peer != null && isLarge(item)) {
        this.#distribution.noteHolder(key, peer)
      }

      return
    }

    const message = decodeOrRefuse({ type, item, from }, this.#init)

    if (message == null) {
      // the same bytes may be good under the other name
      this.#seen.forget(key)
      return
    }

    const wanted = this.#endWait(key, from.id)
    const asked = wanted?.asked ?? []

    return this.#judge({
      ...{ message, item, key, from },
      isAnswer: asked.some(({ id }) => id === from.id),
      pushes: asked.length > 0 ? 0 : RELAY_PUSH_PEERS,
      ...this.#timelines.begin({ message, key, bytes: item.byteLength, from: from.id, wanted })
    })
  }

  /** Judges an item once more that was held, and acts on it. Returns a promise where the verdict takes its time. */
  release (held: ReceivedItem): Promise<void> | undefined {
    return this.#judge({ ...held, key: digestKeyOf(held.item), isAnswer: false, pushes: RELAY_PUSH_PEERS })
  }

  /** Forgets an item that was held: it is judged again when it comes again. */
  forget (item: Uint8Array): void { this.#seen.forget(digestKeyOf(item)) }

  /** Takes note of a session that is ready now. */
  onReady (session: Session): void {
    const isKnown = this.#peers.get(session.id) != null
    const peer = this.#peers.add(session)
    this.#fetchers.onBack(session)
    this.#reconnecting.take(session.id)

    if (this.#away.take(session.id) || isKnown) {
      this.#distribution.onBack(peer)
    }

    this.#distribution.onReady(peer)
  }

  /** Takes note of a session that has ended, ready or not. `isFollowed` says that another one with the same peer is on its way. */
  onClosed (session: Session, { isFollowed = false }: { isFollowed?: boolean } = {}): void {
    const gone = this.#peers.remove(session)

    if (gone != null) {
      this.#seen.forgetPeer(gone.number)
      this.#distribution.forgetPeer(gone)
      this.#fetchers.onGone(gone.id)
      this.#away.add(gone.id)

      if (isFollowed) {
        this.#reconnecting.add(gone.id)
      }
    }
  }

  /** Takes note of the items that a peer announces. Those that this node has not seen are asked for when they do not come. */
  onHave (digests: Uint8Array[], { id }: Session, shortDigests?: Uint8Array): void {
    const peer = this.#peers.get(id)

    // a session may still send after another one has replaced it: it is about to end, and is asked for nothing
    if (peer == null) {
      return
    }

    for (const digest of digests) {
      const key = digestToKey(digest)

      if (!this.#distribution.noteHolder(key, peer)) {
        this.#fetchers.announced(key, peer.session)
      }
    }

    if (shortDigests != null) {
      this.#onShortHave(shortDigestsToKeys(shortDigests), peer)
    }
  }

  /** Sends a peer the items that it asks for, of those that were accepted lately and that it does not have. */
  onWant (digests: Uint8Array[], { id }: Session, shortDigests?: Uint8Array): void {
    const peer = this.#peers.get(id)

    if (peer != null) {
      this.#distribution.onWant(digests.map(digestToKey), peer)
    }

    if (peer != null && shortDigests != null) {
      const keys = shortDigestsToKeys(shortDigests)
      this.#init.onCounted?.('wanted', keys.length)
      this.#distribution.onWant(keys, peer)
    }
  }

  /** The transactions that this node has made or accepted lately. */
  get pool (): Pick<TransactionPool, 'get' | 'newest'> { return this.#distribution.pool }

  /** How much there is of what gossip keeps. */
  get usage (): GossipUsage { return { ...this.#fetchers.usage, seenDigests: this.#seen.usage, ...this.#distribution.usage } }

  /** Forgets the items that are wanted, and those that are kept to be sent. Seen items stay known. */
  stop (): void {
    this.#fetchers.stop()
    this.#distribution.stop()
  }

  #onShortHave (keys: readonly string[], peer: ReadyPeer): void {
    this.#init.onCounted?.('heard', keys.length)

    for (const key of keys) {
      const index = this.#seen.indexOf(key)

      if (index == null) {
        this.#fetchers.announcedShort(key, peer.session)
      } else {
        this.#seen.addHolder(index, peer.number)
      }
    }
  }

  #judge (newItem: NewItem): Promise<void> | undefined {
    const outcome = this.#init.importer.judge(newItem)

    if (typeof outcome === 'string') {
      this.#onOutcome(newItem, outcome)
      return
    }

    return outcome.then((outcome) => { this.#onOutcome(newItem, outcome) })
  }

  /** Ends the wait for an announced item, and returns it. */
  #endWait (key: string, from?: string): WantedItem | undefined {
    const wanted = this.#fetchers.arrived(key, from)

    if (wanted != null) {
      const index = this.#seen.enter(key)
      wanted.announcers.forEach(({ id }) => { this.#seen.addHolder(index, this.#peers.get(id)?.number) })
    }

    return wanted
  }

  #onOutcome (newItem: NewItem, outcome: Outcome): void {
    const { message, key, from } = newItem

    if (outcome !== 'held') {
      this.#timelines.judged(newItem)
    }

    // an item that is of no use now may be of use later, such as a block whose parent is on its way
    if (outcome === 'ignore') {
      this.#seen.forget(key)
    }

    this.#init.onOutcome(message, from, outcome)

    if (outcome === 'accept') {
      this.#timelines.relayed(newItem, this.#relay(newItem))
    }
  }

  /** Sends an accepted item on. Returns for how many peers it, or its announcement, was queued. */
  #relay ({ message: { type }, item, key, from, isAnswer, pushes }: NewItem): number {
    // the application may have given the memory away, and the item with it
    if (item.byteLength === 0) {
      return 0
    }

    if (isAnswer) {
      this.#fetchers.noteUseful(from.id)
    }

    return this.#distribution.send({ type, key, item, frame: undefined, from: from.id, pushes, wants: undefined }).queued
  }
}
