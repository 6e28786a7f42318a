import { SeenCache } from './seen-cache.ts'
import { digestKeyOf } from '../codec/digest.ts'
import { encodeBroadcast, encodeItemFrame } from '../codec/item-frame.ts'
import { decodeBlock, decodeTransaction, readItem } from '../codec/items.ts'
import { DecodeError } from '../errors.ts'
import type { Clock } from '../clock.ts'
import type { Session } from '../peer/handler.ts'
import type { BroadcastResult, SessionManager } from '../peer/manager.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { Verdict } from '../types/verdict.ts'

/** The messages that are relayed. */
export type RelayedType = BroadcastMessage['type']

/** What {@link Relay} is made with. */
export interface RelayInit {
  peers: SessionManager
  clock: Clock
  maxFrameBytes: number
  /** Asks the application. Never throws, and never rejects. */
  judge: (message: BroadcastMessage, from: Session) => Verdict | Promise<Verdict>
  /** Called with what the application thinks of an item, before an accepted one is relayed. */
  onVerdict: (message: BroadcastMessage, from: Session, verdict: Verdict) => void
}

/** An item that was not met before. */
interface Met {
  message: BroadcastMessage
  item: Uint8Array
  key: string
  from: Session
  /** The peers that have it. */
  holders: readonly string[]
}

/**
 * Hands blocks and transactions on: each new one to the application once, and what it accepts to every peer that does
 * not have it, as the bytes that came. One that was met before costs a digest and no decoding.
 */
export class Relay {
  readonly #init: RelayInit
  readonly #seen: SeenCache

  constructor (init: RelayInit) {
    this.#init = init
    this.#seen = new SeenCache(init.clock)
  }

  /** Sends our own block or transaction to every ready peer. Throws an EncodeError where it does not fit the wire. */
  broadcast (message: BroadcastMessage): BroadcastResult {
    const { item, frame } = encodeBroadcast(message, this.#init.maxFrameBytes)
    this.#seen.add(digestKeyOf(item))

    return this.#send(message.type, () => frame, [])
  }

  /**
   * Takes a block or transaction from a peer. Returns what to wait for where the application takes its time.
   * Throws a DecodeError where it is not one.
   */
  onMessage (type: RelayedType, body: Uint8Array, from: Session): Promise<void> | undefined {
    const item = readItem(body)

    if (item == null) {
      throw new DecodeError(`Expected a ${type} with a content`)
    }

    const key = digestKeyOf(item)

    if (!this.#seen.add(key, from.id)) {
      return
    }

    const message = this.#decode(type, item, key)
    const verdict = this.#init.judge(message, from)

    if (typeof verdict === 'string') {
      this.#onVerdict({ message, item, key, from, holders: [from.id] }, verdict)
      return
    }

    const holders = this.#seen.watch(key, from.id)

    return verdict.then((verdict) => {
      this.#seen.settle(key)
      this.#onVerdict({ message, item, key, from, holders }, verdict)
    })
  }

  #decode (type: RelayedType, item: Uint8Array, key: string): BroadcastMessage {
    try {
      return type === 'newBlock'
        ? { type, block: decodeBlock(item) }
        : { type, transaction: decodeTransaction(item) }
    } catch (err) {
      this.#seen.forget(key)
      throw err
    }
  }

  #onVerdict ({ message, item, key, from, holders }: Met, verdict: Verdict): void {
    // what is of no use now may be of use later, such as a block whose parent is on its way
    if (verdict === 'ignore') {
      this.#seen.forget(key)
    }

    this.#init.onVerdict(message, from, verdict)

    if (verdict === 'accept') {
      this.#send(message.type, () => encodeItemFrame(message.type, item, this.#init.maxFrameBytes), holders)
    }
  }

  #send (type: RelayedType, frame: () => Uint8Array, holders: readonly string[]): BroadcastResult {
    return this.#init.peers.broadcastFrame(type === 'newBlock' ? 'block' : 'transaction', frame, holders)
  }
}
