import { shortKeyOf } from '../digest-key.ts'
import type { BlockOrigin } from '../compact/assembly.ts'
import type { ReadyPeer } from '../peers.ts'
import type { SeenCache } from '../seen-cache.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Frame } from '../../session/send/send-queue.ts'
import type { BroadcastMessage } from '../../types/message.ts'
import type { Usage } from '../../types/status.ts'

/**
 * Large items that the node keeps for peers that ask for them.
 *
 * @remarks The oldest transaction makes room, and where there is none the oldest block. Peers that want it ask others.
 */
export const MAX_STORED_ITEMS = 64

/**
 * Bytes of the large items that the node keeps for peers that ask for them, in frames.
 *
 * @remarks The oldest transaction makes room, and where there is none the oldest block. Peers that want it ask others.
 */
export const MAX_STORED_BYTES: number = 16 * 1024 * 1024

/**
 * How long the node keeps a large item for peers that ask for it.
 *
 * @remarks The node drops it. Peers that want it ask others.
 */
export const STORED_TTL_MS: number = 2 * 60 * 1000

/** Peers that one large item is sent to. The node remembers which. */
export const MAX_RECIPIENTS = 1024

/** A block or transaction that is to be sent. */
export interface OutboundItem {
  readonly type: BroadcastMessage['type']
  readonly key: string
  readonly item: Uint8Array
  /** Encoded when the first peer gets it, where it is `undefined`. */
  frame: Frame | undefined
  /** The id of the peer that it came from; `undefined` for items of this node. */
  readonly from: string | undefined
  /** How many peers it is pushed to where it is large. */
  readonly pushes: number
  /** Which peers are to have it; `undefined` for all of them. */
  readonly wants: ((session: Session) => boolean) | undefined
  /** What a block was put together from, where it was. */
  readonly origin?: BlockOrigin | undefined
}

/** The bounds of an {@link ItemStore}. */
export interface StoreLimits {
  items: number
  /** Of frames. */
  bytes: number
  /** In ms. */
  ttl: number
}

/** Options of {@link FramedItem}. */
export interface FramedItemInit {
  type: BroadcastMessage['type']
  key: string
  frame: Frame
  /** Whether it is announced rather than pushed to all peers. */
  isLarge: boolean
  /** The encoded block, where it is a large one. */
  block?: Uint8Array | undefined
  /** What that was put together from, where it was. */
  origin?: BlockOrigin | undefined
}

/** What a peer was sent. */
interface Sending {
  frame: Frame
  /** True until something has shown that the peer has it. */
  mayWait: boolean
}

/** A block or transaction in the frame in which all peers get it, and the peers that it was sent to. */
export class FramedItem {
  readonly type: BroadcastMessage['type']
  readonly key: string
  readonly frame: Frame
  readonly isLarge: boolean
  readonly block: Uint8Array | undefined
  readonly origin: BlockOrigin | undefined
  /** By peer id. */
  readonly #recipients = new Map<string, Sending>()

  constructor ({ type, key, frame, isLarge, block, origin }: FramedItemInit) {
    this.type = type
    this.key = key
    this.frame = frame
    this.isLarge = isLarge
    this.block = block
    this.origin = origin
  }

  /** How many peers it was sent to. */
  get sent (): number {
    return this.#recipients.size
  }

  /** False where it was sent to this peer, or to MAX_RECIPIENTS. The whole item may follow another form of it, once. */
  mayGoTo (id: string, frame: Frame = this.frame): boolean {
    const sent = this.#recipients.get(id)

    return sent == null ? this.#recipients.size < MAX_RECIPIENTS : frame === this.frame && sent.frame !== frame
  }

  wasSentTo (id: string): boolean {
    return this.#recipients.has(id)
  }

  noteSent (id: string, frame: Frame = this.frame): void {
    this.#recipients.set(id, { frame, mayWait: true })
  }

  /** Notes that a peer has it. Gives, once, the frame in which it was sent to that peer and may still wait in its outbox. */
  noteArrived (id: string): Frame | undefined {
    const sent = this.#recipients.get(id)

    if (sent?.mayWait !== true) {
      return undefined
    }

    sent.mayWait = false

    return sent.frame
  }

  /** Whether it was sent to a peer, and nothing has shown that it arrived. */
  isOnItsWay (id: string): boolean {
    return this.#recipients.get(id)?.mayWait === true
  }

  /** Forgets a peer that has gone: whether the item arrived is not known. */
  forgetPeer (id: string): void {
    this.#recipients.delete(id)
  }
}

/**
 * Items by the key of their digest, bounded in number, bytes and time. The oldest transaction makes room, and where there is none the
 * oldest block: transactions cost little, and blocks are what peers must not wait for.
 */
export class ItemStore {
  readonly #clock: Clock
  readonly #limits: StoreLimits
  /** The oldest first. */
  readonly #items = new Map<string, { item: FramedItem, expires: number }>()
  /** The keys by their short keys. */
  readonly #keys = new Map<string, string>()
  #bytes = 0
  #timer: unknown

  constructor (clock: Clock, limits: StoreLimits = { items: MAX_STORED_ITEMS, bytes: MAX_STORED_BYTES, ttl: STORED_TTL_MS }) {
    this.#clock = clock
    this.#limits = limits
  }

  get size (): number {
    return this.#items.size
  }

  /** Bytes of the frames that it keeps. */
  get bytes (): number {
    return this.#bytes
  }

  /** How much it keeps, and how much it may. */
  get usage (): Usage {
    return { items: this.size, maxItems: this.#limits.items, bytes: this.#bytes, maxBytes: this.#limits.bytes }
  }

  /** The oldest first. */
  [Symbol.iterator] (): Iterator<FramedItem> {
    return [...this.#items.values()].map(({ item }) => item)[Symbol.iterator]()
  }

  /** The item with this digest, or with this short one: the key of either. */
  get (key: string): FramedItem | undefined {
    return (this.#items.get(key) ?? this.#items.get(this.#keys.get(key) ?? ''))?.item
  }

  /** Keeps an item, as the latest, in place of one with the same key. False where it is too large for that. */
  add (item: FramedItem): boolean {
    this.#delete(item.key)

    if (item.frame.byteLength > this.#limits.bytes) {
      return false
    }

    while (this.#items.size >= this.#limits.items || this.#bytes + item.frame.byteLength > this.#limits.bytes) {
      this.#delete(this.#victim!.item.key)
    }

    this.#keys.set(shortKeyOf(item.key), item.key)
    this.#items.set(item.key, { item, expires: this.#clock.now() + this.#limits.ttl })
    this.#bytes += item.frame.byteLength
    this.#timer ??= this.#clock.setTimeout(this.#expire, this.#limits.ttl)

    return true
  }

  /** Forgets all items. */
  clear (): void {
    this.#items.clear()
    this.#keys.clear()
    this.#bytes = 0
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  get #oldest (): { item: FramedItem, expires: number } | undefined {
    return this.#items.values().next().value
  }

  get #victim (): { item: FramedItem } | undefined {
    for (const entry of this.#items.values()) {
      if (entry.item.type === 'newTransaction') {
        return entry
      }
    }

    return this.#oldest
  }

  #delete (key: string): void {
    const entry = this.#items.get(key)

    if (entry != null) {
      this.#items.delete(key)
      this.#keys.delete(shortKeyOf(key))
      this.#bytes -= entry.item.frame.byteLength
    }
  }

  readonly #expire = (): void => {
    const now = this.#clock.now()
    this.#timer = undefined

    for (let oldest = this.#oldest; oldest != null; oldest = this.#oldest) {
      if (oldest.expires > now) {
        this.#timer = this.#clock.setTimeout(this.#expire, oldest.expires - now)
        return
      }

      this.#delete(oldest.item.key)
    }
  }
}

/**
 * The keys of the kept items that a peer with another session than before may not have. An item that was sent to it and is not known
 * to have arrived may have been lost with the other session: it may be sent again.
 */
export function takeUnconfirmed (peer: ReadyPeer, store: ItemStore, seen: SeenCache): string[] {
  const keys: string[] = []

  for (const item of store) {
    const index = seen.enter(item.key)

    if (item.isOnItsWay(peer.id)) {
      item.forgetPeer(peer.id)
      seen.removeHolder(index, peer.number)
    }

    if (!seen.isHolder(index, peer.number)) {
      keys.push(item.key)
    }
  }

  return keys
}
