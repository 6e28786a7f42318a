import { bodyField, typeOfField } from '../codec/envelope.ts'
import { BODY_FIELDS } from '../codec/wire/schema.ts'
import type { MessageType } from '../types/message.ts'
import type { TrafficStatus } from '../types/status.ts'
import type { TrafficByType } from '../types/traffic.ts'

/** One more than the largest field of a message. Field 0, which there is none of, counts types that are not known. */
const FIELDS: number = Math.max(...Object.values(BODY_FIELDS)) + 1

/**
 * How many messages of each type have passed in one direction, and their bytes. An array of numbers: every message is counted. It is a
 * plain one, since a typed array has a buffer, and there are two of these for each session.
 */
export class Traffic {
  /** For each field the messages, and then the bytes. */
  readonly #counts = new Array<number>(2 * FIELDS).fill(0)
  readonly #total: Traffic | undefined

  /** Everything counts for `total` too. */
  constructor (total?: Traffic) {
    this.#total = total
  }

  /** Counts a message of so many bytes. */
  add (type: MessageType | undefined, bytes: number): void {
    const field = type == null ? 0 : bodyField(type)
    this.#counts[2 * field]!++
    this.#counts[2 * field + 1]! += bytes
    this.#total?.add(type, bytes)
  }

  /** What there was, by type, without types of which there was nothing. */
  byType (): TrafficByType {
    const found: TrafficByType = {}

    for (let field = 0; field < FIELDS; field++) {
      const messages = this.#counts[2 * field]!

      if (messages > 0) {
        found[typeOfField(field) ?? 'unknown'] = { messages, bytes: this.#counts[2 * field + 1]! }
      }
    }

    return found
  }

  /** What there was, with the bytes in all. */
  status (): TrafficStatus {
    return { bytes: this.#counts.reduce((sum, count, at) => at % 2 === 0 ? sum : sum + count, 0), byType: this.byType() }
  }
}
