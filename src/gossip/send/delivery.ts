import { keyToDigest } from '../digest-key.ts'
import { encodeFrame } from '../../codec/frame.ts'
import { encodeMessage } from '../../codec/message.ts'
import { circuitOf } from '../../session/circuit.ts'
import { budgetOf } from '../../session/limits/send-budget.ts'
import type { Session } from '../../session/session.ts'
import type { ReadyPeer } from '../peers.ts'
import type { Frame } from '../../session/send/send-queue.ts'
import type { BroadcastMessage } from '../../types/message.ts'

type ItemType = BroadcastMessage['type']

/** The priority in which items of each type are sent. */
export const PRIORITY = { newBlock: 'block', newTransaction: 'transaction' } as const

/** The budget of a peer that items of each type count for. */
const BUDGET = { newBlock: 'blocks', newTransaction: 'transactions' } as const

/** Sends items and announcements to single peers, and to none more than it takes. */
export class Delivery {
  readonly #onThrottled: (type: ItemType) => void

  /** `onThrottled` is called when a peer is not sent an item since it was sent as much as it takes. */
  constructor (onThrottled: (type: ItemType) => void = () => {}) {
    this.#onThrottled = onThrottled
  }

  /** Queues an item for a peer; `frame` is called where it may be sent. False where the peer does not get it. */
  push ({ session }: ReadyPeer, type: ItemType, frame: () => Frame): boolean {
    const budget = budgetOf(session)

    if (!budget.has(BUDGET[type])) {
      this.#onThrottled(type)
      return false
    }

    if (!hasRoom(session, type, frame)) {
      return false
    }

    const isQueued = session.sendFrame(PRIORITY[type], frame())

    if (isQueued) {
      budget.take(BUDGET[type])
    }

    return isQueued
  }

  /** Announces items to a peer, as many as its budget allows now. `have` gives the frame for all of them. */
  announce ({ session }: ReadyPeer, keys: readonly string[], have: () => Uint8Array): boolean {
    const budget = budgetOf(session)
    const count = Math.min(keys.length, budget.left('digests'))

    if (count === 0 || !session.sendFrame('control', count === keys.length ? have() : haveFrame(keys.slice(0, count)))) {
      return false
    }

    budget.take('digests', count)

    return true
  }
}

/**
 * Whether an item goes through the connection of a peer, where a relay limits it. Blocks may use up all of it, transactions half: a
 * network has more of them than such a connection carries, and no peer relies on having been sent one.
 */
function hasRoom (session: Session, type: ItemType, frame: () => Frame): boolean {
  const circuit = circuitOf(session)

  if (!circuit.isLimited) {
    return true
  }

  const { byteLength } = frame()

  return type === 'newBlock' ? circuit.fits(byteLength) : circuit.room - byteLength >= circuit.capacity / 2
}

/** A frame that announces items. */
export function haveFrame (keys: readonly string[]): Uint8Array {
  return encodeFrame(encodeMessage({ type: 'have', digests: keys.map(keyToDigest) }))
}

/** Whether so much waits to be sent to a peer that the node should begin nothing large. */
export function isBusy ({ session }: ReadyPeer): boolean {
  return !session.outbox.belowMark
}
