import { BODY_FIELDS } from '../codec/wire/schema.ts'
import type { MessageType } from '../types/message.ts'
import type { TrafficStatus } from '../types/status.ts'
import type { TrafficByType } from '../types/traffic.ts'

type CountedType = MessageType | 'unknown'

/** What passes in every session. */
const IDLE_TYPES: readonly CountedType[] = ['handshake', 'ping', 'pong', 'requestPeers', 'responsePeers']

/** All types, in the order of their fields. */
const TYPES: readonly CountedType[] = ['unknown', ...Object.keys(BODY_FIELDS) as MessageType[]]

/** Where each type is counted: those of every session come first. */
const PLACES: Readonly<Record<CountedType, number>> = Object.fromEntries(
  [...new Set([...IDLE_TYPES, ...TYPES])].map((type, index) => [type, 2 * index])
) as Record<CountedType, number>

const NONE: number[] = []

/**
 * How many messages of each type have passed in one direction, and their bytes. An array of numbers: every message is counted. It is a
 * plain one, since a typed array has a buffer, and no longer than it has to be: there are two of these for each session.
 */
export class Traffic {
  /** For each type the messages, and then the bytes. */
  #counts: number[] = NONE
  readonly #total: Traffic | undefined

  /** Everything counts for `total` too. */
  constructor (total?: Traffic) {
    this.#total = total
  }

  /** Counts a message of so many bytes. */
  add (type: MessageType | undefined, bytes: number): void {
    const at = PLACES[type ?? 'unknown']

    if (at >= this.#counts.length) {
      this.#grow(at)
    }

    this.#counts[at]!++
    this.#counts[at + 1]! += bytes
    this.#total?.add(type, bytes)
  }

  /** What there was, by type, without types of which there was nothing. */
  byType (): TrafficByType {
    const found: TrafficByType = {}

    for (const type of TYPES) {
      const messages = this.#counts[PLACES[type]] ?? 0

      if (messages > 0) {
        found[type] = { messages, bytes: this.#counts[PLACES[type] + 1]! }
      }
    }

    return found
  }

  /** What there was, with the bytes in all. */
  status (): TrafficStatus {
    return { bytes: this.#counts.reduce((sum, count, at) => at % 2 === 0 ? sum : sum + count, 0), byType: this.byType() }
  }

  #grow (at: number): void {
    const types = at < 2 * IDLE_TYPES.length ? IDLE_TYPES : TYPES
    const counts = new Array<number>(2 * types.length).fill(0)
    this.#counts.forEach((count, index) => { counts[index] = count })
    this.#counts = counts
  }
}
