import { createHash } from 'node:crypto'
import { itemBytes } from './item-bytes.ts'
import type { Arrival } from './arrival.ts'

/** Digests that are kept: more than all checks invent. */
export const MAX_SIGHTINGS = 10_000

/** Which items have come, or were announced, in any session of the tester. The oldest are forgotten. */
export class Sightings {
  readonly #digests = new Set<string>()

  /** Whether the item of this digest has come. */
  has (digest: Uint8Array): boolean {
    return this.#digests.has(hex(digest))
  }

  /** Notes what is in a frame of the target. */
  note ({ message, bytes }: Pick<Arrival, 'message' | 'bytes'>): void {
    if (message?.type === 'have') {
      message.digests.forEach((digest) => { this.#add(hex(digest)) })
    } else if (message?.type === 'newBlock' || message?.type === 'newTransaction') {
      this.#add(createHash('sha256').update(itemBytes({ bytes })).digest('hex'))
    }
  }

  #add (digest: string): void {
    this.#digests.add(digest)

    if (this.#digests.size > MAX_SIGHTINGS) {
      this.#digests.delete(this.#digests.values().next().value!)
    }
  }
}

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
