import { AwayPeers } from './fetch/away.ts'
import { digestToKey, keyToDigest } from './digest-key.ts'
import { Distribution, isLarge, OWN_PUSH_PEERS, RELAY_PUSH_PEERS } from './send/distribution.ts'
import { ReadyPeers } from './peers.ts'
import { SeenCache } from './seen-cache.ts'
import { Fetcher } from './fetch/fetcher.ts'
import { digestKeyOf } from '../codec/digest.ts'
import { encodeBroadcast } from '../codec/items/item-frame.ts'
import { checkReceivedSize, decodeBlock, decodeTransaction, readNewItem } from '../codec/items/items.ts'
import { maxItemBytes } from '../codec/limits.ts'
import { DecodeError } from '../errors.ts'
import { budgetOf } from '../session/limits/send-budget.ts'
import type { Announcer } from './fetch/announcer.ts'
import type { SeenBounds } from './seen-cache.ts'
import type { BroadcastResult, DistributionInit } from './send/distribution.ts'
import type { Session } from '../session/session.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { Outcome } from '../types/handlers.ts'

/** The messages that are relayed. */
export type RelayedType = BroadcastMessage['type']

/** Decides what becomes of the items that peers send. */
export interface ItemImporter {
  /** The outcome of an item. `item` is its bytes as they came. Never throws, and never rejects. */
  judge: (message: BroadcastMessage, item: Uint8Array, from: Session) => Outcome | Promise<Outcome>
}

/** Options of {@link Gossip}. */
export interface GossipInit extends Pick<DistributionInit, 'clock' | 'maxFrameBytes' | 'onHeldBack'> {
  /** How many peers may be ready at a time. */
  maxPeers: number
  /** Bounds what is remembered of what was met. */
  seen?: SeenBounds
  importer: ItemImporter
  /** Called with what becomes of an item, before an accepted one is relayed. */
  onOutcome: (message: BroadcastMessage, from: Session, outcome: Outcome) => void
  /** Called with bytes that are no such item. Nobody is sent them. */
  onRefused: (type: RelayedType, from: Session, error: DecodeError) => void
}

/** An item that was not met before. */
interface Met {
  message: BroadcastMessage
  item: Uint8Array
  key: string
  from: Session
  /** Whether that peer was asked for it. */
  isAnswer: boolean
  /** To how many peers it is sent where it is large. */
  pushes: number
}

const NOBODY: readonly Announcer[] = []

/**
 * Hands blocks and transactions on: each new one is judged once, and what is accepted goes to every peer that does not have it,
 * as the bytes that came. One that was met before costs a digest and no decoding.
 */
export class Gossip {
  readonly #init: GossipInit
  readonly #seen: SeenCache
  readonly #peers: ReadyPeers
  readonly #distribution: Distribution
  readonly #wants: Fetcher
  readonly #away: AwayPeers
  /** Those of them whose next session is on its way. */
  readonly #moving: AwayPeers

  constructor (init: GossipInit) {
    const { clock, maxFrameBytes, maxPeers, onHeldBack, seen } = init
    this.#init = init
    this.#seen = new SeenCache(clock, maxPeers, seen)
    this.#peers = new ReadyPeers(this.#seen.maxHolders)
    this.#away = new AwayPeers(clock)
    this.#moving = new AwayPeers(clock)
    this.#distribution = new Distribution({
      peers: this.#peers,
      seen: this.#seen,
      clock,
      maxFrameBytes,
      onHeldBack,
      isAwaited: () => this.#away.size > 0,
      isMoving: () => this.#moving.size > 0
    })
    this.#wants = new Fetcher({
      clock,
      ask: (id, keys) => { this.#peers.get(id)?.session.send('control', { type: 'want', digests: keys.map(keyToDigest) }) },
      mayAsk: (id) => {
        const peer = this.#peers.get(id)

        return peer == null || budgetOf(peer.session).tryTake('digests')
      },
      receivedFrom: (id) => this.#peers.get(id)?.session.bytesIn ?? 0
    })
  }

  /**
   * Sends our own block or transaction to every ready peer that does not have it, or where nobody is there to those who come
   * soon. Throws an EncodeError where it does not fit the wire.
   */
  broadcast (message: BroadcastMessage): BroadcastResult {
    const { item, frame } = encodeBroadcast(message, this.#init.maxFrameBytes)
    const key = digestKeyOf(item)
    const parcel = { type: message.type, key, item, frame, from: undefined, pushes: OWN_PUSH_PEERS, wants: undefined }
    this.#endWant(key)
    const result = this.#distribution.send(parcel)

    if (result.queued + result.skipped === 0) {
      this.#distribution.holdBack(parcel)
    }

    return result
  }

  /**
   * Remembers an item that came to us in another way, and sends it to those ready peers for which `wants` is true and who do
   * not have it. Throws an EncodeError where it does not fit into a frame.
   */
  announce (message: BroadcastMessage, item: Uint8Array, wants: (session: Session) => boolean): BroadcastResult {
    const key = digestKeyOf(item)
    this.#endWant(key)

    return this.#distribution.send({
      type: message.type, key, item, frame: undefined, from: undefined, pushes: RELAY_PUSH_PEERS, wants
    })
  }

  /**
   * Takes a block or transaction from a peer. Returns what to wait for where judging it takes its time.
   * Throws a DecodeError where the message holds none. An item that breaks a rule is refused, and is no violation: the peer may have
   * relayed what its decoder takes.
   */
  onMessage (type: RelayedType, body: Uint8Array, from: Session): Promise<void> | undefined {
    const item = readNewItem(body)
    const key = digestKeyOf(item)
    const peer = this.#peers.get(from.id)

    if (!this.#seen.add(key, peer?.number)) {
      this.#wants.answered(key, from.id)

      // a small one that still waits to be sent to that peer is not worth the search
      if (peer != null && isLarge(item)) {
        this.#distribution.noteHolder(key, peer)
      }

      return
    }

    const message = this.#decode(type, item, from)

    if (message == null) {
      // the same bytes may be good under the other name
      this.#seen.forget(key)
      return
    }

    const asked = this.#endWant(key, from.id)

    return this.#judge({
      message, item, key, from, isAnswer: asked.some(({ id }) => id === from.id), pushes: asked.length > 0 ? 0 : RELAY_PUSH_PEERS
    })
  }

  /** Judges an item once more that was held, and acts on it. Returns what to wait for where that takes its time. */
  release (message: BroadcastMessage, item: Uint8Array, from: Session): Promise<void> | undefined {
    return this.#judge({ message, item, key: digestKeyOf(item), from, isAnswer: false, pushes: RELAY_PUSH_PEERS })
  }

  /** Lets an item that was held be looked at again when it comes again. */
  forget (item: Uint8Array): void {
    this.#seen.forget(digestKeyOf(item))
  }

  /** Takes note of a session that is ready now. */
  onReady (session: Session): void {
    const isKnown = this.#peers.get(session.id) != null
    const peer = this.#peers.add(session)
    this.#wants.onBack(session)
    this.#moving.take(session.id)

    if (this.#away.take(session.id) || isKnown) {
      this.#distribution.onBack(peer)
    }

    this.#distribution.onReady(peer)
  }

  /** Takes note of a session that has ended, whether it was ready or not. `isFollowed`: another one with the same peer is on its way. */
  onClosed (session: Session, { isFollowed = false }: { isFollowed?: boolean } = {}): void {
    const gone = this.#peers.remove(session)

    if (gone != null) {
      this.#seen.forgetPeer(gone.number)
      this.#distribution.forgetPeer(gone)
      this.#wants.onGone(gone.id)
      this.#away.add(gone.id)

      if (isFollowed) {
        this.#moving.add(gone.id)
      }
    }
  }

  /** Takes note of what a peer has. What we have not met is asked for when it does not come. */
  onHave (digests: Uint8Array[], { id }: Session): void {
    const peer = this.#peers.get(id)

    // a session in whose place another one is may outlast it: who is about to go is not asked for anything
    if (peer == null) {
      return
    }

    for (const digest of digests) {
      const key = digestToKey(digest)

      if (!this.#distribution.noteHolder(key, peer)) {
        this.#wants.announced(key, peer.session)
      }
    }
  }

  /** Sends a peer what it asks for, as far as we have accepted it lately and the peer has not got it. */
  onWant (digests: Uint8Array[], { id }: Session): void {
    const peer = this.#peers.get(id)

    if (peer != null) {
      this.#distribution.onWant(digests, peer)
    }
  }

  /** Waits for nothing and keeps nothing to be sent any more. What was met stays known. */
  stop (): void {
    this.#wants.stop()
    this.#distribution.stop()
  }

  #judge (met: Met): Promise<void> | undefined {
    const outcome = this.#init.importer.judge(met.message, met.item, met.from)

    if (typeof outcome === 'string') {
      this.#onOutcome(met, outcome)
      return
    }

    return outcome.then((outcome) => { this.#onOutcome(met, outcome) })
  }

  /** Ends the wait for an item that was announced, by peers that have it. Returns those who were asked for it. */
  #endWant (key: string, from?: string): readonly Announcer[] {
    // hardly ever is anything waited for, and each map would make a hash of the key
    const want = this.#wants.size === 0 ? undefined : this.#wants.arrived(key, from)

    if (want == null) {
      return NOBODY
    }

    const index = this.#seen.enter(key)
    want.announcers.forEach(({ id }) => { this.#seen.addHolder(index, this.#peers.get(id)?.number) })

    return want.asked
  }

  #decode (type: RelayedType, item: Uint8Array, from: Session): BroadcastMessage | undefined {
    try {
      checkReceivedSize(item, maxItemBytes(this.#init.maxFrameBytes))

      return type === 'newBlock'
        ? { type, block: decodeBlock(item) }
        : { type, transaction: decodeTransaction(item) }
    } catch (err) {
      if (!(err instanceof DecodeError)) {
        throw err
      }

      this.#init.onRefused(type, from, err)

      return undefined
    }
  }

  #onOutcome ({ message, item, key, from, isAnswer, pushes }: Met, outcome: Outcome): void {
    // what is of no use now may be of use later, such as a block whose parent is on its way
    if (outcome === 'ignore') {
      this.#seen.forget(key)
    }

    this.#init.onOutcome(message, from, outcome)

    // the application may have given the memory away, and the item with it
    if (outcome === 'accept' && item.byteLength > 0) {
      if (isAnswer) {
        this.#wants.noteUseful(from.id)
      }

      this.#distribution.send({ type: message.type, key, item, frame: undefined, from: from.id, pushes, wants: undefined })
    }
  }
}
