import { AwayPeers } from './fetch/away.ts'
import { decodeOrRefuse } from './decode-or-refuse.ts'
import { AnnouncedItems } from './announced-items.ts'
import { createAssembler } from './compact/compact-relay.ts'
import { digestToKey } from './digest-key.ts'
import { Distribution, isLarge, OWN_PUSH_PEERS, RELAY_PUSH_PEERS } from './send/distribution.ts'
import { ReadyPeers } from './peers.ts'
import { SeenCache } from './seen-cache.ts'
import { Fetchers } from './fetch/fetchers.ts'
import { digestKeyOf } from '../codec/digest.ts'
import { encodeBroadcast } from '../codec/items/item-frame.ts'
import { readNewItem } from '../codec/items/items.ts'
import { Timelines } from './timeline.ts'
import type { FirstSeen, GossipInit, GossipUsage, NewItem, ReceivedItem, RelayedType } from './types.ts'
import type { WantedItem } from './fetch/announcer.ts'
import type { Assembler } from './compact/assembler.ts'
import type { AssembledBlock } from './compact/types.ts'
import type { BroadcastResult } from './send/types.ts'
import type { TransactionPool } from './transactions/pool.ts'
import type { Session } from '../session/session.ts'
import type { BroadcastMessage, CompactBlockMessage, RequestTransactionsMessage } from '../types/message.ts'
import type { Outcome } from '../types/handlers.ts'

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
  readonly #assembler: Assembler
  readonly #announced: AnnouncedItems
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
    this.#fetchers = new Fetchers({ clock, peers: this.#peers, onCounted, isWhole: (key, id) => this.#assembler.isWhole(key, id) })
    this.#assembler = createAssembler({
      ...{ clock, chance, maxFrameBytes, peers: this.#peers, pool: this.#distribution.pool, fetchers: this.#fetchers },
      onOutcome: init.onCompact,
      onAssembled: (block) => this.#onAssembled(block)
    })
    this.#announced = new AnnouncedItems({
      ...{ peers: this.#peers, seen: this.#seen, distribution: this.#distribution },
      ...{ fetchers: this.#fetchers, assembler: this.#assembler, onCounted }
    })
  }

  /**
   * Sends a block or transaction of this node to every ready peer that does not have it. Where there is no peer, it goes to those that
   * come soon. Throws an EncodeError where it does not fit the wire, and what `check` throws, which is called before anything is sent.
   */
  broadcast (message: BroadcastMessage, check: () => void = () => {}): BroadcastResult {
    const { item, frame } = encodeBroadcast(message, this.#init.maxFrameBytes)
    check()
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

    return this.#takeNew({ type, item, key, from })
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
  onHave (...heard: Parameters<AnnouncedItems['onHave']>): void { this.#announced.onHave(...heard) }

  /** Sends a peer the items that it asks for, of those that were accepted lately and that it does not have. */
  onWant (...wanted: Parameters<AnnouncedItems['onWant']>): void { this.#announced.onWant(...wanted) }

  /** The same, where the peer takes blocks in their compact form. */
  onCompactWant (digests: readonly Uint8Array[], from: Session): void { this.#announced.onCompactWant(digests, from) }

  /**
   * Takes a compact block of so many bytes from a peer. Returns a promise where the verdict takes its time. Throws a DecodeError where it
   * can be no block.
   */
  onCompactBlock (message: CompactBlockMessage, bytes: number, from: Session): Promise<void> | undefined {
    const key = digestToKey(message.digest)
    const peer = this.#peers.get(from.id)

    if (!this.#seen.has(key)) {
      return this.#assembler.take({ key, message, bytes, from })
    }

    this.#fetchers.answered(key, from.id)
    this.#init.onRepeated?.('newBlock', bytes)

    if (peer != null) {
      this.#distribution.noteHolder(key, peer)
    }
  }

  /** Answers a question for transactions of a block that this node has sent in its compact form. */
  onRequestTransactions (message: RequestTransactionsMessage, requestId: bigint | undefined, from: Session): void {
    this.#distribution.onRequestTransactions(message, requestId, from)
  }

  /** The transactions that this node has made or accepted lately. */
  get pool (): Pick<TransactionPool, 'get' | 'newest'> { return this.#distribution.pool }

  /** How much there is of what gossip keeps. */
  get usage (): GossipUsage {
    return { ...this.#fetchers.usage, ...this.#distribution.usage, compactBlocks: this.#assembler.usage, seenDigests: this.#seen.usage }
  }

  /** Forgets the items that are wanted, and those that are kept to be sent. Seen items stay known. */
  stop (): void {
    this.#assembler.stop()
    this.#fetchers.stop()
    this.#distribution.stop()
  }

  /** Judges an item that is seen for the first time. */
  #takeNew ({ type, item, key, from, assembled }: FirstSeen): Promise<void> | undefined {
    const message = decodeOrRefuse({ type, item, from }, this.#init)

    if (message == null) {
      // the same bytes may be good under the other name
      this.#seen.forget(key)
      return
    }

    const wanted = assembled?.wanted ?? this.#endWait(key, from.id)
    const isAsked = wanted != null && wanted.asked.length > 0
    const way = this.#timelines.begin({ message, key, bytes: item.byteLength, from: from.id, wanted, compact: assembled?.facts })

    const isAnswer = isAsked && wanted.asked.some(({ id }) => id === from.id)
    const pushes = isAsked ? 0 : RELAY_PUSH_PEERS

    // written out, so that all have one shape
    return this.#judge({ message, item, key, from, origin: assembled?.origin, isAnswer, pushes, steps: way.steps, sampled: way.sampled })
  }

  #onAssembled (assembled: AssembledBlock): Promise<void> | undefined {
    const { key, item, from, holders } = assembled
    this.#noteHolders(key, [from.id, ...holders])

    return this.#takeNew({ type: 'newBlock', item, key, from, assembled })
  }

  #noteHolders (key: string, ids: readonly string[]): void {
    const index = this.#seen.enter(key)
    ids.forEach((id) => { this.#seen.addHolder(index, this.#peers.get(id)?.number) })
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
    const pending = this.#assembler.cancel(key)

    if (wanted != null || pending != null) {
      this.#noteHolders(key, [...wanted?.announcers.map(({ id }) => id) ?? [], ...pending?.holders ?? []])
    }

    return wanted ?? pending?.wanted
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
  #relay ({ message: { type }, item, key, from, isAnswer, pushes, origin }: NewItem): number {
    // the application may have given the memory away, and the item with it
    if (item.byteLength === 0) {
      return 0
    }

    if (isAnswer) {
      this.#fetchers.noteUseful(from.id)
    }

    return this.#distribution.send({ type, key, item, frame: undefined, from: from.id, pushes, wants: undefined, origin }).queued
  }
}
