import { decodeBlock, readRange } from '../codec/items.ts'
import { ProtocolViolationError, RequestError } from '../errors.ts'
import type { Clock } from '../clock.ts'
import type { Block } from '../types/block.ts'

/** Bytes of blocks that wait for their taker, above which the peer is not read. */
export const RANGE_INBOX_BYTES: number = 1024 * 1024

/** What a response has to be. */
export interface ExpectedRange {
  /** Height of the next block. */
  next: number
  /** Height of the last block that was asked for. */
  lastHeight: number
  /** The block below `next`, where it is known. */
  previous: Block | undefined
}

/** What {@link RangeInbox} is made with. */
export interface RangeInboxInit {
  clock: Clock
  /** How long the taker may hold up the peer, in ms. */
  holdTimeout: number
  expected: ExpectedRange
  onHeldTooLong: () => void
}

/**
 * The blocks of one range response on their way to whoever takes them: checked as they come, in memory only up to a
 * mark, and never more of them than were asked for.
 */
export class RangeInbox {
  readonly #init: RangeInboxInit
  readonly #expected: ExpectedRange
  /** Links within this response are the peer's to answer for; the one to what came before it is not. */
  #isFirst = true
  readonly #waiting: { block: Block, bytes: number }[] = []
  #bytes = 0
  #ended = false
  #error: unknown
  #wakeTaker: (() => void) | undefined
  #wakePeer: (() => void) | undefined

  constructor (init: RangeInboxInit) {
    this.#init = init
    this.#expected = { ...init.expected }
  }

  /** Takes a frame of the response. True where it is the last; a promise where the taker has to catch up first. */
  onResponse (body: Uint8Array): boolean | Promise<boolean> {
    const { items, last } = readRange(body)

    if (items.length === 0 && !last) {
      throw new ProtocolViolationError('a range response with neither blocks nor an end')
    }

    for (const item of items) {
      this.#push(decodeChecked(item, this.#expected.lastHeight - this.#expected.next + 1), item.byteLength)
    }

    this.#wakeTaker?.()
    this.#wakeTaker = undefined

    return last || this.#bytes < RANGE_INBOX_BYTES ? last : this.#whenTaken()
  }

  /** Ends it, with what went wrong if anything did. What has come before is still given out. */
  end (error?: unknown): void {
    this.#ended = true
    this.#error = error
    this.#wakeTaker?.()
    this.#wakePeer?.()
  }

  /** The blocks, as they come. Throws the error that it ended with. */
  async * blocks (): AsyncGenerator<Block> {
    while (true) {
      const next = this.#waiting.shift()

      if (next != null) {
        this.#bytes -= next.bytes

        if (this.#bytes < RANGE_INBOX_BYTES) {
          this.#wakePeer?.()
        }

        yield next.block
      } else if (!this.#ended) {
        await new Promise<void>((resolve) => { this.#wakeTaker = resolve })
      } else if (this.#error != null) {
        throw this.#error as Error
      } else {
        return
      }
    }
  }

  #push (block: Block, bytes: number): void {
    const { next, lastHeight, previous } = this.#expected

    if (block.height !== next || block.height > lastHeight) {
      throw new ProtocolViolationError(`block ${block.height} where block ${next} was due`)
    }

    if (previous != null && !isChild(block, previous)) {
      const message = `block ${block.height} is not linked to the one before`
      throw this.#isFirst ? new RequestError('INVALID_RESPONSE', message) : new ProtocolViolationError(message)
    }

    this.#isFirst = false
    this.#expected.next++
    this.#expected.previous = block
    this.#waiting.push({ block, bytes })
    this.#bytes += bytes
  }

  async #whenTaken (): Promise<boolean> {
    const timer = this.#init.clock.setTimeout(this.#init.onHeldTooLong, this.#init.holdTimeout)

    await new Promise<void>((resolve) => { this.#wakePeer = resolve })
    this.#init.clock.clearTimeout(timer)

    return false
  }
}

/** Decodes a block, unless there are already as many as were asked for. */
function decodeChecked (item: Uint8Array, left: number): Block {
  if (left <= 0) {
    throw new ProtocolViolationError('more blocks than were asked for')
  }

  return decodeBlock(item)
}

function isChild (block: Block, parent: Block): boolean {
  return block.prevHash.every((byte, i) => byte === parent.hash[i])
}
