import { bodyField, typeOfField } from '../codec/envelope.ts'
import { BODY_FIELDS } from '../codec/wire/schema.ts'
import type { MessageType } from '../types/message.ts'
import type { TrafficStatus } from '../types/status.ts'
import type { TrafficByType } from '../types/traffic.ts'

/** One more than the largest field of a message. Field 0, which there is none of, counts types that are not known. */
const FIELDS: number = Math.max(...Object.values(BODY_FIELDS)) + 1

/**
 * How many messages of each type have passed in one direction, and their bytes. Arrays of numbers: every message is counted.
 */
export class Traffic {
  readonly #messages = new Float64Array(FIELDS)
  readonly #bytes = new Float64Array(FIELDS)
  readonly #total: Traffic | undefined

  /** Everything counts for `total` too. */
  constructor (total?: Traffic) {
    this.#total = total
  }

  /** Counts a message of so many bytes. */
  add (type: MessageType | undefined, bytes: number): void {
    const field = type == null ? 0 : bodyField(type)
    this.#messages[field]!++
    this.#bytes[field]! += bytes
    this.#total?.add(type, bytes)
  }

  /** What there was, by type, without types of which there was nothing. */
  byType (): TrafficByType {
    const found: TrafficByType = {}

    this.#messages.forEach((messages, field) => {
      if (messages > 0) {
        found[typeOfField(field) ?? 'unknown'] = { messages, bytes: this.#bytes[field]! }
      }
    })

    return found
  }

  /** What there was, with the bytes in all. */
  status (): TrafficStatus {
    return { bytes: this.#bytes.reduce((sum, bytes) => sum + bytes, 0), byType: this.byType() }
  }
}
